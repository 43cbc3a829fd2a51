"""What a process is put together of."""

from __future__ import annotations

from backbone.bootstrap import assembled
from backbone.settings import Settings
from tests.parts.postgres import any_database, any_postgres, bundled_postgres, debian_postgres, migrate_schema

__all__ = ["any_database", "any_postgres", "bundled_postgres", "debian_postgres", "migrate_schema"]


async def test_all_turns_of_a_process_share_the_places_for_first_comments(any_database: str) -> None:
    async with assembled(Settings.model_validate({"database_url": any_database})) as backbone:
        first, second = backbone.engine, backbone.engine

    assert first.additions is second.additions
