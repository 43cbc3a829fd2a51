"""Whoever decides on many things lets others go on in between."""

from __future__ import annotations

import asyncio

from backbone.app.engine.abreast import AT_A_STRETCH, giving_way
from backbone.bootstrap.clock import WallSystem


async def test_after_a_few_things_what_became_ready_meanwhile_is_done_first() -> None:
    ready = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(ready.set_result, None)

    given = [(number, ready.done()) async for number in giving_way(WallSystem(), range(2 * AT_A_STRETCH))]

    assert [number for number, _ in given] == list(range(2 * AT_A_STRETCH))
    assert not any(done for _, done in given[:AT_A_STRETCH])
    assert given[-1] == (2 * AT_A_STRETCH - 1, True)
