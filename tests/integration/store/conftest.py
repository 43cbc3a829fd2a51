"""Databases without and with our schema."""

from __future__ import annotations

from tests.parts.postgres import any_database, any_postgres, bundled_postgres, database, debian_postgres, migrate_schema

__all__ = ["any_database", "any_postgres", "bundled_postgres", "database", "debian_postgres", "migrate_schema"]
