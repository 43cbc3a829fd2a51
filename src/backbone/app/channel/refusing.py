"""What came and can't be used: kept for a person, or for another try, and told without a word of what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from backbone.app.channel.desk import Desk
from backbone.app.channel.opening import Refusal
from backbone.app.channel.troubles import trouble
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.parcels import Digest
from backbone.core.protocol.sizing import awaits_size, came_back
from backbone.ports.channels import RefusedParcel
from backbone.ports.transport import Notice, NoticeKind

log = structlog.get_logger()

MOST_REFUSED = 100
OCTETS_REFUSED = 20_000_000
TRIED_FOR = Millis(48 * 60 * 60 * 1000)
"""So long a parcel is tried again whose signature may lie in the future."""
TRY_AGAIN = Millis(10 * 60 * 1000)


async def refuse(desk: Desk, sealed: bytes, refusal: Refusal, *, again: bool) -> None:
    """Keep it. A cause is told and counted once for each parcel."""
    now = desk.now()
    log.warning("parcel-refused", channel=desk.key, cause=refusal.cause)
    if again:
        return
    kept = RefusedParcel(
        synchronization=desk.key,
        digest=digest_of(sealed),
        received=now,
        cause=refusal.cause,
        raw=sealed,
        retry=refusal.retry,
    )
    async with desk.unit() as (uow, stored):
        if len(sealed) <= OCTETS_REFUSED:
            await uow.received.refuse(kept, most=MOST_REFUSED, octets=OCTETS_REFUSED)
        cause = f"something came that {refusal.cause}"
        await uow.problems.report(trouble(Code.PARCEL_REFUSED, desk.connector, cause, refusal.cause), now)
        channel = stored.channel
        if refusal.retry and channel.retry is None:
            channel = replace(channel, retry=Millis(now + TRY_AGAIN))
        await desk.commit(uow, replace(stored, channel=channel))


async def keep_until_confirmed(desk: Desk, sealed: bytes) -> None:
    """The partner's person was faster: what came is not looked at before ours has compared the code."""
    await _keep(desk, sealed, "came before the code was confirmed here", desk.now())


async def keep_for_another_try(desk: Desk, sealed: bytes) -> None:
    """A defect of ours, which was told, kept it from being used."""
    await _keep(desk, sealed, "could not be used for a defect of this program", Millis(desk.now() + TRY_AGAIN))


async def _keep(desk: Desk, sealed: bytes, cause: str, retry: Millis) -> None:
    kept = RefusedParcel(
        synchronization=desk.key,
        digest=digest_of(sealed),
        received=desk.now(),
        cause=cause,
        raw=sealed,
        retry=True,
    )
    async with desk.unit() as (uow, stored):
        if len(sealed) <= OCTETS_REFUSED:
            await uow.received.refuse(kept, most=MOST_REFUSED, octets=OCTETS_REFUSED)
        known = stored.channel.retry
        first = retry if known is None else min(known, retry)
        await desk.commit(uow, replace(stored, channel=replace(stored.channel, retry=first)))


async def to_try_again(desk: Desk) -> Sequence[RefusedParcel]:
    """Refused parcels whose time may have come; none before the code is confirmed."""
    channel = desk.channel
    if not channel.confirmed or channel.retry is None or desk.now() < channel.retry:
        return ()
    async with desk.unit() as (uow, _):
        found = await uow.received.refused(desk.key)
    waiting = [one for one in found if one.retry and one.received > desk.now() - TRIED_FOR]
    if not waiting:
        await desk.change(lambda channel: replace(channel, retry=None))
    return waiting


async def tried_again(desk: Desk, used: Sequence[Digest], *, left: bool) -> None:
    """These were used after all; whether others are left."""
    async with desk.unit() as (uow, stored):
        await uow.received.drop_refused(desk.key, used)
        retry = Millis(desk.now() + TRY_AGAIN) if left else None
        await desk.commit(uow, replace(stored, channel=replace(stored.channel, retry=retry)))


async def tell_of_bounces(desk: Desk, notices: Sequence[Notice]) -> None:
    """What a mail server returned is shown in its own words, and what is not ours told in the log; neither is acted on.

    A ping that tried a size holds nothing: that it comes back is told in the log as well.
    """
    for notice in notices:
        if notice.kind is NoticeKind.FOREIGN:
            log.info("not-a-parcel", channel=desk.key, words=notice.words)
            continue
        if notice.kind is NoticeKind.TOO_LARGE and awaits_size(desk.channel):
            log.info("size-not-taken", channel=desk.key, words=notice.words)
            await desk.change(came_back)
            continue
        async with desk.unit() as (uow, stored):
            cause = f"a mail of ours came back: {notice.words}"
            await uow.problems.report(trouble(Code.MAIL_RETURNED, desk.connector, cause), desk.now())
            await desk.commit(uow, stored)
