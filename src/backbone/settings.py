"""What is set from outside, by environment variables: where state lives, and how the program speaks."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


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


Network = IPv4Network | IPv6Network


def _networks(given: object) -> object:
    if not isinstance(given, str):
        return given
    return tuple(ip_network(one.strip(), strict=False) for one in given.split(",") if one.strip())


def _listened_at(given: str) -> str:
    if given.strip().casefold() in ("", "off"):
        return ""
    host, colon, port = given.strip().rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 65536):
        raise ValueError("this is no address such as 127.0.0.1:8090")
    return f"{host.strip('[]')}:{port}"


def _public(given: str | None) -> str | None:
    if given is None:
        return None
    parts = urlsplit(given)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError("this is no address such as https://sync.example.com")
    return given.rstrip("/")


class Settings(BaseSettings):
    """Every setting is the environment variable ``BACKBONE_`` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="BACKBONE_",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(default_factory=_default_home)
    """Folder for everything that is kept; the database that Backbone brings along lies in it."""
    database_url: SecretStr | None = None
    """Address of a PostgreSQL (15 or newer) of your own, such as `postgresql://backbone@db.example/backbone`."""
    pg_bin: Path | None = None
    """Folder with programs of PostgreSQL to use instead of the bundled ones."""
    secret_key: SecretStr | None = None
    """Key that secrets in the database are sealed with; two, the new one first, while they are exchanged.

    Without it there is a file `secret-key` in the home folder, made when it is first needed.
    """
    sign_in_connection: str | None = None
    """Name of the one connection whose Jira accounts may sign in; without it only local administrators can."""
    log_level: Annotated[LogLevel, BeforeValidator(_folded)] = LogLevel.INFO
    """The least important log lines that are written."""
    log_format: Annotated[LogFormat, BeforeValidator(_folded)] = LogFormat.CONSOLE
    """Log lines for people or for programs; they go to standard error."""
    time_zone: ZoneInfo = ZoneInfo("UTC")
    """Zone in which asynchronous tasks of the REST API show their instants, such as `Europe/Berlin`."""
    concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    """How many issues a process works on at the same time."""
    http: Annotated[str, AfterValidator(_listened_at)] = "127.0.0.1:8090"
    """Where `serve` listens for the REST API, as HOST:PORT; empty or `off`: nowhere. Port 0 lets the system choose."""
    http_certificate: Path | None = None
    """File with the certificate (PEM, with those between it and the root); with it the REST API is served over TLS."""
    http_key: Path | None = None
    """File with the private key of the certificate, if it is not in the same file."""
    public_address: Annotated[str | None, AfterValidator(_public)] = None
    """Where callers and Jiras find the REST API, such as `https://sync.example.com/backbone`; a path is taken off by us."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = ()
    """Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, with commas between."""

    metrics_without_login: bool = False
    """Whether a collector on the same machine may read `GET …/metrics` without a log-in; not through a proxy."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, given: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in given.items() if value != "" or name == "http"}


def shown(settings: Settings) -> dict[str, object]:
    """The settings for people who help: of what is secret, and of addresses, only whether it is set."""
    return {name: _shown(getattr(settings, name)) for name in Settings.model_fields}


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return "(set)"
    return value if value is None or isinstance(value, bool | int) else str(value)


DEFAULTS = {"home": "the platform's data folder, such as `~/.local/share/backbone`", "trusted_proxies": "nobody"}
"""Defaults that differ from machine to machine or show badly, in words for the reference."""
