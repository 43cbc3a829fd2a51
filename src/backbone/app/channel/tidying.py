"""What is done once a day; contents that nobody asks for go after thirty days, digests stay as proofs."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.desk import Desk
from backbone.app.channel.files import give_up
from backbone.app.channel.growing import try_larger
from backbone.core.model.keys import Millis
from backbone.core.protocol.delivering import DAY

KEPT = Millis(30 * DAY)


async def tidy(desk: Desk) -> None:
    """Once a day: drop old contents and attachments that never came as a whole, and see whether more fits into a parcel."""
    now = desk.now()
    if now < desk.channel.tidied + DAY:
        return
    async with desk.unit() as (uow, stored):
        await uow.sent.forget(desk.key, Millis(now - KEPT))
        await uow.received.forget(desk.key, Millis(now - KEPT))
        await give_up(uow, now)
        await desk.commit(uow, replace(stored, channel=replace(stored.channel, tidied=now)))
    await try_larger(desk)
