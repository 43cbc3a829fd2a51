"""What parcels do to this installation: messages arrive at its engine, pieces of attachments are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.channel.files import Split, next_pieces, ready, stage, take_piece, withdraw
from backbone.app.engine.arriving import arrive
from backbone.app.engine.context import Engine
from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, PairUid, Role, SynchronizationKey
from backbone.core.protocol.collecting import exchange_named
from backbone.core.protocol.parcels import Header, PairMessage, Piece
from backbone.core.protocol.publication import allowed, attachments_leave
from backbone.ports.channels import StoredChannel
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEffects:
    """The effects that concern issues. The rest of ``Effects`` is the conversation's."""

    engine: Engine

    async def messages(
        self, uow: UnitOfWork, stored: StoredChannel, header: Header, messages: Sequence[PairMessage], now: Millis
    ) -> None:
        half = await _half(uow, stored)
        partner = stored.channel.role.partner
        exchange = exchange_named(stored.channel.agreement, header)
        heard = [one for message in messages if (one := _allowed(message, exchange, partner)) is not None]
        await arrive(uow, half, heard, half.revision, now)

    async def piece(self, uow: UnitOfWork, stored: StoredChannel, piece: Piece, now: Millis) -> None:
        problem = await take_piece(uow, await _half(uow, stored), piece, now)
        if problem is not None:
            await uow.problems.report(problem, now)

    async def prepare(self, half: HalfConfiguration, told: Mapping[PairUid, Sequence[Content]]) -> None:
        await stage(self.engine, half, told)

    async def ready(self, uow: UnitOfWork, key: SynchronizationKey, contents: Sequence[Content]) -> Split:
        return await ready(uow, key, contents)

    async def pieces(self, uow: UnitOfWork, stored: StoredChannel, octets: int, now: Millis) -> Sequence[Piece]:
        del now
        half, agreed = await _half(uow, stored), stored.channel.agreement.agreed
        if not half.files.sends or agreed is None or not attachments_leave(agreed.exchange, stored.channel.role):
            await withdraw(uow, stored.synchronization)
            return ()
        return await next_pieces(uow, stored, octets)


def _allowed(message: PairMessage, exchange: Exchange, sender: Role) -> PairMessage | None:
    """What the partner may say by what was agreed when it said that."""
    found = (allowed(content, exchange, sender) for content in message.contents)
    contents = tuple(one for one in found if one is not None)
    return replace(message, contents=contents) if contents else None


async def _half(uow: UnitOfWork, stored: StoredChannel) -> HalfConfiguration:
    one = await uow.synchronizations.get(stored.synchronization)
    if one is None:
        raise LookupError(f"synchronization {stored.synchronization} is gone")
    return await uow.synchronizations.half(one.connectors[0])
