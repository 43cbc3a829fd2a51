"""Attachments of a partner elsewhere: they are copied from the pieces that came, once all of them are there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from backbone.app.engine.context import Engine
from backbone.core.model.changes import FileChange
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import FileId
from backbone.core.model.pair import MirrorState, Pair, file_of_partner
from backbone.ports.channels import FileInPieces
from backbone.ports.store import Store, UnitOfWork
from backbone.ports.tracker import Refusal, TransientError

_AT_ONCE = 256 * 1024
"""Bytes that are read from the store at a time."""

_SELDOM = 600.0
"""Seconds after which it is looked again without a cause: the last piece wakes the pair."""


class OnItsWay(TransientError):
    """The attachment is not here as a whole yet; its last piece brings the next turn."""

    def __init__(self) -> None:
        super().__init__("the attachment is still on its way", retry_after=_SELDOM)


@dataclass(frozen=True, slots=True)
class Travelled:
    """The bytes of an attachment that came in pieces."""

    store: Store
    file: FileInPieces

    @property
    def size(self) -> int:
        return self.file.total

    async def pieces(self) -> AsyncIterator[bytes]:
        """No transaction is open while bytes are given away."""
        offset = 0
        while offset < self.file.total:
            async with self.store.unit() as uow:
                data = await uow.pieces.read(self.file, offset, _AT_ONCE)
            if not data:
                raise TransientError("the pieces of the attachment are gone")
            yield data
            offset += len(data)


async def travelled(engine: Engine, half: HalfConfiguration, file: FileId) -> Travelled | Refusal:
    """The attachment, or why it can't be had any more. Raises OnItsWay."""
    async with engine.store.unit() as uow:
        found = await uow.pieces.find(half.synchronization, file, ours=False)
    if found is None or found.pair is None:  # it expired, or was passed over
        return Refusal(messages=("it did not come as a whole; the partner has to send it again by a resync",))
    if not found.complete:
        raise OnItsWay
    return Travelled(engine.store, found)


async def let_go(uow: UnitOfWork, half: HalfConfiguration, pair: Pair, told: Mapping[FileId, FileChange]) -> None:
    """What was copied, and committed with this unit, is not needed any more; what is passed over stays so."""
    links = {file: pair.files.get(file_of_partner(file)) for file, change in told.items() if change.present}
    copied = [file for file, link in links.items() if link is not None and link.state is not MirrorState.BROKEN]
    known = await uow.pieces.find_all(half.synchronization, copied, ours=False) if copied else {}
    for one in known.values():
        if one.pair is not None:
            await uow.pieces.remove(half.synchronization, one.file, ours=False)
