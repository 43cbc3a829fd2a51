"""Sync information of a half whose partner is elsewhere: imported on both sides, deleted and restored on one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.adapters.store.schema import prepare_now
from backbone.app.access.caller import Caller
from backbone.app.engine.apply import run_apply
from backbone.app.engine.arriving import arrive
from backbone.app.engine.context import Engine
from backbone.app.usecases.information.deleting import delete_entry, restore
from backbone.app.usecases.information.importing import import_information
from backbone.app.usecases.information.listing import list_information
from backbone.app.usecases.information.pairing import Pairing, by_number, listed_keys, pair, preview
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.changes import IssueCreated
from backbone.core.model.keys import SUMMARY, IssueId, PairUid, ProjectId, Role
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import Scalar
from backbone.core.protocol.parcels import PairMessage
from backbone.ports.information import Entry
from backbone.ports.records import ApplyTurn, Synchronization
from backbone.ports.tracker import Lane, Wanted
from tests.contracts.store.test_channels import stored
from tests.fakes.apart import A, B
from tests.fakes.halves import BUG, FIELDS, half
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import FakeJira
from tests.fakes.world import FakeSystem
from tests.parts.postgres import DatabaseServer, Migrate

ANNA = Caller(name="local:anna", shown="anna", everything=True, address="192.0.2.7")


@pytest.fixture(scope="module")
def migrate_schema() -> Migrate:
    return prepare_now


class KeyedJira(FakeJira):
    """Finds issues by their keys as well as by their ids, as Jira does."""

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        ids = {str(one.ref.key): one.ref.id for one in self.issues.values()}
        return await super().read_many([ids.get(issue, issue) for issue in issues], wanted, lane)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One installation with its half and an issue in its Jira."""

    store: PostgresStore
    engine: Engine
    jira: FakeJira
    one: Synchronization
    issue: FakeIssue

    @property
    def pairing(self) -> Pairing:
        return Pairing(store=self.store, engine=self.engine, one=self.one, connector=self.one.connectors[0])

    async def pair(self, remote: str) -> int:
        return await pair(self.pairing, listed_keys([(self.issue.ref.key, remote)]), by=ANNA)

    async def pairs(self) -> list[Pair]:
        async with self.store.unit() as uow:
            return [one async for one in uow.pairs.all(self.one.connectors[0])]

    async def match(self) -> Pair:
        (known,) = await self.pairs()
        await run_apply(self.engine, ApplyTurn(connector=known.connector, pair=known.uid))
        (matched,) = await self.pairs()
        return matched


async def _office(store: PostgresStore, role: Role) -> Office:
    system = FakeSystem()
    name = A if role is Role.FIRST else B
    jira = KeyedJira(name, ProjectId(name), FIELDS, lambda: system.time)
    issue = jira.create_issue(BUG, {SUMMARY: Scalar("a")})
    first, second = half("INT-1", "A-1", "A", Role.FIRST), half("INT-1", "B-1", "B", Role.SECOND)
    own = first if role is Role.FIRST else second
    one = Synchronization(
        key=own.synchronization,
        name="Acme <> Beta",
        description="",
        wanted_running=True,
        revision=own.revision,
        first=first.connector,
        second=second.connector,
        here=role,
    )
    async with store.unit() as uow:
        await uow.synchronizations.save(one, [own])
        await uow.channels.save(stored(own.synchronization))
        await uow.commit()
    engine = Engine(store=store, trackers={own.connection: jira}, system=system, abreast=1)
    return Office(store=store, engine=engine, jira=jira, one=one, issue=issue)


@pytest.fixture
async def master(database: str) -> AsyncIterator[Office]:
    async with open_store(database, PostgresTurns, connections=3) as store:
        yield await _office(store, Role.FIRST)


@pytest.fixture
async def slave(bundled_postgres: DatabaseServer) -> AsyncIterator[Office]:
    with bundled_postgres.database(prepare_now) as dsn:
        async with open_store(dsn, PostgresTurns, connections=3) as store:
            yield await _office(store, Role.SECOND)


async def test_both_sides_find_one_name_for_a_pair_that_both_import(master: Office, slave: Office) -> None:
    assert await master.pair(slave.issue.ref.key) == 1
    assert await slave.pair(master.issue.ref.key) == 1
    (ours,), (theirs,) = await master.pairs(), await slave.pairs()

    assert ours.uid == theirs.uid
    assert (ours.state, theirs.state) == (PairState.MATCHING, PairState.MATCHING)
    assert (ours.born_here, theirs.born_here) == (True, False)


async def test_a_pair_of_existing_issues_begins_without_telling_what_was_said_before(master: Office) -> None:
    master.jira.comment(master.issue, "said long ago")
    await master.pair("E-7")
    matched = await master.match()

    assert matched.state is PairState.LINKED
    assert list(matched.comments) == list(master.issue.comments)
    async with master.store.unit() as uow:
        assert await uow.outbox.waiting(master.one.key) == 0


async def test_a_pair_that_is_known_stays_itself_when_it_is_imported(master: Office) -> None:
    await master.pair("E-7")
    before = await master.match()

    connector = master.one.connectors[0]
    entries = listed_keys([(master.issue.ref.key, "E-7")])
    done = await import_information(master.store, master.engine, master.one, connector, entries, by=ANNA)

    assert (done.entries, done.halves) == (1, 0)
    assert await master.pairs() == [before]


async def test_a_preview_names_the_pairs_and_compares_nothing(master: Office) -> None:
    shown = await preview(master.pairing, listed_keys([(master.issue.ref.key, "E-7")]))

    assert (shown.pairs, shown.compared, list(shown.wrong)) == (1, 0, [])
    assert shown.shown == [(master.issue.ref.key, "E-7")]
    assert await master.pairs() == []


async def test_numbers_of_a_partner_elsewhere_can_not_be_compared(master: Office) -> None:
    with pytest.raises(Mistake, match="can't be listed from here"):
        await anext(by_number(master.pairing))


async def test_an_import_ends_the_problem_of_pairs_that_were_not_known(master: Office) -> None:
    connector = master.one.connectors[0]
    async with master.store.unit() as uow:
        half = await uow.synchronizations.half(connector)
        told = PairMessage(pair=PairUid("u"), after=0, contents=(IssueCreated(issue=master.issue.ref),))
        await arrive(uow, half, [told], half.revision, master.engine.system.now())
        before = [one.problem.code for one in await uow.problems.open(master.one.key)]
        await uow.commit()
    await master.pair("E-7")

    async with master.store.unit() as uow:
        assert (before, await uow.problems.open(master.one.key)) == ([Code.HALF_PAIR], [])


async def _entries(office: Office) -> list[Entry]:
    connector = office.one.connectors[0]
    found = await list_information(office.store, office.engine, connector, local=None, remote="E-7")
    return [entry async for page in found.pages() for entry in page]


async def test_what_was_deleted_comes_back_as_it_was(master: Office) -> None:
    connector = master.one.connectors[0]
    await master.pair("E-7")
    before = await master.match()
    (entry,) = await _entries(master)
    now = master.engine.system.now()
    await delete_entry(master.store, master.one, connector, entry.id, by=ANNA, now=now)
    assert await _entries(master) == []
    restored = await restore(master.store, master.one, connector, entry.id, by=ANNA, now=now)

    assert (restored.entries, restored.left) == (1, 0)
    assert await master.pairs() == [before]
    async with master.store.unit() as uow:
        assert await uow.problems.open(master.one.key) == []
