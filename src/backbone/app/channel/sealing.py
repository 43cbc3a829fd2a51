"""Sealing: what was told and has not left becomes parcels, as few as possible, and gets its numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.channel.desk import Desk
from backbone.app.channel.dividing import Unsayable, divided
from backbone.app.channel.files import Split
from backbone.app.channel.packing import LARGEST
from backbone.app.channel.saying import followed, keep, say
from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.coalescing import merge_contents
from backbone.core.protocol.delivering import FEW, asks_first, begun, has_room, may_begin
from backbone.core.protocol.handshake import is_trusted
from backbone.core.protocol.parcels import PairMessage
from backbone.core.protocol.permitting import still_sent
from backbone.core.protocol.publication import allowed
from backbone.ports.channels import StoredChannel
from backbone.ports.records import OutboxMessage
from backbone.ports.store import UnitOfWork

PAIRS = 500
"""Pairs of which one transaction seals messages."""
PIECES = 4_000_000
"""Bytes of attachments that one transaction seals."""
_ARMOR = 0.7
"""What is left of a parcel's size for its plaintext: armor makes four characters of three bytes."""


async def seal(desk: Desk) -> bool:
    """Seal what may leave now; whether anything waits for the partner to be there."""
    channel = desk.channel
    if not may_seal(desk, channel):
        return False
    waiting = await _waiting(desk, FEW + 1)
    if channel.sending.failures or not may_begin(channel.outgoing, channel.pulse):
        return waiting.pairs > 0
    if asks_first(channel.heard, waiting.pairs, desk.now()):
        return True
    if not waiting.pairs and not waiting.files:
        return False
    stuck: set[PairUid] = set()
    while await _seal_some(desk, stuck):
        pass
    return False


def may_seal(desk: Desk, channel: Channel) -> bool:
    """Whether anything of issues may leave at all."""
    agreed = channel.agreement.agreed is not None and not channel.departed
    return desk.running and agreed and is_trusted(channel) and channel.restoring is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """Of how many pairs something waits for the partner, as far as it matters, and how many attachments are on their way.

    Pairs that wait for attachments which Jira did not give are not counted.
    """

    pairs: int
    files: int


async def _waiting(desk: Desk, most: int) -> _Waiting:
    async with desk.unit() as (uow, _):
        files = await uow.pieces.under_way(desk.key, ours=True)
        lacking = {one.pair for one in files if not one.digest}
        pairs = await uow.outbox.pairs(desk.key, most + len(lacking))
    return _Waiting(pairs=len([pair for pair in pairs if pair not in lacking]), files=len(files))


async def _seal_some(desk: Desk, stuck: set[PairUid]) -> bool:
    """One transaction's worth; whether there may be more. Pairs that wait for attachments only become ``stuck``."""
    before = len(stuck)
    waiting = await _fetched(desk, stuck)
    async with desk.unit() as (uow, stored):
        if not has_room(stored.channel.outgoing):
            return False
        messages = await _messages(desk, uow, stored, waiting, stuck)
        done = await _seal_pieces(desk, uow, await _seal_messages(desk, uow, stored, messages))
        outgoing = done.channel.outgoing
        await desk.commit(uow, replace(done, channel=replace(done.channel, outgoing=begun(outgoing))))
    return outgoing.last > stored.channel.outgoing.last or len(stuck) > before


async def _fetched(desk: Desk, stuck: Collection[PairUid]) -> Mapping[PairUid, Sequence[OutboxMessage]]:
    """What is sealed next, its attachments read from Jira outside of any transaction; nobody else takes it meanwhile."""
    async with desk.unit() as (uow, stored):
        half = await uow.synchronizations.half(desk.connector)
        found = await uow.outbox.pairs(desk.key, PAIRS + len(stuck))
        waiting = await uow.outbox.of_pairs(desk.key, [pair for pair in found if pair not in stuck][:PAIRS])
    told = {pair: _permitted(stored.channel, half, rows) for pair, rows in waiting.items()}
    await desk.host.effects.prepare(half, told)
    return waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The rows of one pair, as what is sealed of them now and what waits for its attachments."""

    rows: Sequence[OutboxMessage]
    split: Split


async def _messages(
    desk: Desk,
    uow: UnitOfWork,
    stored: StoredChannel,
    waiting: Mapping[PairUid, Sequence[OutboxMessage]],
    stuck: set[PairUid],
) -> Mapping[PairUid, _Told]:
    """What may be sealed of it by what is in force now, pair by pair."""
    found: dict[PairUid, _Told] = {}
    half = await uow.synchronizations.half(desk.connector)
    for pair, rows in waiting.items():
        split = await desk.host.effects.ready(uow, desk.key, _permitted(stored.channel, half, rows))
        if split.later and not split.ready:
            stuck.add(pair)
        else:
            found[pair] = _Told(rows=rows, split=split)
    return found


async def _seal_messages(
    desk: Desk, uow: UnitOfWork, stored: StoredChannel, told: Mapping[PairUid, _Told]
) -> StoredChannel:
    """As many as there is room for. What is divided leaves as a whole."""
    after = await followed(uow, stored, list(told))
    ready = {pair: one.split.ready for pair, one in told.items() if one.split.ready}
    messages = [PairMessage(pair=pair, after=after.get(pair, 0), contents=said) for pair, said in ready.items()]
    done = set(told) - set(ready)
    for one in divided(stored.channel, messages, plaintext_limit(stored.channel)):
        if isinstance(one, Unsayable):
            await uow.problems.report(_unsayable(desk.connector, one), desk.now())
            done.add(one.pair)
            continue
        if not has_room(stored.channel.outgoing) and done.isdisjoint(one.pairs):
            break
        stored = await keep(uow, stored, one.parcel, one.plaintext, desk.now())
        done |= one.pairs
    later = [
        replace(told[pair].rows[-1], content=one) for pair in told if pair in done for one in told[pair].split.later
    ]
    await uow.outbox.put_all(later)
    await uow.outbox.take(desk.key, {pair: len(told[pair].rows) for pair in done})
    return stored


def _unsayable(connector: ConnectorKey, one: Unsayable) -> Problem:
    return Problem(
        code=Code.PARCEL_TOO_LARGE,
        connector=connector,
        occurred_in=None,
        cause=f"what is told of an issue is left out, since it is beyond what a message may have: {one.why}",
        remedy="Shorten it in Jira, then resync the issue.",
        holds=Holds(pair=one.pair),
    )


def _permitted(channel: Channel, half: HalfConfiguration, rows: Sequence[OutboxMessage]) -> tuple[Content, ...]:
    """What may still leave by the configuration that is in force now, said once."""
    assert channel.agreement.agreed is not None
    exchange = channel.agreement.agreed.exchange
    merged = merge_contents(row.content for row in rows)
    agreed = (allowed(content, exchange, channel.role) for content in merged)
    sent = (still_sent(content, half) for content in agreed if content is not None)
    return tuple(one for one in sent if one is not None)


def plaintext_limit(channel: Channel) -> int:
    """Bytes of plaintext that a parcel may have."""
    return min(max(int(channel.largest * _ARMOR) - 2048, 4096), LARGEST)


async def _seal_pieces(desk: Desk, uow: UnitOfWork, stored: StoredChannel) -> StoredChannel:
    if not has_room(stored.channel.outgoing):
        return stored
    now = desk.now()
    return await say(uow, stored, await desk.host.effects.pieces(uow, stored, PIECES, now), now)
