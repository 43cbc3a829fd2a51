"""From the keys of an import to the immutable ids of issues, in few calls, before anything changes.

Few keys are read, many are found by walking through the project once. What is left after that, such as the key of an
issue that was moved here, is asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backbone.app.engine.context import Engine
from backbone.app.usecases.information.refusals import EntryWrong
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, IssueKey, IssueRef
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.administration import AdministrationStore
from backbone.ports.tracker import Lane, Tracker, Unavailable, Wanted

MANY = 2_000
"""From so many keys on the whole project is walked through."""

SINGLY = 100
"""So many keys are asked for one by one; more than that are not a few exceptions."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Whose issues are to be found: those that an import calls local, or those that it calls remote."""

    name: str
    half: HalfConfiguration
    local: bool

    @property
    def field(self) -> str:
        return "localIssueKey" if self.local else "remoteIssueKey"


async def resolve_keys(store: AdministrationStore, engine: Engine, side: Side) -> Sequence[EntryWrong]:
    """Find every issue of one side; the first ones that are not in the project. Raises TrackerError."""
    finding = _Finding(store=store, tracker=engine.tracker(side.half), side=side)
    async with store.administration() as unit:
        prefixes = await unit.imports.prefixes(side.name, local=side.local)
        count = await unit.imports.count_unresolved(side.name, local=side.local)
    aliases = await finding.aliases(prefixes)
    if count >= MANY:
        await finding.walk(aliases)
    elif count:
        await finding.read(aliases)
    return await finding.ask_singly()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    store: AdministrationStore
    tracker: Tracker
    side: Side

    async def aliases(self, prefixes: Sequence[str]) -> Sequence[str]:
        """Keys that the project has or had, the current one first."""
        current = await self.tracker.project(self.side.half.project)
        if current is None:
            return []
        known: set[str] = {current.key, *current.former}
        for prefix in prefixes:
            if prefix not in known:
                found = await self.tracker.project(prefix)
                known |= {prefix} if found is not None and found.id == current.id else set()
        return [current.key, *sorted(known - {current.key})]

    async def walk(self, aliases: Sequence[str]) -> None:
        """All issues of the project, page by page."""
        async for page in self.tracker.matching(self.side.half.project, "", Wanted(), Lane.BULK):
            await self._note(page.issues, aliases)

    async def read(self, aliases: Sequence[str]) -> None:
        """The issues of these keys."""
        left = await self._unresolved(MANY)
        keys = sorted({_renamed(key, aliases) for _, key in left})
        for start in range(0, len(keys), _AT_ONCE):
            wanted = [IssueId(key) for key in keys[start : start + _AT_ONCE]]  # a key is as good as an id here
            found = await self.tracker.read_many(wanted, Wanted(), Lane.BULK)
            await self._note(found.values(), aliases)

    async def ask_singly(self) -> Sequence[EntryWrong]:
        """What is left: each is known to Jira by a former key, or it is not there."""
        left = await self._unresolved(SINGLY + 1)
        missing = []
        for one in left if len(left) <= SINGLY else ():
            found = await self.tracker.read(IssueId(one[1]), Wanted(), Lane.BULK)
            if isinstance(found, Unavailable) or found.project != self.side.half.project:
                missing.append(self._missing(one))
                continue
            async with self.store.administration() as unit:
                await unit.imports.resolve(self.side.name, {one[1]: found.ref}, local=self.side.local)
                await unit.commit(lasting=False)
        return missing if len(left) <= SINGLY else [self._missing(one) for one in left]

    async def _unresolved(self, limit: int) -> Sequence[tuple[int, IssueKey]]:
        async with self.store.administration() as unit:
            return await unit.imports.unresolved(self.side.name, local=self.side.local, limit=limit)

    async def _note(self, issues: Iterable[IssueSnapshot], aliases: Sequence[str]) -> None:
        mine = [one.ref for one in issues if one.project == self.side.half.project]
        found = {key: ref for ref in mine for key in _names(ref, aliases)}
        async with self.store.administration() as unit:
            await unit.imports.resolve(self.side.name, found, local=self.side.local)
            await unit.commit(lasting=False)

    def _missing(self, one: tuple[int, IssueKey]) -> EntryWrong:
        position, key = one
        return EntryWrong(position, self.side.field, f"there is no issue {key} in the project of {self._whose}")

    @property
    def _whose(self) -> str:
        return "this connector" if self.side.local else "the partner"


def _names(ref: IssueRef, aliases: Sequence[str]) -> list[IssueKey]:
    number = ref.key.rpartition("-")[2]
    return [ref.key, *(IssueKey(f"{alias}-{number}") for alias in aliases if f"{alias}-{number}" != ref.key)]


def _renamed(key: IssueKey, aliases: Sequence[str]) -> IssueKey:
    """The key as it is called today."""
    prefix, _, number = key.rpartition("-")
    return IssueKey(f"{aliases[0]}-{number}") if prefix in aliases else key
