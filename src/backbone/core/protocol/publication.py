"""How both sides come to work by one configuration: the master publishes, the slave takes over or declines.

Pure steps on what one side remembers of it. Until a publication is answered, both go on by the one before.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

from backbone.core.model.changes import Changes, Content, IssueAppeared, IssueChanged, IssueCreated
from backbone.core.model.exchange import Exchange, SharedField, Ways
from backbone.core.model.keys import Revision, Role
from backbone.core.protocol.channel import Agreement, Channel, Proposal, Publication
from backbone.core.protocol.handshake import is_open
from backbone.core.protocol.parcels import Answered, Digest, Published
from backbone.core.protocol.wire_changes import EXCHANGE

REMEMBERED = 8
"""So many configurations of before are kept, to read what was said under them."""


def digest_of(exchange: Exchange) -> Digest:
    """SHA-256 of the exchange as JSON without blanks, its keys and its lists in order: the order of rows says nothing."""
    canonical = replace(
        exchange,
        types=tuple(sorted(exchange.types, key=lambda one: one.alias)),
        fields=tuple(sorted((_sorted(one) for one in exchange.fields), key=lambda one: one.alias)),
    )
    text = json.dumps(EXCHANGE.write(canonical), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return Digest(sha256(text.encode()).hexdigest())


def _sorted(field: SharedField) -> SharedField:
    values = None if field.values is None else tuple(sorted(field.values))
    return replace(field, values=values, types=None if field.types is None else tuple(sorted(field.types)))


def publication_of(revision: Revision, exchange: Exchange, message: str) -> Publication:
    return Publication(revision=revision, digest=digest_of(exchange), exchange=exchange, message=message)


def next_revision(channel: Channel, in_force: Revision) -> Revision:
    """A revision never given before, be it to something that was declined."""
    return Revision(max(in_force, channel.numbered) + 1)


# --- the master -------------------------------------------------------------------------------------------------------


def proposed(channel: Channel, proposal: Proposal) -> Channel:
    """The master's administrator published something; it replaces what was not answered yet."""
    numbered = Revision(max(channel.numbered, proposal.publication.revision))
    agreement = replace(channel.agreement, declined=None)
    return replace(channel, proposal=proposal, numbered=numbered, agreement=agreement)


def sayable(channel: Channel) -> Published | None:
    """What the master has to tell the slave now, which it can once both know each other and a person confirmed that."""
    if channel.role is not Role.FIRST or not is_open(channel):
        return None
    one = _unsaid(channel)
    if one is None:
        return None
    return Published(revision=one.revision, digest=one.digest, exchange=one.exchange, message=one.message)


def _unsaid(channel: Channel) -> Publication | None:
    """The proposal, once; in a new epoch once more, or what is agreed: one of both may have forgotten it."""
    proposal, agreement = channel.proposal, channel.agreement
    void = agreement.said_in is not None and agreement.said_in != channel.outgoing.epoch
    if proposal is not None:
        return proposal.publication if void or agreement.pending != proposal.publication else None
    return agreement.agreed if void else None


def said(channel: Channel) -> Channel:
    """What was sayable is on its way: from now on the proposal waits for the slave.

    The one that it replaces is kept, since the slave may have taken it over and speak by it.
    """
    before = replace(channel.agreement, said_in=channel.outgoing.epoch)
    if channel.proposal is None:
        return replace(channel, agreement=before)
    pending, former = channel.proposal.publication, before.former
    if before.pending is not None and before.pending != pending:
        former = (*former, before.pending)[-REMEMBERED:]
    return replace(channel, agreement=replace(before, pending=pending, former=former))


def taken(channel: Channel, answer: Answered) -> tuple[Channel, Proposal | None]:
    """The proposal that an answer puts in force, and the channel without the one that it settles.

    The agreement itself has heard the answer already; one to a former publication settles nothing.
    """
    proposal = channel.proposal
    if proposal is None:
        return channel, None
    one = proposal.publication
    if (one.revision, one.digest) != (answer.revision, answer.digest):
        return channel, None
    return replace(channel, proposal=None), proposal if answer.accepted else None


def voided(channel: Channel) -> Agreement:
    """What was published in an epoch that is void, and not taken over yet, is said again in the new one."""
    return channel.agreement if channel.role is Role.FIRST else replace(channel.agreement, pending=None)


# --- the slave --------------------------------------------------------------------------------------------------------


def accepted(channel: Channel, message: str = "") -> tuple[Channel, Answered]:
    """Our administrator takes the pending publication over; there has to be one."""
    pending, agreement = _pending(channel.agreement), channel.agreement
    former = (*agreement.former, *([agreement.agreed] if agreement.agreed is not None else []))
    agreed = replace(agreement, agreed=pending, pending=None, declined=None, former=former[-REMEMBERED:])
    return replace(channel, agreement=agreed), _answer(pending, message, accepted=True)


def declined(channel: Channel, message: str) -> tuple[Channel, Answered]:
    """Our administrator declines it: both go on as before."""
    pending = _pending(channel.agreement)
    agreement = replace(channel.agreement, pending=None, declined=message)
    return replace(channel, agreement=agreement), _answer(pending, message, accepted=False)


def to_map(agreement: Agreement) -> Publication | None:
    """What the slave's file is mapped within: what waits for it, else what is agreed."""
    return agreement.pending or agreement.agreed


def _pending(agreement: Agreement) -> Publication:
    if agreement.pending is None:
        raise ValueError("no publication waits for an answer")
    return agreement.pending


def _answer(pending: Publication, message: str, *, accepted: bool) -> Answered:
    return Answered(revision=pending.revision, digest=pending.digest, accepted=accepted, message=message)


# --- what may leave ---------------------------------------------------------------------------------------------------


def allowed(content: Content, exchange: Exchange, sender: Role) -> Content | None:
    """What of it this sender may say under an exchange, whoever decided to say it, and when; None where nothing is left.

    What was told before a field was removed can't leave afterwards; what a partner says beyond it is not heard.
    """
    match content:
        case IssueCreated():
            return content
        case IssueAppeared(type_alias=alias, changes=changes):
            if not any(one.alias == alias and _goes(one.ways, sender) for one in exchange.types):
                return None
            return replace(content, changes=_allowed(changes, exchange, sender))
        case IssueChanged(changes=changes):
            left = _allowed(changes, exchange, sender)
            return replace(content, changes=left) if left or not changes else None


def attachments_leave(exchange: Exchange, sender: Role) -> bool:
    """Whether this sender's attachments travel under an exchange."""
    return _goes(exchange.files, sender)


def _allowed(changes: Changes, exchange: Exchange, sender: Role) -> Changes:
    aliases = {one.alias for one in exchange.fields if _goes(one.ways, sender)}
    return replace(
        changes,
        fields=tuple(one for one in changes.fields if one.alias in aliases),
        elements=tuple(one for one in changes.elements if one.alias in aliases),
        members=tuple(one for one in changes.members if one.alias in aliases),
        comments=changes.comments if _goes(exchange.comments, sender) else (),
        files=changes.files if _goes(exchange.files, sender) else (),
    )


def _goes(ways: Ways, sender: Role) -> bool:
    return ways.to_slave if sender is Role.FIRST else ways.to_master
