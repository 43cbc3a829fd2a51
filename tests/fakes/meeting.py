"""Two sides of a channel that is being set up, without keys, ciphers and transports: only what they say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Channel, PinnedKey
from backbone.core.protocol.conversing import Event, Heard, JudgedKey, heard
from backbone.core.protocol.handshake import (
    Lot,
    Named,
    Place,
    accepted,
    answer_of,
    code_of,
    confirm,
    file_of,
    offered,
)
from backbone.core.protocol.parcels import Body, ChannelId, Epoch, Handshake, Header, KeyFingerprint, Parcel

NOW = Millis(1_700_000_000_000)
DAY = 24 * 3_600_000
TOMORROW = Millis(NOW + DAY)


def pinned(letter: str) -> PinnedKey:
    """A key that is known by a letter."""
    return PinnedKey(fingerprint=KeyFingerprint(letter * 40), armored=f"key {letter}")


MASTER, SLAVE, STRANGER = pinned("A"), pinned("B"), pinned("C")


def offer(*, encrypted: bool = True, expires: Millis = TOMORROW) -> Channel:
    """A master that has written its handshake file."""
    lot = Lot(channel=ChannelId("c0" * 16), token="t0" * 16, epoch=Epoch("e1" * 16))
    named = Named(name="Acme <> Beta", description="Bugs", encrypted=encrypted)
    return offered(lot, named, MASTER, Place(protocol="mail", address="a@a.test"), expires)


def answering(master: Channel, key: PinnedKey = SLAVE, now: Millis = NOW) -> Channel:
    """A slave that was made from the master's file."""
    place = Place(protocol="mail", address="b@b.test")
    return accepted(file_of(master, now), key, Epoch("e2" * 16), place, now)


def judged(key: PinnedKey, statement: bytes = b"") -> JudgedKey:
    return JudgedKey(fingerprint=key.fingerprint, armored=key.armored, statement=statement)


def from_(speaker: Channel, body: Body, *, to: Channel, number: int | None = None) -> Parcel:
    """A parcel as the speaker would write it to the listener."""
    header = Header(
        channel=speaker.id,
        sender=speaker.role,
        sender_key=speaker.our_key.fingerprint,
        recipient_key=to.our_key.fingerprint,
        epoch=speaker.outgoing.epoch,
        number=number,
    )
    return Parcel(header=header, body=body)


@dataclass
class Both:
    """Master and slave, and what happened to each."""

    master: Channel = field(default_factory=offer)
    slave: Channel = field(init=False)
    events: dict[Role, list[Event]] = field(default_factory=lambda: {Role.FIRST: [], Role.SECOND: []})

    def __post_init__(self) -> None:
        self.slave = answering(self.master)

    def side(self, role: Role) -> Channel:
        return self.master if role is Role.FIRST else self.slave

    def tell(self, to: Role, body: Body, now: Millis = NOW, key: JudgedKey | None = None) -> Heard:
        """Let one side hear a body of the other's, and all that follows from it."""
        listener, speaker = self.side(to), self.side(to.partner)
        if isinstance(body, Handshake):
            key = judged(speaker.our_key)
        told = heard(listener, from_(speaker, body, to=listener, number=None), now, key)
        self.put(to, told.channel)
        self.events[to].extend(told.events)
        for answer in told.say:
            self.tell(to.partner, answer, now)
        return told

    def put(self, role: Role, channel: Channel) -> None:
        if role is Role.FIRST:
            self.master = channel
        else:
            self.slave = channel

    def meet(self, now: Millis = NOW) -> Both:
        """Handshake, ping, ping."""
        self.tell(Role.FIRST, answer_of(self.slave, now), now)
        return self

    def confirm(self) -> Both:
        """Both persons compare the code."""
        code = code_of(self.master) or ""
        self.master, self.slave = confirm(self.master, code), confirm(self.slave, code)
        return self


def forged(channel: Channel, **changes: object) -> Channel:
    """Somebody who pretends to be a side, with something that differs."""
    return replace(channel, **changes)  # type: ignore[arg-type] # the test names fields of a channel
