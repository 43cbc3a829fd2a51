"""The port to the clock and to random identifiers."""

from __future__ import annotations

from typing import Protocol

from backbone.core.model.keys import Millis


class System(Protocol):
    """Time and ids, so that tests and replays decide on both."""

    def now(self) -> Millis:
        """Our clock."""

    def new_id(self) -> str:
        """An unguessable id: 128 random bits as text."""

    async def sleep(self, seconds: float) -> None: ...
