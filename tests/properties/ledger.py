"""What a channel does with hostile parcels once they are accepted: numbers, gaps, chains, acknowledgements."""

from __future__ import annotations

from dataclasses import dataclass, field

from backbone.core.model.keys import Millis
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.channel import Incoming, Outgoing
from backbone.core.protocol.collecting import (
    AHEAD,
    Verdict,
    acknowledgement,
    heard_of,
    judge,
    next_release,
    released,
    took,
)
from backbone.core.protocol.delivering import acknowledged, sealed
from backbone.core.protocol.parcels import Acknowledgement, Digest, Heartbeat, Numbered, Parcel
from backbone.core.protocol.wire import to_plain
from tests.fakes.parcels import EPOCH, header, parcel

NOW = Millis(1_800_000_000_000)
SENT = 20


@dataclass(slots=True)
class Ledger:
    """Both directions of a channel, as far as they are values."""

    incoming: Incoming = field(default_factory=lambda: Incoming(epoch=EPOCH))
    outgoing: Outgoing = field(default_factory=lambda: Outgoing(epoch=EPOCH))
    known: dict[int, Digest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in range(1, SENT + 1):
            self.outgoing = sealed(self.outgoing, header(number), digest_of(str(number).encode()), 100)
        heads = [one.head for one in self.outgoing.under_way]
        honest = Acknowledgement(
            epoch=EPOCH, at=NOW, contiguous=SENT // 2, head=heads[SENT // 2 - 1], highest=SENT // 2
        )
        answered = acknowledged(self.outgoing, honest, NOW, NOW)
        assert isinstance(answered, Outgoing)
        self.outgoing = answered

    def enter(self, told: Parcel, digest: Digest) -> None:
        """Whatever was said, what is remembered stays small and can be told to the partner."""
        match told.body:
            case Acknowledgement() as body:
                after = acknowledged(self.outgoing, body, NOW, NOW)
                self.outgoing = after if isinstance(after, Outgoing) else self.outgoing
            case Heartbeat(last=last):
                self.incoming = heard_of(self.incoming, last, NOW)
            case _:
                self._number(told, digest)
        self._check()

    def _number(self, told: Parcel, digest: Digest) -> None:
        number, body = told.header.number, told.body
        if number is None or not isinstance(body, Numbered):
            return
        if judge(self.incoming, number, digest, self.known.get(number)) is not Verdict.NEW:
            return
        self.known[number] = digest
        self.incoming = took(self.incoming, told.header, digest, body, NOW)
        while release := next_release(self.incoming, {told.header.exchange}):
            self.incoming = released(self.incoming, release)

    def _check(self) -> None:
        answer = acknowledgement(self.incoming, NOW)
        if answer is None or to_plain(parcel(answer)) is None:
            raise AssertionError("there is nothing to acknowledge with")
        if len(self.incoming.beyond) > AHEAD:
            raise AssertionError("more is remembered than was ever sent")
