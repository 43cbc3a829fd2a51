"""Workers die without a word: nothing is lost and nothing overtakes."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from subprocess import Popen

import pytest

from backbone.core.model.keys import PairUid
from tests.contracts.store.things import PA, message
from tests.integration.dispatch.conftest import Place, eventually, turn_of

PAIRS = [f"pair-{number}" for number in range(6)]
MESSAGES = 20


@pytest.fixture
def children() -> Iterator[ExitStack]:
    with ExitStack() as ends:
        yield ends


def _start(place: Place, children: ExitStack) -> Popen[bytes]:
    root = Path(__file__).parents[3]
    child = Popen([sys.executable, "-m", "tests.integration.dispatch.worker", place.dsn], cwd=root)
    children.enter_context(child)
    children.callback(child.kill)
    return child


async def _feed(place: Place) -> None:
    for sequence in range(1, MESSAGES + 1):
        for name in PAIRS:
            async with place.store.unit() as unit:
                await unit.inbox.put(replace(message(sequence), connector=PA, pair=PairUid(name)))
                await unit.turns.wake(turn_of(name))
                await unit.commit()


async def test_a_worker_killed_in_the_middle_loses_nothing_and_lets_nothing_overtake(
    place: Place, children: ExitStack
) -> None:
    await place.ask("create table ledger (id bigint generated always as identity, pair text, sequence int, worker int)")
    doomed = _start(place, children)
    feeding = asyncio.create_task(_feed(place))

    async def half_done() -> bool:
        ((written,),) = await place.ask("select count(*) from ledger")
        return bool(written > len(PAIRS) * MESSAGES * 0.4)

    await eventually(half_done)
    doomed.kill()
    _start(place, children)
    await feeding

    async def all_applied() -> bool:
        return await place.ask("select 1 from inbox where not applied") == []

    await eventually(all_applied)
    applied = defaultdict(list)
    for name, sequence, worker in await place.ask("select pair, sequence, worker from ledger order by id"):
        applied[name].append((sequence, worker))
    for name in PAIRS:
        order = [sequence for sequence, _ in applied[name]]
        assert order == sorted(order), name
        assert sorted(set(order)) == list(range(1, MESSAGES + 1)), name
        assert len(order) <= MESSAGES + 1, "only what was under way when the worker died is done twice"
    assert len({worker for every in applied.values() for _, worker in every}) == 2
