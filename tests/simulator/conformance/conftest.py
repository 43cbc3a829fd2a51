"""Tours that the tests of this folder share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import pytest

from tests.simulator.conformance.exchanges import Exchange
from tests.simulator.conformance.tour import travel

Travels = Callable[[str, str, str], list[Exchange]]


@cache
def _travelled(flavour: str, version: str, api: str) -> list[Exchange]:
    return asyncio.run(travel(flavour, version, api))


@pytest.fixture(scope="session")
def tours() -> Travels:
    """Each tour once, whoever asks for it."""
    return _travelled
