"""A resync over a world in memory: the ledger is a set that is struck out as the store's transactions are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from backbone.app.engine.resync import Fate, Resync, resync_issues
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, FieldId, IssueId, MappingId, Millis
from backbone.core.sync.resync import Assertion
from backbone.ports.store import Fence, LockLost, UnitOfWork
from backbone.ports.tracker import TransientError
from tests.fakes.world import Crash, World


@dataclass(slots=True)
class Struck:
    """What was committed."""

    world: World
    fates: dict[IssueId, Fate] = field(default_factory=dict)

    @property
    def issues(self) -> frozenset[IssueId]:
        return frozenset(self.fates)

    @asynccontextmanager
    async def striking(self, issue: IssueId, fate: Fate) -> AsyncIterator[UnitOfWork]:
        assert fate is not Fate.LATER
        async with self.world.store.unit() as uow:
            committed = uow.commit

            async def commit(*fences: Fence, lasting: bool = True) -> None:
                await committed(*fences, lasting=lasting)
                self.fates[issue] = fate

            uow.commit = commit  # type: ignore[method-assign]
            yield uow


async def resync(
    world: World,
    half: HalfConfiguration,
    *,
    fields: Sequence[FieldId] | None = None,
    status: bool = False,
    at: Millis | None = None,
    struck: Struck | None = None,
) -> Mapping[IssueId, Fate]:
    """Resynchronize every issue of a half's Jira that is not struck out; ends early where the process dies."""
    chosen = [one.field for one in half.fields if one.field != STATUS] if fields is None else fields
    mappings = frozenset(MappingId(f"m-{one}") for one in chosen)
    ledger = struck or Struck(world)
    wanted = Assertion(mappings=mappings, status=status, at=at if at is not None else world.system.now())
    issues = [issue for issue in world.jiras[half.connection].issues if issue not in ledger.issues]
    try:
        return await resync_issues(world.engine, Resync(half=half, wanted=wanted, ledger=ledger), sorted(issues))
    except (Crash, LockLost, TransientError):
        return {}
