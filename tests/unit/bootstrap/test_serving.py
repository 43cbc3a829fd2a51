"""The engine and the web part are kept up, each by itself."""

from __future__ import annotations

import asyncio

import pytest

from backbone.bootstrap.serving import kept_up, listen
from backbone.settings import Settings


async def test_a_part_that_fails_is_begun_again_until_told_to_stop() -> None:
    stop, begun = asyncio.Event(), 0

    async def fragile() -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            stop.set()
        raise RuntimeError

    await kept_up("web", fragile, stop, pause=0.0)
    assert begun == 3


async def test_a_part_that_fails_does_not_take_the_other_along() -> None:
    stop, worked = asyncio.Event(), []

    async def fragile() -> None:
        raise RuntimeError

    async def sound() -> None:
        for number in range(3):
            await asyncio.sleep(0)
            worked.append(number)
        stop.set()

    await asyncio.gather(kept_up("web", fragile, stop, pause=60.0), kept_up("engine", sound, stop, pause=60.0))
    assert worked == [0, 1, 2]


@pytest.mark.parametrize("switched_off", ["", "off", "OFF"])
def test_the_api_can_be_switched_off(switched_off: str) -> None:
    assert listen(Settings(http=switched_off)) is None


def test_passwords_in_plain_text_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    for address, warned in (("127.0.0.1:0", False), ("0.0.0.0:0", True)):
        opened = listen(Settings(http=address))
        assert opened is not None
        opened.socket.close()
        told = capsys.readouterr()
        assert ("passwords-in-plain-text" in told.out + told.err) is warned
