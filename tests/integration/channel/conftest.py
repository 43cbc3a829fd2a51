"""Real mail servers, and a prepared database with workers, for the tests of this folder."""

from __future__ import annotations

from tests.integration.dispatch.conftest import bundled_postgres, database, home, migrate_schema, place
from tests.parts.mail_servers import mail_servers

__all__ = ["bundled_postgres", "database", "home", "mail_servers", "migrate_schema", "place"]
