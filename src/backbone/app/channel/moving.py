"""Two ways in at once: the one that is new, and the former one until nothing can come there any more."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, replace

from backbone.app.channel.settings import former_receive, without_former
from backbone.core.protocol.renewing import is_move_known
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import Arrival, Batch, Receiver, TransportError

_NEW, _OLD = "new:", "old:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What both ways in remember, and whether anything ever came by the new one."""

    new: str = ""
    old: str = ""
    came: bool = False

    def text(self) -> str:
        return json.dumps({"new": self.new, "old": self.old, "came": self.came})


def _read(memory: str) -> _Memory:
    """Before the move, the memory was that of the way in that is the former one now."""
    try:
        plain = json.loads(memory)
        return _Memory(new=str(plain["new"]), old=str(plain["old"]), came=bool(plain["came"]))
    except (ValueError, TypeError, KeyError):
        return _Memory(old=memory)


def memory_before_move(memory: str) -> str:
    """The memory with which both ways are read from now on."""
    return _Memory(old=memory).text()


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoReceivers:
    """A ``Receiver`` that reads both. That one of them does not work holds nothing that came by the other."""

    new: Receiver
    old: Receiver

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        known = _read(memory)
        former = Batch(memory=known.old)
        with suppress(TransportError):
            former = await self.old.receive(known.old, parcels=parcels, octets=octets)
        fresh = Batch(memory=known.new)
        try:
            fresh = await self.new.receive(known.new, parcels=parcels, octets=octets)
        except TransportError:
            if not former.arrivals:
                raise
        came = known.came or bool(fresh.arrivals)
        return Batch(
            arrivals=(*_marked(_OLD, former), *_marked(_NEW, fresh)),
            notices=(*former.notices, *fresh.notices),
            memory=_Memory(new=fresh.memory, old=former.memory, came=came).text(),
            more=former.more or fresh.more,
        )

    async def confirm(self, handles: tuple[str, ...]) -> None:
        old = tuple(one.removeprefix(_OLD) for one in handles if one.startswith(_OLD))
        new = tuple(one.removeprefix(_NEW) for one in handles if one.startswith(_NEW))
        if old:
            with suppress(TransportError):
                await self.old.confirm(old)
        if new:
            await self.new.confirm(new)

    async def wait(self, seconds: float) -> None:
        both = [asyncio.ensure_future(one.wait(seconds)) for one in (self.new, self.old)]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def check(self) -> None:
        await self.new.check()

    async def close(self) -> None:
        await self.old.close()
        await self.new.close()


def _marked(mark: str, batch: Batch) -> list[Arrival]:
    return [replace(one, handle=mark + one.handle) for one in batch.arrivals]


def settled_move(stored: StoredChannel) -> StoredChannel:
    """The former way in goes once the partner knows the new one and something came by it.

    What was on its way to the former one is not acknowledged, and comes again by the new one.
    """
    memory = _read(stored.channel.memory)
    if former_receive(stored) is None or not memory.came or not is_move_known(stored.channel):
        return stored
    return without_former(replace(stored, channel=replace(stored.channel, memory=memory.new)))
