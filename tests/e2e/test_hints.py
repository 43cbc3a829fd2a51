"""A hint makes an issue be looked at that the index hides still; it changes nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from backbone.app.engine.look import look
from backbone.core.model.keys import ConnectionName, IssueId
from backbone.simulator import Simulator
from backbone.simulator.indexing import FixedLag
from tests.parts.fault_day import FaultDay
from tests.parts.two_jiras import FIRST, SECOND

READS = ("GET issue/{issue}", "POST issue/bulkfetch")


async def _hint(day: FaultDay, connection: ConnectionName, issues: Sequence[str]) -> None:
    async with day.store.unit() as uow:
        await uow.hints.note(connection, [IssueId(issue) for issue in issues], day.system.now())
        await uow.commit()


async def _hinted(day: FaultDay) -> int:
    async with day.store.unit() as uow:
        return sum([len(await uow.hints.of_connection(one, 1000)) for one in (FIRST, SECOND)])


def _reads(side: Simulator) -> int:
    return sum(side.calls.endpoints().get(name, 0) for name in READS)


def _summary(side: Simulator, key: str) -> str:
    return str(next(one for one in side.world.issues.values() if one.key == key).values["summary"])


async def _turns_only(day: FaultDay) -> None:
    """What was told is applied, and nobody looks again."""
    await day._run_turns()


@pytest.mark.parametrize("number", [0, 1])
async def test_what_the_index_hides_is_found_by_its_hint(number: int) -> None:
    async with FaultDay() as day:
        await day.begin()
        side, name = ((day.first, FIRST), (day.second, SECOND))[number]
        key, person = ((day.pumps[0], "mara"), (day.sensors[0], "priya"))[number]
        side.index.lag = FixedLag(span=timedelta(minutes=10))
        side.as_user(person).edit(key, summary="told by a hint")
        issue = next(one for one in side.world.issues.values() if one.key == key)
        day.system.time += 3_000

        await look(day.engine, name)
        await _turns_only(day)
        other = (day.second, day.first)[number]
        partners = await day.partners()
        partner = partners[key] if number == 0 else next(ours for ours, theirs in partners.items() if theirs == key)
        assert _summary(other, partner) != "told by a hint"

        await _hint(day, name, [str(issue.id)])
        await look(day.engine, name)
        await _turns_only(day)
        assert _summary(other, partner) == "told by a hint"
        assert await _hinted(day) == 0


async def test_a_hint_costs_no_read_where_the_search_shows_the_change() -> None:
    async with FaultDay() as day:
        await day.begin()
        issue = next(one for one in day.first.world.issues.values() if one.key == day.pumps[0])
        reads = []
        for hinted in (False, True):
            day.first.as_user("mara").edit(issue.key, summary=f"shown at once {hinted}")
            before = _reads(day.first)
            if hinted:
                await _hint(day, FIRST, [str(issue.id)])
            await look(day.engine, FIRST)
            reads.append(_reads(day.first) - before)
            await day.settle()

        assert reads[0] == reads[1]
        assert await _hinted(day) == 0


async def test_hints_that_lead_nowhere_change_nothing() -> None:
    async with FaultDay() as day:
        await day.begin()
        before = day.writes()

        await _hint(day, FIRST, ["999999", "no id", "10000"])
        await look(day.engine, FIRST)
        await day.settle()

        assert day.writes() == before
        assert await day.codes() == []
        assert await _hinted(day) == 0
