"""Two memories that do not fit: one side was restored from a backup.

Both begin a new epoch and tell each other their pairs; what was said in the former epochs is void. Pairs come from the
partner's list, so that nothing is created again. Then each side tells its values once more, with the stamps that it
knows: what is newer wins, and what loses is kept where a person can take it back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog

from backbone.app.channel.believing import believable
from backbone.app.channel.comparing import begin_comparing
from backbone.app.channel.desk import Desk
from backbone.app.channel.troubles import over, trouble
from backbone.app.engine.context import issue_lock
from backbone.app.engine.orphans import unknown_mark
from backbone.core.model.keys import IssueId, Millis, PairUid
from backbone.core.model.pair import SILENT, Pair, PairState
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Channel, Incoming, Outgoing, Restoring
from backbone.core.protocol.delivering import DAY as LONGEST
from backbone.core.protocol.delivering import MINUTE, PROBE, answered, beaten, doubled
from backbone.core.protocol.handshake import is_open
from backbone.core.protocol.parcels import Epoch, Header, KnownPair, Restored
from backbone.core.protocol.publication import voided
from backbone.core.protocol.renewing import counted_anew
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Cursor
from backbone.ports.store import Fence, UnitOfWork

log = structlog.get_logger()

PAIRS = 2_000
"""Pairs of which one part tells."""
_NOBODY = Epoch("")
_PATIENCE = 20
_PAUSE = 0.25  # seconds


# --- noticing ---------------------------------------------------------------------------------------------------------


async def notice_restore(desk: Desk) -> None:
    """A database that was restored or copied knows less than the partner does."""
    channel, life = desk.channel, desk.host.engine.store.incarnation
    if channel.incarnation == life:
        return
    async with desk.unit() as (uow, stored):
        fresh = replace(stored, channel=replace(stored.channel, incarnation=life))
        if channel.incarnation and channel.incoming.epoch is not None:
            fresh = await diverged(desk, uow, fresh, "this installation was restored from a backup")
        await desk.commit(uow, fresh)


async def diverged(desk: Desk, uow: UnitOfWork, stored: StoredChannel, why: str) -> StoredChannel:
    """Memories do not fit: both sides hold, and begin anew. The channel has to be saved."""
    if stored.channel.restoring is not None:
        return stored
    await uow.problems.report(trouble(Code.CHANNEL_DIVERGED, desk.connector, why), desk.now())
    return await _begun(desk, uow, stored)


async def _begun(desk: Desk, uow: UnitOfWork, stored: StoredChannel) -> StoredChannel:
    """A new epoch; what was said and heard in the former ones is void, used or not."""
    channel = counted_anew(stored.channel)
    held = [one for one in await uow.received.held(desk.key) if one.epoch == channel.incoming.epoch]
    if held:
        await uow.received.release(desk.key, held[0].epoch, [one.number for one in held])
    for file in await uow.pieces.under_way(desk.key, ours=True):
        await uow.pieces.advanced(file, 0)
    log.warning("channel-begins-anew", channel=desk.key)
    incoming = channel.incoming
    former = incoming.former if incoming.epoch is None else (*incoming.former, incoming.epoch)
    anew = replace(
        channel,
        outgoing=Outgoing(epoch=Epoch(desk.host.engine.system.new_id())),
        incoming=Incoming(former=former),
        restoring=Restoring(seen=incoming.epoch, newest=channel.heard),
        listed=Millis(0),
        comparing=(),
        proof=None,
        agreement=voided(channel),
    )
    return replace(stored, channel=anew)


# --- telling ----------------------------------------------------------------------------------------------------------


async def tell_pairs(desk: Desk) -> None:
    """Tell the partner our pairs, again and ever more seldom as long as nothing is heard of it."""
    channel, now = desk.channel, desk.now()
    if (
        channel.restoring is None
        or not is_open(channel)
        or now < channel.sending.again
        or now < channel.listed + doubled(PROBE, channel.pulse.silent - 1, LONGEST)
    ):
        return
    desk.passing.extend(await _parts(desk))
    await desk.change(lambda channel: replace(channel, listed=now, pulse=beaten(channel.pulse, now)))


async def _parts(desk: Desk) -> Sequence[Restored]:
    async with desk.unit() as (uow, stored):
        known = [_known(one) async for one in uow.pairs.all(desk.connector) if one.state is not PairState.BURIED]
    portions = [known[start : start + PAIRS] for start in range(0, len(known), PAIRS)] or [[]]
    channel = stored.channel
    newest = channel.heard if channel.restoring is None else channel.restoring.newest
    return [
        Restored(
            seen=channel.incoming.epoch or _NOBODY,
            newest=newest,
            part=place,
            parts=len(portions),
            pairs=tuple(portion),
        )
        for place, portion in enumerate(portions, 1)
    ]


def _known(pair: Pair) -> KnownPair:
    return KnownPair(pair=pair.uid, local=pair.local, remote=pair.remote)


# --- hearing ----------------------------------------------------------------------------------------------------------


async def hear_restored(desk: Desk, header: Header, told: Restored) -> None:
    """A part of the partner's list. Whoever has all of them goes on."""
    channel = desk.channel
    if channel.restoring is None and header.epoch == channel.incoming.epoch:
        await _tell_again(desk, channel)
        return
    async with _issues_held(desk, told) as fences:
        if fences is not None:
            await _hear(desk, header, told, fences)


@asynccontextmanager
async def _issues_held(desk: Desk, told: Restored) -> AsyncIterator[Sequence[Fence] | None]:
    """The locks of our issues in a part of the list; None while somebody works on one of them: the part comes again."""
    async with desk.host.engine.store.unit() as uow:
        half = await uow.synchronizations.half(desk.connector)
    names = {issue_lock(half.connection, one.remote.id) for one in told.pairs if one.remote is not None}
    for _ in range(_PATIENCE):
        async with desk.host.engine.store.hold_all(sorted(names)) as fences:
            if len(fences) == len(names):
                yield list(fences.values())
                return
        await desk.host.engine.system.sleep(_PAUSE)
    log.info("pairs-busy", channel=desk.key)
    yield None


async def _hear(desk: Desk, header: Header, told: Restored, fences: Sequence[Fence]) -> None:
    async with desk.host.engine.store.unit() as uow:
        half = await uow.synchronizations.half(desk.connector)
    believed = await believable(desk, half, told.pairs)
    async with desk.unit() as (uow, stored):
        known = stored
        if stored.channel.restoring is None:
            why = "the partner was restored from a backup, or knows other things than we do"
            await uow.problems.report(trouble(Code.CHANNEL_DIVERGED, desk.connector, why), desk.now())
            known = await _begun(desk, uow, stored)
        channel = _in_epoch(known.channel, header.epoch)
        assert channel.restoring is not None
        restoring = channel.restoring
        if restoring.parts != told.parts:
            restoring = replace(restoring, parts=told.parts, heard=())
        if told.part not in restoring.heard:
            await _learn(desk, uow, told, believed)
            restoring = replace(restoring, heard=(*restoring.heard, told.part))
        channel = replace(channel, restoring=restoring, heard=desk.now(), pulse=answered(channel.pulse))
        await desk.commit(uow, replace(known, channel=channel), *fences)


async def _tell_again(desk: Desk, channel: Channel) -> None:
    """The partner did not get all of our list, else it would not tell its own any more."""
    now = desk.now()
    if now >= channel.listed + MINUTE:
        desk.passing.extend(await _parts(desk))
        await desk.change(lambda channel: replace(channel, listed=now, heard=now))


def _in_epoch(channel: Channel, epoch: Epoch) -> Channel:
    """The partner's new epoch. One that it began before this one is given up."""
    incoming, restoring = channel.incoming, channel.restoring
    assert restoring is not None
    if incoming.epoch == epoch:
        return channel
    former = incoming.former if incoming.epoch is None else (*incoming.former, incoming.epoch)
    fresh = replace(restoring, heard=(), parts=None)
    return replace(channel, incoming=Incoming(epoch=epoch, former=former), restoring=fresh)


async def _learn(desk: Desk, uow: UnitOfWork, told: Restored, believed: Collection[IssueId]) -> None:
    """Pairs that the partner knows and we do not, or that we know less of; issues only as far as they are believed."""
    ours = await uow.pairs.get_all(desk.connector, [one.pair for one in told.pairs])
    for known in told.pairs:
        before = ours.get(known.pair)
        pair = _new(desk, known) if before is None else _completed(before, known)
        if pair is None or pair == before or pair.local is None:
            continue
        if (before is None or before.local is None) and pair.local.id not in believed:
            log.warning("pair-not-believed", channel=desk.key)
            continue
        other = await uow.pairs.find_by_issue(desk.connector, pair.local.id)
        if other is not None and other.uid != pair.uid and not await _given_up(desk, uow, other):
            continue
        await uow.pairs.save(pair)
        await uow.problems.resolve(unknown_mark(desk.connector, pair.local).identity)
        await uow.dirty.add(desk.connector, [pair.local.id], desk.now())
    listed = {IssueId(one.pair): Millis(0) for one in told.pairs}
    await uow.cursors.save(_list_name(desk, told.part), Cursor(watermark=desk.now(), edge=listed))


async def _given_up(desk: Desk, uow: UnitOfWork, pair: Pair) -> bool:
    """Whether a pair could be forgotten that was made since, for an issue that had a partner already."""
    if pair.remote is not None:
        return False
    told = await uow.outbox.of_pairs(desk.key, [pair.uid])
    await uow.outbox.take(desk.key, {uid: len(rows) for uid, rows in told.items()})
    await uow.pairs.save(replace(pair, local=None, state=PairState.BURIED))
    return True


def _list_name(desk: Desk, part: int) -> str:
    return f"restored:{desk.key}:{part}"


def _new(desk: Desk, known: KnownPair) -> Pair | None:
    """A pair that our former life made; what the partner waits for is told by it once more."""
    if known.remote is None or known.local is None:
        return None
    return Pair(
        uid=known.pair,
        connector=desk.connector,
        state=PairState.LINKED,
        born_here=False,
        local=known.remote,
        remote=known.local,
    )


def _completed(pair: Pair, known: KnownPair) -> Pair:
    """The pair with the issue that our former life created, and with the partner's as it is called now."""
    if pair.state in SILENT:
        return pair
    remote = pair.remote or known.local
    if remote is not None and known.local is not None and remote.id == known.local.id and remote.key != known.local.key:
        remote, pair = known.local, replace(pair, unshown=True)  # what told of its new key got lost
    if pair.local is None and known.remote is not None:
        return replace(pair, local=known.remote, remote=remote, state=PairState.LINKED)
    return replace(pair, remote=remote)


async def finish(desk: Desk) -> None:
    """All of the partner's list is here: what both know of is compared from now on, and everything goes on."""
    channel = desk.channel
    restoring = channel.restoring
    if restoring is None or restoring.parts is None or len(restoring.heard) < restoring.parts:
        return
    async with desk.unit() as (uow, stored):
        names = [_list_name(desk, part) for part in restoring.heard]
        lists = [await uow.cursors.get(name) for name in names]
        theirs = frozenset(PairUid(ident) for one in lists if one is not None for ident in one.edge)
        portions = await begin_comparing(desk, uow, theirs)
        for name in names:
            await uow.cursors.remove(name)
        await over(uow, Code.CHANNEL_DIVERGED, desk.connector)
        await over(uow, Code.CONFIGURATION_AWAITED, desk.connector)
        done = replace(stored.channel, restoring=None, comparing=portions)
        await desk.commit(uow, replace(stored, channel=done))
    if channel.listed == 0:  # the partner waits for ours
        desk.passing.extend(await _parts(desk))
        await desk.change(lambda channel: replace(channel, listed=desk.now()))
