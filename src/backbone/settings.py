"""What is set from outside, by environment variables: where state lives, and how the program speaks."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """Which log lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _default_home() -> Path:
    return user_data_path("backbone", appauthor=False)


def _folded(given: object) -> object:
    return given.casefold() if isinstance(given, str) else given


class Settings(BaseSettings):
    """Every setting is the environment variable ``BACKBONE_`` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="BACKBONE_",
        frozen=True,
        env_ignore_empty=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(default_factory=_default_home)
    """Folder for everything that is kept; the database that Backbone brings along lies in it."""
    database_url: SecretStr | None = None
    """Address of a PostgreSQL (15 or newer) of your own, such as `postgresql://backbone@db.example/backbone`."""
    pg_bin: Path | None = None
    """Folder with programs of PostgreSQL to use instead of the bundled ones."""
    log_level: Annotated[LogLevel, BeforeValidator(_folded)] = LogLevel.INFO
    """The least important log lines that are written."""
    log_format: Annotated[LogFormat, BeforeValidator(_folded)] = LogFormat.CONSOLE
    """Log lines for people or for programs; they go to standard error."""
    concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    """How many issues a process works on at the same time."""


DEFAULTS = {"home": "the platform's data folder, such as `~/.local/share/backbone`"}
"""Defaults that differ from machine to machine, in words for the reference."""
