"""Running pretend Jiras for the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from backbone.simulator import Simulator
from backbone.simulator.world.clock import Clock
from tests.simulator.asking import Asker
from tests.simulator.worlds import world_plan

START = datetime(2026, 11, 2, 9, 15, 30, 123_000, tzinfo=UTC)


def still_clock() -> Clock:
    """A clock that stands still until a test moves it."""
    clock = Clock()
    clock.freeze(START)
    return clock


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def data_center(session: aiohttp.ClientSession) -> AsyncIterator[Asker]:
    async with Simulator.of_plan(world_plan("data-center"), still_clock()) as simulator:
        yield Asker(simulator, session)


@pytest.fixture
async def cloud(session: aiohttp.ClientSession) -> AsyncIterator[Asker]:
    async with Simulator.of_plan(world_plan("cloud"), still_clock()) as simulator:
        yield Asker(simulator, session)


@pytest.fixture(params=["data-center", "cloud"])
async def either(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> AsyncIterator[Asker]:
    async with Simulator.of_plan(world_plan(request.param), still_clock()) as simulator:
        yield Asker(simulator, session)
