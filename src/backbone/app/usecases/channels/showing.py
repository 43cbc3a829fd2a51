"""A channel as administrators see it; nothing of it is secret."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.channel.settings import former_receive, part_of
from backbone.app.usecases.channels.office import Office
from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Channel, Stage
from backbone.core.protocol.handshake import code_of, is_open
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization

_UNANSWERED = frozenset({Stage.OFFERED, Stage.ANSWERED})
"""No answer to the handshake file is known to have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is known of a channel. ``waiting`` counts messages that are not sealed, ``unacknowledged`` parcels.

    ``code`` is for both persons to compare; absent while the partner's key is not known. ``valid`` is until when the
    handshake file may be answered, as long as no answer is known to have come; ``expired`` tells that it has passed.
    """

    one: Synchronization
    channel: Channel
    code: str | None
    valid: Millis | None
    expired: bool
    open: bool
    waiting: int
    unacknowledged: int
    unacknowledged_octets: int
    sends: str
    receives: str
    receives_also: str | None
    next: str

    @property
    def ours(self) -> tuple[KeyFingerprint, ...]:
        return tuple(one.fingerprint for one in self.channel.our_keys)

    @property
    def theirs(self) -> tuple[KeyFingerprint, ...]:
        return tuple(one.fingerprint for one in self.channel.partner_keys)

    @property
    def heard(self) -> Millis | None:
        return self.channel.heard or None


async def show(office: Office, named: str) -> Shown:
    """Everything about a channel. Raises Mistake."""
    one, stored = await office.look(named)
    async with office.store.unit() as uow:
        waiting = await uow.outbox.waiting(one.key)
    channel, part, former, now = stored.channel, part_of(stored), former_receive(stored), office.system.now()
    under_way = channel.outgoing.under_way
    return Shown(
        one=one,
        channel=channel,
        code=code_of(channel),
        valid=channel.expires if channel.stage in _UNANSWERED else None,
        expired=channel.stage in _UNANSWERED and now > channel.expires,
        open=is_open(channel),
        waiting=waiting,
        unacknowledged=len(under_way),
        unacknowledged_octets=sum(each.octets for each in under_way),
        sends=part.send.directory or part.send.to or channel.sends_to,
        receives=part.receive.directory or part.receive.address or "",
        receives_also=None if former is None else former.directory or former.address,
        next=next_step(one, stored, now),
    )


def next_step(one: Synchronization, stored: StoredChannel, now: Millis) -> str:
    """What a person of this side has to do now, a sentence."""
    channel = stored.channel
    expired = now > channel.expires
    if channel.departed:
        return "The partner deleted its half: delete this one, too, or set up a new synchronization."
    match channel.stage:
        case Stage.OFFERED if expired:
            return f"The handshake file has expired: 'backbone channel offer {one.key} FILE' writes one to hand over."
        case Stage.OFFERED:
            written = f"'backbone channel offer {one.key} FILE' writes it, and makes one that was written before void"
            return f"Hand over the handshake file, then wait for the answer. {written}."
        case Stage.ANSWERED if expired:
            anew = f"ask the partner for another one, then: backbone channel accept {one.key} FILE"
            return f"The handshake file has expired. If the partner still waits for the answer, {anew}"
        case Stage.ANSWERED:
            return "Wait for the partner's ping; 'backbone serve' has to run on both sides."
        case Stage.PINGED:
            return "Wait for the partner's answer to our ping; 'backbone serve' has to run on both sides."
        case Stage.SUSPENDED:
            return "Two answers came to the handshake file: find out why, then begin with a new one."
        case Stage.KNOWN if not channel.confirmed:
            return f"Compare the code with the partner by telephone, then: backbone channel confirm {one.key} CODE"
        case Stage.KNOWN:
            return _next_of_agreement(one, channel)


def _next_of_agreement(one: Synchronization, channel: Channel) -> str:
    agreement = channel.agreement
    if agreement.agreed is None and agreement.declined is not None:
        if channel.role is Role.SECOND:
            return "What the master published was declined: wait until another configuration comes."
        return "The partner declined what was published: run backbone apply, the file changed or not, with --message."
    if agreement.pending is not None and channel.role is Role.SECOND:
        return "The master published a configuration: map it in the configuration file, then run backbone apply."
    if agreement.pending is not None or (agreement.agreed is None and channel.role is Role.FIRST):
        return "Wait until the partner takes over what was published."
    if agreement.agreed is None:
        return "Wait until the master's configuration comes."
    return "Nothing." if one.wanted_running else f"Start it: backbone start {one.key}"
