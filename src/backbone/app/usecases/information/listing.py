"""Listing sync information: by pages, each read by itself, so that a slow reader keeps nothing open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from backbone.app.engine.context import Engine
from backbone.app.engine.handing import partner_half
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, IssueKey
from backbone.ports.administration import AdministrationStore
from backbone.ports.information import Choice, Entry, IssueChoice
from backbone.ports.tracker import Lane, TrackerError, Unavailable, Wanted

PAGE = 500

ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}-[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Entries of a connector from the ``start``-th on, at most ``most``; ``total`` counts all that match."""

    store: AdministrationStore
    connector: ConnectorKey
    choice: Choice
    start: int
    most: int | None
    total: int

    async def pages(self) -> AsyncIterator[Sequence[Entry]]:
        """No transaction is open while a page is given away."""
        after, skip, left = 0, self.start, self.most
        while left is None or left > 0:
            limit = PAGE if left is None else min(PAGE, left)
            async with self.store.administration() as unit:
                page = await unit.information.page(self.connector, self.choice, after=after, skip=skip, limit=limit)
            if page:
                yield page
            if len(page) < limit:
                return
            after, skip = page[-1].id, 0
            left = None if left is None else left - len(page)


async def list_information(
    store: AdministrationStore,
    engine: Engine,
    connector: ConnectorKey,
    *,
    local: str | None,
    remote: str | None,
    start: int = 0,
    most: int | None = None,
) -> Listing:
    """Entries of a connector; ``local`` and ``remote`` are keys, be they former ones."""
    async with store.administration() as unit:
        half = await unit.synchronizations.half(connector)
        other = await partner_half(unit, half)
        choice = Choice(
            local=None if local is None else IssueChoice(key=IssueKey(local)),
            remote=None if remote is None else IssueChoice(key=IssueKey(remote)),
        )
        total = await unit.information.count(connector, choice)
    if not total and (local is not None or remote is not None):
        choice = Choice(local=await _by_id(engine, half, local), remote=await _by_id(engine, other, remote))
        async with store.administration() as unit:
            total = await unit.information.count(connector, choice)
    return Listing(store=store, connector=connector, choice=choice, start=start, most=most, total=total)


async def _by_id(engine: Engine, half: HalfConfiguration | None, key: str | None) -> IssueChoice | None:
    """The issue by its id as well: Jira still knows it by the keys that it had before its project was renamed.

    The Jira of a partner elsewhere can't be asked.
    """
    if key is None:
        return None
    choice = IssueChoice(key=IssueKey(key))
    if half is None or not ISSUE_KEY.fullmatch(key):
        return choice
    try:
        found = await engine.tracker(half).read(IssueId(key), Wanted(), Lane.LIVE)
    except TrackerError:
        return choice
    return choice if isinstance(found, Unavailable) else IssueChoice(key=IssueKey(key), id=found.ref.id)
