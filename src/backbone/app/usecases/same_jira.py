"""Whether another address leads to the Jira that the issues are in: ids mean nothing in another one.

Jira tells no id of its own that outlives a change of its address, so its projects and some of its issues are recognized.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.app.declaration.declared import Declared
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.contradictions import Contradicted, JiraAway
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.own_connections import declared_part
from backbone.app.usecases.projects import declared_key, known_project
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, IssueKey, IssueRef
from backbone.core.model.pair import PairState
from backbone.ports.store import Store
from backbone.ports.tracker import AccessError, AccountInfo, Lane, Tracker, TrackerError, Wanted

ISSUES = 5
"""So many issues of pairs are looked for."""

_CURE = "Check the address: it has to be the same Jira, and the account has to see the project."


async def require_same_jira(store: Store, tracker: Tracker, halves: Sequence[HalfConfiguration]) -> AccountInfo:
    """Log in and recognize the projects of these halves; the account. Raises Contradicted and JiraAway."""
    try:
        account = await tracker.account()
        if any(half.renders is not account.cloud for half in halves):
            raise Contradicted("The Jira at this address is of another kind: Cloud or not.", _CURE)
        for half in halves:
            await _require_project(store, tracker, half)
            await _require_issues(store, tracker, half)
    except AccessError as error:
        raise Contradicted(f"Jira refuses: {error.cause.rstrip('.')}.", f"{error.remedy.rstrip('.')}.") from error
    except TrackerError as error:
        cause = f"This Jira can't be reached: {str(error).rstrip('.')}."
        raise JiraAway(cause, "Check address, proxy and network, then try again.") from error
    return account


async def require_same_jiras(store: Store, declared: Declared, trackers: Mapping[ConnectionName, Tracker]) -> None:
    """For a file that declares other addresses than those that are known. Raises Mistake."""
    async with store.unit() as uow:
        known = {one.name: declared_part(one).get("url") for one in await uow.synchronizations.connections()}
        halves = await halves_of(uow, await uow.synchronizations.all())
    for one in declared.connections:
        mine = [half for half in halves if half.jira == one.name]
        if known.get(one.name) in (None, one.url) or not mine:
            continue
        try:
            await require_same_jira(store, trackers[one.name], mine)
        except (Contradicted, JiraAway) as error:
            raise Mistake(f"connection {one.name}", error.cause, error.cure) from error


async def _require_project(store: Store, tracker: Tracker, half: HalfConfiguration) -> None:
    async with store.unit() as uow:
        one = await uow.synchronizations.get(half.synchronization)
    known = None if one is None else known_project(one, half)
    declared = "" if one is None else declared_key(one.document, half.role)
    keys = {key.casefold() for key in ([known.key, *known.former] if known else [declared])} - {half.project}
    found = await tracker.project(half.project)
    if found is None:
        raise Contradicted(f"There is no project with the id {half.project} at this address.", _CURE)
    if keys and keys.isdisjoint(key.casefold() for key in (found.key, *found.former)):
        raise Contradicted(f"The project with the id {half.project} is called {found.key} at this address.", _CURE)


async def _require_issues(store: Store, tracker: Tracker, half: HalfConfiguration) -> None:
    """Of the issues that are synchronized at least one has to be there, and none may be another one."""
    known = await _issues(store, half)
    found = await tracker.read_many([one.id for one in known], Wanted(), Lane.LIVE) if known else {}
    there = [(one, found[one.id]) for one in known if one.id in found and found[one.id].project == half.project]
    other = [one.key for one, snapshot in there if _number(snapshot.ref.key) != _number(one.key)]
    if other:
        raise Contradicted(f"The issue that was {other[0]} is another one at this address.", _CURE)
    if known and not there:
        raise Contradicted(f"None of {len(known)} issues that are synchronized is at this address.", _CURE)


async def _issues(store: Store, half: HalfConfiguration) -> list[IssueRef]:
    found: list[IssueRef] = []
    async with store.unit() as uow:
        async for pair in uow.pairs.all(half.connector):
            if pair.local is not None and pair.state is PairState.LINKED:
                found.append(pair.local)
            if len(found) == ISSUES:
                break
    return found


def _number(key: IssueKey) -> str:
    return key.rpartition("-")[2]
