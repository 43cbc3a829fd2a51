"""Two halves converge: the engine itself, over a Jira and a store in memory, driven into every corner.

When everything is quiet both sides are equal under the mapping, nothing exists twice, nothing is lost, no edit was
undone that nobody undid, and no message is sent any more. Values repeat on purpose: with unique ones several faults
stay invisible.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from backbone.app.engine.apply import run_apply
from backbone.app.engine.census import census
from backbone.core.mapping.discussion import PROOFS
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.keys import ConnectionName, ProjectId, Role
from backbone.core.sync.retry import holds_back
from backbone.ports.records import ApplyTurn, ConnectorTurn
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.halves import (
    FIELDS,
    FIRST_WORKFLOW,
    OPEN,
    P1,
    PRIORITY,
    SECOND_WORKFLOW,
    TODO,
    half,
)
from tests.fakes.jira import FakeIssue, FakeJira, Late
from tests.fakes.scene import A, B
from tests.fakes.world import Crash, FakeSystem, World, drive
from tests.properties.agreement import pairs_of
from tests.properties.people import SECRET, People

BEFORE_WRITING = frozenset(
    "create edit move add-comment edit-comment remove-comment add-file remove-file commit".split()
)
"""Points between the last look at the lock and the write: there no worker is paused for long, since it is bounded."""


class TwoHalves(People):
    """Rules are what people, networks and machines do; the end of each example lets everything settle and looks."""

    def __init__(self) -> None:
        super().__init__()
        system = FakeSystem()
        self.skews = {A: 0, B: 0}
        self.jiras = {
            A: FakeJira(
                A,
                ProjectId(A),
                FIELDS,
                lambda: system.time + self.skews[A],
                workflow=FIRST_WORKFLOW,
                first_status=OPEN,
            ),
            B: FakeJira(
                B,
                ProjectId(B),
                FIELDS,
                lambda: system.time + self.skews[B],
                workflow=SECOND_WORKFLOW,
                first_status=TODO,
            ),
        }
        self.jiras[B].defaults = {PRIORITY: P1}
        self.world = World(jiras=self.jiras, system=system)
        self.paused: list[ConnectorTurn] = []

    def is_paired(self, issue: FakeIssue) -> bool:
        pairs = self.world.store.tables.pairs.values()
        return any(pair.local is not None and pair.local.id == issue.ref.id for pair in pairs)

    @initialize(skew=st.sampled_from([0, -240_000, 240_000]), first=st.booleans())
    def begin(self, skew: int, first: bool) -> None:
        self.skews[A if first else B] = skew
        drive(self.world.synchronize(half("INT-1", "A-1", "A", Role.FIRST), half("INT-1", "B-1", "B", Role.SECOND)))
        self.new_issue(A)

    # trouble ----------------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 20))
    def repeat(self, number: int) -> None:
        """A message arrives once more."""
        sent = self.world.store.sent
        if sent:
            drive(self.world.receive(sent[number % len(sent)]))

    @rule()
    def restart(self) -> None:
        self.world.restart()

    # machines ---------------------------------------------------------------------------------------------------------

    @rule(
        side=st.sampled_from([A, B]), at=st.integers(0, 12), what=st.sampled_from(["nothing", "crash", "lost", "late"])
    )
    def look(self, side: ConnectionName, at: int, what: str) -> None:
        with self._disturbed(what, at):
            drive(self.world.look(side))

    @rule(
        number=st.integers(0, 5),
        at=st.integers(0, 8),
        what=st.sampled_from(["nothing", "nothing", "crash", "lost", "late", "edit", "successor"]),
        data=st.data(),
    )
    def turn(self, number: int, at: int, what: str, data: st.DataObject) -> None:
        turns = self.world.store.turns.ready()
        if turns:
            chosen = turns[number % len(turns)]
            self.paused = [chosen]
            with self._disturbed(what, at, data):
                drive(self.world.run(chosen))
            self.paused = []

    @rule(number=st.integers(0, 5), at=st.integers(1, 14), what=st.sampled_from(["crash", "lost", "late"]))
    def change_of_mind(self, number: int, at: int, what: str) -> None:
        """What is being added when something goes wrong is removed by its author before anybody tries again."""
        self._look_at_all()
        turns = self.world.store.turns.ready()
        if turns:
            with self._disturbed(what, at):
                drive(self.world.run(turns[number % len(turns)]))
            for side, jira in self.jiras.items():
                for which in range(len(jira.issues)):
                    self.change_comment(side, which, -1, remove=True)
                    self.remove_file(side, which, -1)
            for _ in range(PROOFS):
                self._look_at_all()

    def _look_at_all(self) -> None:
        self.wait(3)
        for side in self.jiras:
            drive(self.world.look(side))
        self.world.deliver_all()

    @rule(number=st.integers(0, 7))
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @rule(seconds=st.sampled_from([0, 1, 3, 30, 200]))
    def wait(self, seconds: int) -> None:
        self.world.system.time += seconds * 1000 + 7

    @rule()
    def settle(self) -> None:
        self._check()

    def teardown(self) -> None:
        if self.born:
            self._check()

    # looking ----------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._end_trouble()
        drive(self.world.settle())
        self._retry()
        self.agree(pairs_of(self.world))
        assert not self._secret_told, "what is restricted never leaves"
        self.edits.clear()

    def _end_trouble(self) -> None:
        """Whatever stood in the way is over."""
        for jira in self.jiras.values():
            jira.catch_up()
            jira.hidden.clear()
            jira.refuse = lambda _issue, _values: None
        for one in self.world.halves:
            drive(census(self.world.engine, one))

    def _retry(self) -> None:
        """What was held back is tried again, and then nothing is held back any more."""
        for (connector, uid), pair in list(self.world.store.tables.pairs.items()):
            if holds_back(pair):
                turn = ApplyTurn(connector=connector, pair=uid)
                drive(run_apply(self.world.engine, turn, retry=True))
        drive(self.world.settle())
        assert not any(holds_back(pair) for pair in self.world.store.tables.pairs.values()), "all is written"

    @property
    def _secret_told(self) -> bool:
        contents = (message.content for message in self.world.store.sent)
        told = [one.changes.comments for one in contents if isinstance(one, IssueAppeared | IssueChanged)]
        return any(comment.body == SECRET for comments in told for comment in comments)

    # doing ------------------------------------------------------------------------------------------------------------

    def succeed(self, data: st.DataObject) -> None:
        """The worker is paused, its locks are lost, and others run turns until it goes on."""
        for name in list(self.world.store.locks.held):
            self.world.store.locks.lose(name)
        for _ in range(data.draw(st.integers(1, 3))):
            turns = self.world.store.turns.ready() + self.paused
            if turns:
                chosen = turns[data.draw(st.integers(0, 7)) % len(turns)]
                drive(self.world.run_again(chosen))

    def _disturbed(self, what: str, at: int, data: st.DataObject | None = None) -> _Disturbance:
        return _Disturbance(self, what, at, data)


class _Disturbance:
    """Something happens at the n-th step of what is running."""

    def __init__(self, machine: TwoHalves, what: str, at: int, data: st.DataObject | None) -> None:
        self.machine = machine
        self.what = what
        self.left = at
        self.data = data

    def __enter__(self) -> None:
        for name, jira in self.machine.jiras.items():
            jira.gate = lambda point, name=name: self._step(name, point)  # type: ignore[misc]
        self.machine.world.store.gate = lambda: self._step(A, "commit")

    def __exit__(self, *_: object) -> None:
        for jira in self.machine.jiras.values():
            jira.gate = lambda _point: None
        self.machine.world.store.gate = lambda: None

    def _step(self, side: ConnectionName, point: str) -> None:
        self.left -= 1
        if self.left != 0:
            return
        if self.what == "crash":
            raise Crash
        if self.what == "lost" and point != "commit":
            raise OutcomeUnknown("no answer came", retry_after=1.0)
        if self.what == "late" and point != "commit":
            raise Late("no answer came", retry_after=1.0)
        if self.what == "edit" and self.data is not None:
            self.machine.edit_or_walk(side, self.data)
        if self.what == "successor" and self.data is not None and point not in BEFORE_WRITING:
            self.machine.succeed(self.data)


TestTwoHalves = TwoHalves.TestCase
