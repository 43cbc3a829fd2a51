"""One job for many pairs: it runs as such, and if it is lost each pair gets a job of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from psycopg_pool import AsyncConnectionPool

from backbone.adapters.dispatch.recovery import queue_turns_without_job
from backbone.core.model.keys import PairUid
from backbone.ports.records import ApplyManyTurn, ApplyTurn, Turn
from tests.contracts.store.things import PA, PB, halves, issue, message, pair, synchronization
from tests.integration.dispatch.conftest import Place, eventually

A, B, C = (PairUid(name) for name in "abc")
MANY = ApplyManyTurn(connector=PA, pairs=(A, B))


async def _running(place: Place, *waiting: PairUid, born: bool = True) -> None:
    """A message waits for each of the pairs."""
    async with place.store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        for number, uid in enumerate(waiting):
            await unit.pairs.save(pair(uid, local=issue(number) if born else None))
            await unit.inbox.put(replace(message(1), connector=PA, pair=uid))
        await unit.commit()


async def _sweep(place: Place) -> list[str]:
    """What is queued for want of a job, by lock."""
    async with AsyncConnectionPool(place.dsn, min_size=1, open=False) as pool:
        await queue_turns_without_job(pool, 0)
    found = await place.ask("select lock from procrastinate_jobs where lock not like 'create:%%' order by lock")
    return [lock for (lock,) in found]


async def test_a_turn_of_many_pairs_is_one_job(place: Place) -> None:
    seen: list[Turn] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        seen.append(turn)

    async def idle() -> bool:
        return await place.ask("select 1 from procrastinate_jobs") == []

    await place.wake(MANY, MANY, ApplyTurn(connector=PA, pair=A))
    await place.work(run)
    await eventually(idle)

    assert sorted(seen, key=str) == [MANY, ApplyTurn(connector=PA, pair=A)]
    assert await place.ask("select 1 from turn where queued") == []


async def test_a_worker_takes_few_turns_of_many_pairs_at_a_time_and_others_beside_them(place: Place) -> None:
    many = [ApplyManyTurn(connector=PA, pairs=(PairUid(f"m{number}"),)) for number in range(6)]
    single = [ApplyTurn(connector=PA, pair=PairUid(f"s{number}")) for number in range(4)]
    noting = [ApplyManyTurn(connector=PA, pairs=(PairUid(f"n{number}"),), noting=True) for number in range(4)]
    others: list[Turn] = [*single, *noting]
    running: list[Turn] = []
    go_on = asyncio.Event()

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        running.append(turn)
        await go_on.wait()

    async def all_it_takes() -> bool:
        return len([one for one in running if one in many]) >= 3 and set(others) <= set(running)

    await place.wake(*many)
    await place.work(run, concurrency=12)
    await place.wake(*others)
    await eventually(all_it_takes)
    assert len(set(many) & set(running)) == 3

    go_on.set()
    await place.until("select 1 where not exists (select from procrastinate_jobs)")
    assert set(running) == {*many, *others}


async def test_pairs_for_which_one_job_waits_get_none_of_their_own(place: Place) -> None:
    await _running(place, A, B, C)
    await place.wake(MANY)

    assert await _sweep(place) == ["pair:PA-1:c", "pairs:PA-1:a"]


async def test_turns_of_many_are_counted_while_they_are_due_and_not_begun(place: Place) -> None:
    other, later = replace(MANY, pairs=(C,)), replace(MANY, pairs=(B,))
    await place.wake(MANY, other, replace(MANY, connector=PB), ApplyTurn(connector=PA, pair=A))
    await place.wake(later, after=3600)
    await place.begun(other)

    async with place.store.unit() as unit:
        assert await unit.turns.many_due(PA) == 1


async def test_if_the_job_of_many_is_lost_each_pair_gets_one_and_nothing_counts_as_queued_but_those(
    place: Place,
) -> None:
    await _running(place, A, B)
    await place.wake(MANY)
    await place.ask("delete from procrastinate_jobs")

    assert await _sweep(place) == ["pair:PA-1:a", "pair:PA-1:b"]
    async with place.store.unit() as unit:
        assert await unit.turns.queued() == 2


async def test_what_was_told_of_a_pair_that_is_yet_to_be_created_waits_for_the_turn_that_creates(place: Place) -> None:
    await _running(place, A, B, born=False)

    assert await _sweep(place) == []
    assert await place.ask("select lock from procrastinate_jobs") == [("create:PA-1",)]
