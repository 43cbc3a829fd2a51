"""Two companies converge: whole installations, one half each, that only exchange sealed parcels over a bad wire.

The same people as between two halves, and the same promises. Beside them parcels get lost, come twice, late, in another
order, cut short or with a bit flipped; transports fail; processes die at any step of their channel.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from backbone.app.engine.apply import run_apply
from backbone.app.engine.census import census
from backbone.core.model.keys import ConnectionName
from backbone.core.model.pair import PairState
from backbone.core.sync.retry import holds_back
from backbone.ports.records import ApplyTurn
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import Late
from tests.fakes.scene import A, B
from tests.fakes.transport import Fault, Mailbox
from tests.fakes.world import Crash, drive
from tests.parts.bad_wires import BadWay
from tests.parts.two_installations import Installation, TwoInstallations
from tests.properties.people import SECRET, People

SIDES = st.sampled_from([A, B])
FAULTS = st.lists(st.sampled_from(list(Fault)), min_size=1, max_size=3)


class TwoCompanies(People):
    """Rules are what people, networks and machines do; the end of each example lets everything settle and looks."""

    def __init__(self) -> None:
        super().__init__()
        self.two = self.installations()
        self.jiras = {A: self.two.a, B: self.two.b}
        self.companies = {A: self.two.first, B: self.two.second}

    def installations(self) -> TwoInstallations:
        """Both, over a wire in memory."""
        return TwoInstallations()

    @initialize()
    def begin(self) -> None:
        self.new_issue(A)

    def is_paired(self, issue: FakeIssue) -> bool:
        pairs = [pair for one in self.two.both for pair in one.world.store.tables.pairs.values()]
        return any(pair.local is not None and pair.local.id == issue.ref.id for pair in pairs)

    # the wire ---------------------------------------------------------------------------------------------------------

    @rule(side=SIDES, faults=FAULTS)
    def befall(self, side: ConnectionName, faults: list[Fault]) -> None:
        """Something happens to the next parcels towards a side."""
        self._towards(side).befall(*faults)

    @rule(side=SIDES, order=st.lists(st.integers(0, 5), max_size=4))
    def shuffle(self, side: ConnectionName, order: list[int]) -> None:
        self._towards(side).shuffle(order)

    @rule(side=SIDES)
    def release(self, side: ConnectionName) -> None:
        """What was delayed arrives."""
        self._towards(side).release()

    @rule(side=SIDES, fails=st.booleans())
    def fail(self, side: ConnectionName, fails: bool) -> None:
        self._towards(side).down = "the server is away" if fails else ""

    @rule(side=SIDES, keeps=st.booleans())
    def keep(self, side: ConnectionName, keeps: bool) -> None:
        """Nothing can be removed from where a side receives."""
        self._towards(side).keeps = keeps

    @rule(side=SIDES, number=st.integers(0, 9))
    def replay(self, side: ConnectionName, number: int) -> None:
        """Somebody puts an old parcel into the mailbox, perhaps one of the side's own."""
        for one in (self._towards(side), self._towards(A if side == B else B)):
            if one.sent:
                self._towards(side).put(one.sent[number % len(one.sent)])

    # machines ---------------------------------------------------------------------------------------------------------

    @rule(side=SIDES, at=st.integers(0, 12), what=st.sampled_from(["nothing", "crash", "lost", "late"]))
    def look(self, side: ConnectionName, at: int, what: str) -> None:
        with self._disturbed(side, what, at):
            drive(self.companies[side].world.look(side))

    @rule(side=SIDES, number=st.integers(0, 5), at=st.integers(0, 8), data=st.data())
    def turn(self, side: ConnectionName, number: int, at: int, data: st.DataObject) -> None:
        turns = self.companies[side].world.store.turns.ready()
        what = data.draw(st.sampled_from(["nothing", "nothing", "crash", "lost", "late", "edit"]))
        if turns:
            with self._disturbed(side, what, at, data):
                drive(self.companies[side].world.run(turns[number % len(turns)]))

    @rule(side=SIDES, at=st.integers(0, 20))
    def step(self, side: ConnectionName, at: int) -> None:
        """A step of the channel, at whose n-th commit or call the process dies (never, for the greater numbers)."""
        with self._disturbed(side, "crash", at):
            drive(self.companies[side].step())

    @rule(side=SIDES)
    def restart(self, side: ConnectionName) -> None:
        self.companies[side].restart()

    @rule(seconds=st.sampled_from([0, 1, 3, 30, 200, 4000]))
    def wait(self, seconds: int) -> None:
        """Not for long while the search hides an issue, or is late: what was done then is found by looking back."""
        hidden = any(jira.hidden or jira.index is not None for jira in self.jiras.values())
        self.two.wait((min(seconds, 200) if hidden else seconds) + 0.007)

    @rule()
    def settle(self) -> None:
        self._check()

    def teardown(self) -> None:
        if self.born:
            self._check()

    # looking ----------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._end_trouble()
        self.settled()
        self._retry()
        self.agree(self._pairs())
        assert not self._secret_told, "what is restricted never leaves"
        self.edits.clear()

    def settled(self) -> None:
        """Let everything happen until nothing happens any more."""
        drive(self.two.settle())

    def _pairs(self) -> list[tuple[FakeIssue, FakeIssue]]:
        found: dict[str, dict[ConnectionName, FakeIssue]] = {}
        for side, company in self.companies.items():
            for (_, uid), pair in company.world.store.tables.pairs.items():
                if pair.state is PairState.BURIED:
                    continue
                assert pair.local is not None, "every half has its issue"
                found.setdefault(uid, {})[side] = self.jiras[side].issues[pair.local.id]
        return [(both[A], both[B]) for both in found.values()]

    def _end_trouble(self) -> None:
        """Whatever stood in the way is over."""
        for side in (A, B):
            mailbox = self._towards(side)
            mailbox.faults.clear()
            mailbox.down, mailbox.keeps = "", False
            mailbox.release()
        for side, jira in self.jiras.items():
            jira.catch_up()
            jira.hidden.clear()
            jira.refuse = lambda _issue, _values: None
            drive(census(self.companies[side].world.engine, self.companies[side].half))

    def _retry(self) -> None:
        """What was held back is tried again, and then nothing is held back any more."""
        for company in self.two.both:
            for (connector, uid), pair in list(company.world.store.tables.pairs.items()):
                if holds_back(pair):
                    turn = ApplyTurn(connector=connector, pair=uid)
                    drive(run_apply(company.world.engine, turn, retry=True))
        drive(self.two.settle())
        for company in self.two.both:
            assert not any(holds_back(pair) for pair in company.world.store.tables.pairs.values()), "all is written"

    @property
    def _secret_told(self) -> bool:
        sent = [parcel.plaintext for one in self.two.both for parcel, _ in one.world.store.tables.sent.values()]
        return any(SECRET.encode() in zlib.decompress(plaintext) for plaintext in sent if plaintext)

    # doing ------------------------------------------------------------------------------------------------------------

    def _towards(self, side: ConnectionName) -> Mailbox | BadWay:
        return self.two.wire.towards(self.companies[side].half.role)

    @contextmanager
    def _disturbed(self, side: ConnectionName, what: str, at: int, data: st.DataObject | None = None) -> Iterator[None]:
        """Something happens at the n-th step of what one company does."""
        company: Installation = self.companies[side]
        left = at

        def step(point: str) -> None:
            nonlocal left
            left -= 1
            if left != 0:
                return
            if what == "crash":
                raise Crash
            if what == "lost" and point != "commit":
                raise OutcomeUnknown("no answer came", retry_after=1.0)
            if what == "late" and point != "commit":
                raise Late("no answer came", retry_after=1.0)
            if what == "edit" and data is not None:
                self.edit_or_walk(side, data)

        jira, store = self.jiras[side], company.world.store
        jira.gate, store.gate = step, lambda: step("commit")
        try:
            yield
        finally:
            jira.gate, store.gate = lambda _point: None, lambda: None


TestTwoCompanies = TwoCompanies.TestCase
