"""What may come between a request and its effect: faults at writes, a search index that lags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from aiohttp import web


class WriteHooks(Protocol):
    """Called around every change made over REST."""

    async def before_write(self, request: web.Request, operation: str) -> None:
        """Run before the state changes, after the request was found valid."""
        ...

    async def after_write(self, request: web.Request, operation: str) -> None:
        """Run when the state has changed, before the answer is sent."""
        ...


class SearchVisibility(Protocol):
    """Which version of which issue a search can see."""

    def note(self, issue_id: int, version: int, now: datetime) -> None:
        """Remember that an issue has a new version."""
        ...

    def visible(self, now: datetime) -> Mapping[int, int] | None:
        """Version by issue id; ``None`` when the index is up to date."""
        ...


class NoHooks:
    """Nothing happens between a request and its effect."""

    async def before_write(self, request: web.Request, operation: str) -> None:
        """Do nothing."""

    async def after_write(self, request: web.Request, operation: str) -> None:
        """Do nothing."""


class NoIndex:
    """An index that is always up to date."""

    def note(self, issue_id: int, version: int, now: datetime) -> None:
        """Remember nothing."""

    def visible(self, now: datetime) -> Mapping[int, int] | None:
        """Everything as it is."""
        del now
        return None
