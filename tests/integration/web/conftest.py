"""The REST API over a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backbone.adapters.store.schema import prepare_now
from tests.parts.office import Office, office
from tests.parts.postgres import Migrate, bundled_postgres, database

__all__ = ["bundled_postgres", "database"]


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate | None:
    """Every test begins with our schema."""
    return prepare_now


@pytest.fixture
async def here(database: str) -> AsyncIterator[Office]:
    async with office(database) as made:
        yield made
