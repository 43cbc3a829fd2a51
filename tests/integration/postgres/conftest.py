"""Home folders for servers that tests start, kill and damage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.postgres import (
    any_database,
    any_postgres,
    bundled_postgres,
    database,
    debian_binaries,
    debian_postgres,
    home_folder,
    migrate_schema,
)

__all__ = ["any_database", "any_postgres", "bundled_postgres", "database", "debian_postgres", "migrate_schema"]


@pytest.fixture
def home() -> Iterator[Path]:
    with home_folder() as folder:
        yield folder


@pytest.fixture(params=["bundled", "debian"])
def programs(request: pytest.FixtureRequest) -> Path | None:
    """The folder of programs to give to `start`: none for the bundled ones."""
    return debian_binaries() if request.param == "debian" else None
