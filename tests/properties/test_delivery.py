"""Whatever happens to parcels and processes: everything told is used exactly once, that of a pair in order.

Parcels get lost, come twice, late, in another order, cut short or damaged; a process dies at any transaction; what once
passed is put onto the wire again; transports fail. When that ends, everything arrives and both sides agree on it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backbone.core.model.keys import PairUid, Role
from backbone.core.model.problems import Code
from backbone.core.protocol.delivering import WINDOW
from tests.fakes.transport import Fault, Mailbox
from tests.fakes.world import Crash, drive
from tests.parts.bad_wires import BadWay
from tests.parts.counted_messages import counting, used
from tests.parts.counted_messages import tell as tell_all
from tests.parts.two_installations import Installation

SIDES = st.sampled_from([0, 1])
FAULTS = st.lists(st.sampled_from(Fault), min_size=1, max_size=6)


@dataclass(slots=True)
class Steps:
    """A store's gate that lets the process die at one of the next transactions."""

    left: int

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash


class Delivery(RuleBasedStateMachine):
    """Two installations whose messages are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.two = counting()
        self.number = 0
        self.told: dict[Role, dict[PairUid, list[int]]] = {role: defaultdict(list) for role in Role}

    def side(self, number: int) -> Installation:
        return self.two.both[number]

    # what happens -----------------------------------------------------------------------------------------------------

    @rule(number=SIDES, pairs=st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True))
    def tell(self, number: int, pairs: list[int]) -> None:
        side = self.side(number)
        told: dict[PairUid, int] = {}
        for pair in pairs:
            self.number += 1
            told[PairUid(f"p{pair}")] = self.number
            self.told[side.half.role][PairUid(f"p{pair}")].append(self.number)
        drive(tell_all(side, told))

    @rule(number=SIDES)
    def step(self, number: int) -> None:
        drive(self.side(number).step())

    @rule(number=SIDES, at=st.integers(1, 60))
    def step_and_die(self, number: int, at: int) -> None:
        side = self.side(number)
        side.world.store.gate = Steps(at)
        drive(side.step())
        side.world.store.gate = lambda: None

    @rule(minutes=st.sampled_from([0.1, 1, 3, 15, 200]))
    def time_passes(self, minutes: float) -> None:
        self.two.wait(60 * minutes)

    @rule(number=SIDES, faults=FAULTS)
    def befall(self, number: int, faults: list[Fault]) -> None:
        self._mailbox(number).befall(*faults)

    @rule(number=SIDES, order=st.permutations(range(6)))
    def shuffle(self, number: int, order: list[int]) -> None:
        self._mailbox(number).release()
        self._mailbox(number).shuffle(order)

    @rule(number=SIDES, which=st.integers(0, 50))
    def put_again(self, number: int, which: int) -> None:
        """Somebody keeps what passed, and puts it onto the wire once more, at the right place or at the sender's."""
        sent = self._mailbox(number).sent
        if sent:
            self._mailbox(number).put(sent[which % len(sent)])
            self._mailbox(1 - number).put(sent[which % len(sent)])

    @rule(number=SIDES)
    def fail(self, number: int) -> None:
        mailbox = self._mailbox(number)
        mailbox.down = "" if mailbox.down else "connection refused"

    def _mailbox(self, number: int) -> Mailbox | BadWay:
        return self.two.wire.towards(self.side(number).half.role)

    # what holds -------------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_used_twice_or_out_of_order(self) -> None:
        for side in self.two.both:
            for pair, messages in used(side).items():
                values = [int(value) for value, _ in messages if value]
                comments = [one for _, said in messages for one in said]
                assert values == sorted(set(values)), (pair, values)
                assert len(comments) == len(set(comments)), (pair, comments)
                assert comments == sorted(comments), (pair, comments)

    @invariant()
    def the_window_is_bounded(self) -> None:
        assert all(len(side.channel.outgoing.under_way) <= WINDOW for side in self.two.both)

    def teardown(self) -> None:
        for number in (0, 1):
            mailbox = self._mailbox(number)
            mailbox.faults.clear()
            mailbox.down = ""
            mailbox.release()
        for _ in range(60):
            drive(self.two.exchange(seconds=400))
            if self.two.idle() and self._agreed():
                break
        self.nothing_is_used_twice_or_out_of_order()
        for side in self.two.both:
            partner = self.two.both[1 - self.two.both.index(side)]
            arrived = {pair: [one for _, said in messages for one in said] for pair, messages in used(side).items()}
            assert arrived == dict(self.told[partner.half.role])
            assert not {Code.CHANNEL_DIVERGED, Code.DEFECT} & set(side.problems)
        assert self.two.idle(), self.two.in_words()
        assert self._agreed()

    def _agreed(self) -> bool:
        """Both sides know the same of both directions."""
        first, second = (side.channel for side in self.two.both)
        ways = ((first.outgoing, second.incoming), (second.outgoing, first.incoming))
        return all(
            (out.last, out.head, out.acknowledged, out.acknowledged_head)
            == (into.contiguous, into.head, into.contiguous, into.head)
            for out, into in ways
        )


Delivery.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestDelivery = Delivery.TestCase
