"""What the rest of the program does about what a partner said: problems, configurations in force, a half that stops."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

import structlog

from backbone.app.channel.renames import follow_rename
from backbone.app.channel.saying import say
from backbone.app.channel.settings import folder_of, part_of, with_part
from backbone.app.declaration.channel import protocol_of
from backbone.app.usecases.agreeing import settle
from backbone.app.usecases.switching import stop_one
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.conversing import (
    LARGEST_SKEW,
    ClocksCompared,
    Departed,
    Event,
    Met,
    NewPublication,
    PartnerKeyRenewed,
    PartnerMoved,
    PassedOver,
    PingAnswered,
    ProjectRenamed,
    PublicationAnswered,
    PublicationRepeated,
    TwoAnswers,
)
from backbone.core.protocol.delivering import again
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from backbone.ports.store import UnitOfWork

log = structlog.get_logger()

_REMEDIES = {
    Code.HANDSHAKE_SUSPENDED: "Find out who else has the handshake file, then begin anew with 'backbone channel offer "
    "--anew' on the master's side.",
    Code.PARTNER_DOUBTFUL: "Ask the partner by another way whether it was the partner. It was of no effect.",
    Code.PARTNER_CLOCK: "Set both clocks by a time server (NTP).",
    Code.PARTNER_MOVED: "Change send: in the configuration file and run 'backbone apply'.",
    Code.PARTNER_LEFT: "Delete this half, too, by 'backbone delete'; to begin anew, set up a new synchronization afterwards.",
}


def partner_problem(code: Code, connector: ConnectorKey, cause: str) -> Problem:
    """A problem that a person of this side has with the partner."""
    return Problem(
        code=code,
        connector=connector,
        occurred_in=None,
        cause=cause,
        remedy=_REMEDIES[code],
        holds=Holds(),
    )


async def follow(uow: UnitOfWork, stored: StoredChannel, events: tuple[Event, ...], now: Millis) -> StoredChannel:
    """Do what follows from each; the channel has to be saved in the same unit."""
    one = await uow.synchronizations.get(stored.synchronization)
    if one is None:
        return stored
    for event in events:
        stored = await _follow_one(uow, stored, one, event, now)
    return stored


async def _follow_one(
    uow: UnitOfWork, stored: StoredChannel, one: Synchronization, event: Event, now: Millis
) -> StoredChannel:
    connector = one.connectors[0]
    match event:
        case Met() | PingAnswered() | PartnerKeyRenewed():
            if isinstance(event, Met):
                await uow.problems.resolve(partner_problem(Code.HANDSHAKE_SUSPENDED, connector, "").identity)
            log.info("partner", channel=stored.synchronization, said=type(event).__name__)
        case PublicationRepeated(answer=answer):
            return await say(uow, stored, [answer], now)
        case NewPublication():
            log.info("publication-waits", channel=stored.synchronization)
        case PublicationAnswered(answer=answer):
            return await settle(uow, stored, answer, now)
        case ClocksCompared(ahead=ahead):
            await _compare_clocks(uow, connector, ahead, now)
        case PartnerMoved():
            return await _moved(uow, stored, connector, event, now)
        case ProjectRenamed(told=told):
            return await follow_rename(uow, stored, one, told, now)
        case TwoAnswers():
            cause = "two different answers came to one handshake file: somebody else has it"
            await uow.problems.report(partner_problem(Code.HANDSHAKE_SUSPENDED, connector, cause), now)
        case Departed():
            cause = "the partner deleted its half of the synchronization"
            await stop_one(uow, stored.synchronization, now)
            await uow.problems.report(partner_problem(Code.PARTNER_LEFT, connector, cause), now)
        case PassedOver(why=why, grave=True):
            await uow.problems.report(partner_problem(Code.PARTNER_DOUBTFUL, connector, why), now)
        case PassedOver(why=why):
            log.info("passed-over", channel=stored.synchronization, why=why)
        case _:
            assert_never(event)
    return stored


async def _compare_clocks(uow: UnitOfWork, connector: ConnectorKey, ahead: int, now: Millis) -> None:
    if abs(ahead) <= LARGEST_SKEW:
        await uow.problems.resolve(partner_problem(Code.PARTNER_CLOCK, connector, "").identity)
        return
    way = "ahead of" if ahead > 0 else "behind"
    cause = f"the partner's clock is {abs(ahead) // 60_000} minutes {way} ours"
    await uow.problems.report(partner_problem(Code.PARTNER_CLOCK, connector, cause), now)


async def end_of_move(uow: UnitOfWork, stored: StoredChannel, connector: ConnectorKey) -> None:
    """Where we send as the partner receives, nobody has to say how any more."""
    if protocol_of(part_of(stored).send) == stored.channel.meeting.sends_by:
        await uow.problems.resolve(partner_problem(Code.PARTNER_MOVED, connector, "").identity)


async def _moved(
    uow: UnitOfWork, stored: StoredChannel, connector: ConnectorKey, event: PartnerMoved, now: Millis
) -> StoredChannel:
    """Mails go to the new address at once; for another protocol a person has to say how."""
    part = part_of(stored)
    await end_of_move(uow, stored, connector)
    if event.by_itself and part.send.by_mail:
        sending = part.send.model_copy(update={"to": None})
        stored = replace(stored, channel=replace(stored.channel, outgoing=again(stored.channel.outgoing)))
        return with_part(stored, part.model_copy(update={"send": sending}), folder_of(stored))
    if event.protocol == "files" and not part.send.by_mail:
        return stored
    cause = f"the partner receives by {event.protocol} now"
    await uow.problems.report(partner_problem(Code.PARTNER_MOVED, connector, cause), now)
    return stored
