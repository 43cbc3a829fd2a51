"""A foreground run ends, whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from backbone.adapters.memory import MemoryStore
from backbone.app.engine.context import Engine
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.quiet import until_quiet
from backbone.core.model.keys import Millis


@dataclass
class Clock:
    """Time passes only by sleeping."""

    time: int = 0
    naps: list[float] = field(default_factory=list)

    def now(self) -> Millis:
        return Millis(self.time)

    def new_id(self) -> str:
        return f"id-{len(self.naps)}"

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += round(seconds * 1000)


class NoTurns:
    async def settle(self) -> int:
        return 0

    async def unfinished(self) -> int:
        return 0


async def test_without_a_synchronization_it_says_what_to_do() -> None:
    clock = Clock()
    engine = Engine(store=MemoryStore("i", "n", clock.now), trackers={}, system=clock)

    with pytest.raises(Mistake, match="Declare one in a file and run 'backbone apply FILE'"):
        await until_quiet(engine, NoTurns(), None)


async def test_an_unknown_name_is_told_from_an_empty_installation() -> None:
    clock = Clock()
    engine = Engine(store=MemoryStore("i", "n", clock.now), trackers={}, system=clock)

    with pytest.raises(Mistake, match="INT-9: there is no synchronization of this key or name"):
        await until_quiet(engine, NoTurns(), "INT-9")
