"""Pretend Jiras whose deliveries wait until a test wants them, and a receiver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from backbone.simulator import Simulator
from tests.simulator.asking import Asker
from tests.simulator.conftest import still_clock
from tests.simulator.webhooks.receiver import Receiver
from tests.simulator.webhooks.registering import Hooked
from tests.simulator.worlds import world_plan

JIRAS = ["8.20.30", "10.3.17", "cloud"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


async def hooked(stack: AsyncExitStack, product: str, receiver: Receiver) -> Hooked:
    """A running Jira of a product (``cloud`` or a version) that holds its deliveries back."""
    plan = world_plan("cloud") if product == "cloud" else world_plan("data-center", product)
    simulator = await stack.enter_async_context(Simulator.of_plan(plan, still_clock()))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    simulator.webhooks.hold()
    return Hooked(simulator, Asker(simulator, session), receiver)


@pytest.fixture(params=JIRAS)
async def every(request: pytest.FixtureRequest, receiver: Receiver) -> AsyncIterator[Hooked]:
    async with AsyncExitStack() as stack:
        yield await hooked(stack, request.param, receiver)


@pytest.fixture
async def jira(request: pytest.FixtureRequest, receiver: Receiver) -> AsyncIterator[Hooked]:
    """The product that a test names as its parameter."""
    async with AsyncExitStack() as stack:
        yield await hooked(stack, request.param, receiver)


@pytest.fixture
async def old(receiver: Receiver) -> AsyncIterator[Hooked]:
    async with AsyncExitStack() as stack:
        yield await hooked(stack, "8.20.30", receiver)


@pytest.fixture
async def modern(receiver: Receiver) -> AsyncIterator[Hooked]:
    async with AsyncExitStack() as stack:
        yield await hooked(stack, "10.3.17", receiver)


@pytest.fixture
async def cloud(receiver: Receiver) -> AsyncIterator[Hooked]:
    async with AsyncExitStack() as stack:
        yield await hooked(stack, "cloud", receiver)
