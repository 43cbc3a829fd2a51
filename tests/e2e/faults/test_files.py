"""Faults 4, 6 and 27: attachments that end early, are a log-in page, or lie elsewhere."""

from __future__ import annotations

import pytest

from backbone.core.model.problems import Code
from backbone.simulator import Simulator
from backbone.simulator.world.issues import Attachment
from tests.parts.fault_day import FaultDay


@pytest.mark.parametrize("fault", ["attachment-truncated", "attachment-login-page", "login-redirect"])
@pytest.mark.parametrize("second", [False, True], ids=["northwind", "lumen"])
async def test_a_file_that_can_not_be_had_holds_nothing_else_back(fault: str, second: bool) -> None:
    async with FaultDay() as day:
        await day.begin()
        side, other = (day.second, day.first) if second else (day.first, day.second)
        if second and fault == "attachment-truncated":  # the bytes come from the media host
            side.faults.arm({"fault": "server-error", "path": "**/attachment/content/**"})
        side.faults.arm({"fault": fault})
        await day.work("pages")
        await day.suffer(rounds=8)

        left = [one for one in await day.differences() if ": files " not in one]
        assert left == []
        assert not [one.filename for one in _copies(other) if one.filename.startswith("pages")]

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_file_that_is_a_log_in_page_is_told_with_its_cure() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.faults.arm({"fault": "attachment-login-page"})
        await day.work("pages")
        await day.suffer(rounds=3)
        problems = [one.problem for one in await day.problems()]

        assert {one.code for one in problems} == {Code.FILE_REFUSED}
        assert {one.connector for one in problems} == {day.halves[1].connector}
        assert all("log-in page" in one.cause and one.remedy for one in problems)


async def test_a_file_that_stays_broken_is_told_after_a_while() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.faults.arm({"fault": "attachment-truncated"})
        await day.work("pages")
        await day.suffer(rounds=2)
        assert await day.codes() == []
        await day.suffer(seconds=400)
        assert set(await day.codes()) == {Code.FILE_REFUSED}


def _copies(side: Simulator) -> list[Attachment]:
    world = side.world
    return [
        one for issue in world.issues.values() for one in issue.attachments if world.users[one.author].name == "sync"
    ]
