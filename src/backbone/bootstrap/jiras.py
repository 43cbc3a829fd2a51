"""The Jiras of a process: one tracker a connection, one budget a host, and one place for the blocks of an account."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from backbone.adapters.jira.budget import AccountBudget, CappedBudget, ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.app.declaration.credentials import (
    OpenedConnection,
    Unseal,
    nothing_sealed,
)
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.reopening import reopen
from backbone.core.model.keys import ConnectionName
from backbone.core.model.problems import Code
from backbone.ports.budget import HostBudget
from backbone.ports.records import StoredConnection
from backbone.ports.tracker import AccessError, Tracker, TransientError
from backbone.ports.webhooks import WebhookRegistry

if TYPE_CHECKING:  # it takes a third of a second to import, and half of the commands call no Jira
    from backbone.adapters.jira.tracker import JiraTracker


class Trackers(Mapping[ConnectionName, Tracker]):
    """The Jiras of this process. One that can't be reached for want of its secret fails when it is asked for.

    ``budget`` gives the budget of a host or the blocks of an account by its name, which all processes share.
    """

    def __init__(self, budget: Callable[[str], HostBudget]) -> None:
        self._budgets: dict[str, HostBudget] = {}
        self._new_budget = budget
        self._open: dict[ConnectionName, JiraTracker] = {}
        self._missing: dict[ConnectionName, Mistake] = {}
        self._documents: dict[ConnectionName, object] = {}

    def __getitem__(self, name: ConnectionName) -> Tracker:
        return self.jira(name)

    def jira(self, name: ConnectionName) -> JiraTracker:
        """The same with all that it can do. Raises AccessError, TransientError."""
        if name in self._open:
            return self._open[name]
        if name in self._missing:
            mistake = self._missing[name]
            raise AccessError(Code.LOGIN_REFUSED, f"{mistake.place}: {mistake.cause}", mistake.cure)
        raise TransientError(f"the connection {name} is not open yet", retry_after=2.0)

    def __iter__(self) -> Iterator[ConnectionName]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    async def refresh(self, stored: Sequence[StoredConnection], unseal: Unseal = nothing_sealed) -> bool:
        """Open what is new or was applied again; whether anything was. ``unseal`` opens secrets that are kept sealed."""
        changed = [one for one in stored if self._documents.get(one.name) != one.document]
        for one in changed:
            await self._close(one.name)
            self._documents[one.name] = one.document
            try:
                self._open[one.name] = tracker_of(reopen(one, os.environ, unseal), self._budget_of)
            except Mistake as mistake:
                self._missing[one.name] = mistake
        return bool(changed)

    async def unblock(self) -> None:
        """Lift the blocks of all hosts and accounts that are open here."""
        for budget in self._budgets.values():
            await budget.unblock()

    async def close(self) -> None:
        for name in list(self._open):
            await self._close(name)

    def _budget_of(self, name: str) -> HostBudget:
        """One for each host and for each account: connections to the same Jira share them."""
        if name not in self._budgets:
            self._budgets[name] = self._new_budget(name)
        return self._budgets[name]

    async def _close(self, name: ConnectionName) -> None:
        self._missing.pop(name, None)
        tracker = self._open.pop(name, None)
        if tracker is not None:
            await tracker.close()


class Registries(Mapping[ConnectionName, WebhookRegistry]):
    """The webhooks of the same Jiras."""

    def __init__(self, trackers: Trackers) -> None:
        self._trackers = trackers

    def __getitem__(self, name: ConnectionName) -> WebhookRegistry:
        return self._trackers.jira(name).webhooks

    def __iter__(self) -> Iterator[ConnectionName]:
        return iter(self._trackers)

    def __len__(self) -> int:
        return len(self._trackers)


def tracker_of(opened: OpenedConnection, budget_of: Callable[[str], HostBudget]) -> JiraTracker:
    """The tracker of a connection; nothing is called yet."""
    from backbone.adapters.jira.tracker import JiraTracker  # noqa: PLC0415  see the top

    connection = JiraConnection(
        base_url=opened.url,
        login=opened.login,
        proxy=opened.proxy,
        ca_file=opened.ca_file,
        former=opened.former,
    )
    budget: HostBudget = AccountBudget(budget_of(connection.host), budget_of(connection.account))
    return JiraTracker(connection, budget if opened.rate is None else CappedBudget(budget, opened.rate))


@asynccontextmanager
async def tried(candidate: StoredConnection, unseal: Unseal) -> AsyncIterator[Tracker]:
    """The Jira of a connection that is not stored yet. Raises Mistake."""
    opened = reopen(candidate, os.environ, unseal)
    async with opened_trackers({candidate.name: opened}) as trackers:
        yield trackers[candidate.name]


@asynccontextmanager
async def opened_trackers(
    connections: Mapping[ConnectionName, OpenedConnection],
) -> AsyncIterator[Mapping[ConnectionName, JiraTracker]]:
    """Trackers of a file that is not applied yet."""
    trackers = {name: tracker_of(one, lambda _: ProcessBudget()) for name, one in connections.items()}
    try:
        yield trackers
    finally:
        for tracker in trackers.values():
            await tracker.close()
