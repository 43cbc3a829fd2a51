"""Whole commands in this process: two pretend Jiras, a fresh database, and what a person would type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backbone.cli.app import app
from tests.integration.cli.served_jiras import SECRETS, ServedJiras, served_jiras
from tests.parts.postgres import bundled_postgres, database, migrate_schema

__all__ = ["bundled_postgres", "database", "migrate_schema"]


@pytest.fixture
def jiras() -> Iterator[ServedJiras]:
    with served_jiras() as found:
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs commands as a person would."""

    environment: dict[str, str]

    def __call__(self, *words: str | Path, **environment: str) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], env={**self.environment, **environment})

    def json(self, *words: str | Path) -> Any:  # noqa: ANN401  whatever a command prints
        result = self(*words, "--json")
        assert result.exit_code in (0, 1), result.output
        return json.loads(result.stdout)


@pytest.fixture
def shell(database: str, tmp_path: Path) -> Shell:
    return Shell(
        environment={
            **SECRETS,
            "BACKBONE_DATABASE_URL": database,
            "BACKBONE_HOME": str(tmp_path / "home"),
            "BACKBONE_LOG_LEVEL": "warning",
            "BACKBONE_HTTP": "127.0.0.1:0",
        }
    )


@pytest.fixture
def applied(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> Path:
    """The file, applied."""
    file = jiras.write_file(tmp_path)
    result = shell("apply", file)
    assert result.exit_code == 0, result.output
    return file
