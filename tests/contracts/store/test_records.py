"""What people look at is kept and found: problems, the journal, losers; and cursors and removals."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import (
    ConnectorKey,
    IssueId,
    IssueKey,
    MappingId,
    Millis,
    PairUid,
    Revision,
    SynchronizationKey,
)
from backbone.ports.records import Cursor, JournalEntry, Loser
from backbone.ports.store import Store
from tests.contracts.store.things import PA, PB, SYNCHRONIZATION, UID, halves, issue, pair, problem, synchronization


def entry(at: int, what: str, connector: ConnectorKey = PA, uid: PairUid | None = UID) -> JournalEntry:
    return JournalEntry(
        at=Millis(at), connector=connector, pair=uid, issue=issue(1), what=what, mapping=MappingId("m"), before="\x00",
        revision=Revision(3),
    )  # fmt: skip


async def test_a_problem_of_one_cause_is_listed_once_and_counted(store: Store) -> None:
    async with store.unit() as unit:
        await unit.problems.report(problem(), Millis(10))
        await unit.problems.report(problem(cause="still refused"), Millis(30))
        await unit.problems.report(problem(PairUid("another")), Millis(20))
        await unit.commit()

    async with store.unit() as unit:
        first, second = await unit.problems.open()

    assert (first.first_seen, first.last_seen, first.count) == (10, 30, 2)
    assert first.problem.cause == "still refused"
    assert (second.count, second.problem) == (1, problem(PairUid("another")))
    assert first.id != second.id


async def test_problems_of_a_synchronization_are_those_of_its_connectors(store: Store) -> None:
    theirs = replace(problem(), connector=PB)
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        for one in (problem(), theirs, problem(connector=None), problem(connector=ConnectorKey("PC-3"))):
            await unit.problems.report(one, Millis(1))

        assert [one.problem for one in await unit.problems.open(SYNCHRONIZATION)] == [problem(), theirs]
        assert len(await unit.problems.open()) == 4
        assert list(await unit.problems.open(SynchronizationKey("INT-9"))) == []


async def test_a_resolved_problem_is_gone_and_starts_anew(store: Store) -> None:
    async with store.unit() as unit:
        await unit.problems.report(problem(), Millis(1))
        await unit.problems.report(problem(), Millis(2))
        await unit.problems.resolve(problem().identity)
        assert list(await unit.problems.open()) == []
        await unit.problems.report(problem(), Millis(3))
        assert [(one.first_seen, one.count) for one in await unit.problems.open()] == [(3, 1)]


async def test_problems_of_a_pair_are_resolved_together(store: Store) -> None:
    others = [replace(problem(), connector=PB), problem(PairUid("another"))]
    async with store.unit() as unit:
        for one in (problem(), *others):
            await unit.problems.report(one, Millis(1))
        await unit.problems.resolve_pair(PA, UID)

        assert [one.problem for one in await unit.problems.open()] == others


async def test_the_journal_of_an_issue_has_both_halves_of_its_pair(store: Store) -> None:
    ours, theirs = entry(20, "sent"), replace(entry(30, "written", PB), issue=issue(5, "PB"))
    created = replace(entry(10, "created", PB), issue=None)
    stranger = replace(entry(15, "sent", uid=PairUid("another")), issue=issue(8))
    async with store.unit() as unit:
        await unit.journal.write([theirs, ours])
        await unit.journal.write([created, stranger])
        await unit.commit()

    async with store.unit() as unit:
        for name in (issue(1).key, issue(1).id, IssueKey("PB-5")):
            assert list(await unit.journal.of_issue(name)) == [created, ours, theirs]
        assert list(await unit.journal.of_issue("PA-404")) == []


async def test_the_journal_knows_the_keys_that_a_pair_has_now(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(9)))
        await unit.journal.write([entry(1, "moved")])

        assert list(await unit.journal.of_issue("PA-9")) == [entry(1, "moved")]
        assert list(await unit.journal.of_issue("PB-77")) == [entry(1, "moved")]


async def test_entries_of_one_moment_stay_in_the_order_in_which_they_were_written(store: Store) -> None:
    entries = [entry(1, f"step {number}") for number in range(5)]
    async with store.unit() as unit:
        await unit.journal.write(entries)

        assert list(await unit.journal.of_issue("PA-1")) == entries


async def test_losers_are_kept_by_pair(store: Store) -> None:
    lost = [
        Loser(at=Millis(at), connector=PA, pair=UID, mapping=MappingId("m"), value=f"v{at}", winner="w")
        for at in (2, 1)
    ]
    async with store.unit() as unit:
        await unit.journal.lose([*lost, replace(lost[0], connector=PB)])

        assert list(await unit.journal.losers_of(PA, UID)) == lost


async def test_a_cursor_is_replaced_and_removed(store: Store) -> None:
    async with store.unit() as unit:
        assert await unit.cursors.get("look:one") is None
        await unit.cursors.save("look:one", Cursor(watermark=Millis(1)))
        newer = Cursor(watermark=Millis(2), edge={issue(1).id: Millis(2)})
        await unit.cursors.save("look:one", newer)
        assert await unit.cursors.get("look:one") == newer
        await unit.cursors.remove("look:one")
        assert await unit.cursors.get("look:one") is None


async def test_removals_are_summed_over_a_window(store: Store) -> None:
    async with store.unit() as unit:
        for at, count in ((10, 1), (20, 2), (30, 4)):
            await unit.removals.note(PA, Millis(at), count)

        assert [await unit.removals.since(PA, Millis(at)) for at in (10, 20, 21, 31)] == [7, 6, 4, 0]
        assert await unit.removals.since(PB, Millis(0)) == 0


async def test_a_cursor_advances_only_from_where_it_is_known_to_be(store: Store) -> None:
    known, back, further = (Cursor(watermark=Millis(at), edge={IssueId("1"): Millis(at)}) for at in (20, 10, 30))
    async with store.unit() as unit:
        await unit.cursors.save("look", known)
        assert await unit.cursors.advance("look", known, further)
        assert not await unit.cursors.advance("look", known, None)
        await unit.cursors.save("look", back)
        assert not await unit.cursors.advance("look", further, known)
        assert await unit.cursors.get("look") == back
        assert await unit.cursors.advance("look", back, None)
        assert await unit.cursors.get("look") is None
        assert not await unit.cursors.advance("look", back, known)
        assert await unit.cursors.get("look") is None
