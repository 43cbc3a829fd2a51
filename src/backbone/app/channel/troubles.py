"""What a person has to know of a channel: one problem a cause, counted, and nothing of what was said in it."""

from __future__ import annotations

from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.channel import Outage
from backbone.ports.store import UnitOfWork
from backbone.ports.transport import NotOurPlace, TransportError

SENDING, RECEIVING = "sending", "receiving"
TELL_AFTER = 3
"""So often in a row a transport fails before it is told: connections are lost all the time."""

_REMEDIES = {
    Code.CHANNEL_DOWN: "Check the server or directory that the cause names; it is tried again by itself, and nothing "
    "is lost.",
    Code.CHANNEL_PLACE: "Mount or restore the directory, or confirm that it is the new one.",
    Code.PARCEL_REFUSED: "Nothing, if it happened once. Else ask the partner whether its version, keys and clock are "
    "right; what is genuine comes again by itself.",
    Code.CONFIGURATION_AWAITED: "Accept what the master published, or have the master publish again; nothing is lost.",
    Code.PARCEL_TOO_LARGE: "Raise the limit of the mail server, or agree on a smaller size with the partner.",
    Code.PARCELS_UNANSWERED: "Ask whether the partner's installation runs. Else look for the mails in quarantine, and "
    "for a server that rewrites or drops attachments.",
    Code.PARTNER_SILENT: "Ask the partner whether its installation runs and reaches its mailbox or directory.",
    Code.CHANNEL_DIVERGED: "Both sides compare what they know and go on by themselves; a value that differs then asks "
    "for a choice.",
    Code.MAIL_RETURNED: "Correct the partner's address or mailbox; what was returned is sent again by itself.",
}


def trouble(code: Code, connector: ConnectorKey, cause: str, thing: str = "") -> Problem:
    """A problem of a channel."""
    return Problem(
        code=code,
        connector=connector,
        occurred_in=None,
        cause=cause,
        remedy=_REMEDIES[code],
        holds=Holds(thing=thing),
    )


async def over(uow: UnitOfWork, code: Code, connector: ConnectorKey, thing: str = "") -> None:
    """The cause is gone."""
    await uow.problems.resolve(trouble(code, connector, "", thing).identity)


async def tell_of_outage(
    uow: UnitOfWork, connector: ConnectorKey, way: str, error: TransportError, outage: Outage, *, now: Millis
) -> None:
    """A transport does not work, with the server's own words."""
    if isinstance(error, NotOurPlace):
        await uow.problems.report(trouble(Code.CHANNEL_PLACE, connector, f"{way}: {error.words}", way), now)
    elif outage.failures >= TELL_AFTER:
        await uow.problems.report(trouble(Code.CHANNEL_DOWN, connector, f"{way}: {error.words}", way), now)


async def outage_over(uow: UnitOfWork, connector: ConnectorKey, way: str) -> None:
    """It works again."""
    await over(uow, Code.CHANNEL_DOWN, connector, way)
    await over(uow, Code.CHANNEL_PLACE, connector, way)
