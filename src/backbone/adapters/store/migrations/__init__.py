"""The way from every older schema to the newest, by Alembic."""

from __future__ import annotations
