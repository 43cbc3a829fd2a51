"""The real clock and real chance."""

from __future__ import annotations

import asyncio
import time
from secrets import token_hex

from backbone.core.model.keys import Millis


class WallSystem:
    """The real clock and real chance."""

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def new_id(self) -> str:
        return token_hex(16)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
