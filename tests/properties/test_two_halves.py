"""Two halves converge: the engine itself, over a Jira and a store in memory, driven into every corner.

When everything is quiet both sides are equal under the mapping, nothing exists twice, nothing is lost, no edit was
undone that nobody undid, and no message is sent any more. Values repeat on purpose: with unique ones several faults
stay invisible.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backbone.app.engine.apply import run_apply
from backbone.app.engine.census import census
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.keys import STATUS, SUMMARY, ConnectionName, FieldId, ProjectId, Role
from backbone.core.model.values import EMPTY, Option, Scalar, Value, labels
from backbone.core.sync.retry import holds_back
from backbone.ports.records import ApplyTurn, ConnectorTurn
from backbone.ports.tracker import OutcomeUnknown, Refusal
from tests.fakes.halves import (
    BUG,
    DEFECT,
    FIELDS,
    FIRST_WORKFLOW,
    HIGH,
    LABELS,
    LOCAL_ONLY,
    LOW,
    LOWEST,
    NOTE,
    OPEN,
    P1,
    P3,
    PRIORITY,
    SECOND_WORKFLOW,
    TEAM,
    TODO,
    half,
)
from tests.fakes.jira import FakeIssue, FakeJira, Late
from tests.fakes.scene import A, B
from tests.fakes.world import Crash, FakeSystem, World, drive
from tests.properties.agreement import check_comments, check_edits, check_fields, check_files, pairs_of

SECRET = "not for everybody"

BEFORE_WRITING = frozenset(
    "create edit move add-comment edit-comment remove-comment add-file remove-file commit".split()
)
"""Points between the last look at the lock and the write: there no worker is paused for long, since it is bounded."""

TEXTS = (EMPTY, Scalar("a"), Scalar("b"))
CHOICES: dict[ConnectionName, dict[FieldId, tuple[Value, ...]]] = {
    A: {
        SUMMARY: TEXTS[1:],
        PRIORITY: (HIGH, LOW, LOWEST, LOCAL_ONLY),
        TEAM: TEXTS,
        NOTE: TEXTS,
        LABELS: (labels(), labels("x"), labels("y"), labels("x", "y")),
    },
    B: {
        SUMMARY: TEXTS[1:],
        PRIORITY: (P1, P3),
        TEAM: TEXTS,
        NOTE: TEXTS,
        LABELS: (labels(), labels("x"), labels("y"), labels("x", "y")),
    },
}
NEIGHBOURS = {A: FIRST_WORKFLOW, B: SECOND_WORKFLOW}


class TwoHalves(RuleBasedStateMachine):
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
        self.born: list[FakeIssue] = []
        self.paused: list[ConnectorTurn] = []
        self.edits: dict[tuple[str, FieldId], list[tuple[ConnectionName, Value]]] = {}

    @initialize(skew=st.sampled_from([0, -240_000, 240_000]), first=st.booleans())
    def begin(self, skew: int, first: bool) -> None:
        self.skews[A if first else B] = skew
        drive(self.world.synchronize(half("INT-1", "A-1", "A", Role.FIRST), half("INT-1", "B-1", "B", Role.SECOND)))
        self.new_issue(A)

    # people -----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.born) < 3)
    @rule(side=st.sampled_from([A, B]))
    def new_issue(self, side: ConnectionName) -> None:
        issue_type = BUG if side == A else DEFECT
        values: dict[FieldId, Value] = {SUMMARY: Scalar("a"), PRIORITY: LOW if side == A else P3}
        self.born.append(self.jiras[side].create_issue(issue_type, values))

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), data=st.data())
    def edit(self, side: ConnectionName, which: int, data: st.DataObject) -> None:
        issue = self._issue(side, which)
        if issue is not None:
            field = data.draw(st.sampled_from(sorted(CHOICES[side])))
            self._edit(side, issue, field, data.draw(st.sampled_from(CHOICES[side][field])))

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), step=st.integers(0, 1))
    def walk(self, side: ConnectionName, which: int, step: int) -> None:
        issue = self._issue(side, which)
        if issue is not None:
            status = issue.values[STATUS]
            assert isinstance(status, Option)
            steps = NEIGHBOURS[side][status.id]
            self._edit(side, issue, STATUS, steps[step % len(steps)])

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), body=st.sampled_from(["hi", "ho"]))
    def comment(self, side: ConnectionName, which: int, body: str) -> None:
        issue = self._issue(side, which)
        if issue is not None and len(issue.comments) < 4:
            self.jiras[side].comment(issue, body)

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), number=st.integers(0, 3), remove=st.booleans())
    def change_comment(self, side: ConnectionName, which: int, number: int, remove: bool) -> None:
        issue = self._issue(side, which)
        originals = [one.id for one in issue.comments.values() if not one.own] if issue else []
        if issue is not None and originals:
            chosen = originals[number % len(originals)]
            if remove:
                self.jiras[side].remove_comment_of(issue, chosen)
            else:
                self.jiras[side].edit_body(issue, chosen, "changed")

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5))
    def attach(self, side: ConnectionName, which: int) -> None:
        issue = self._issue(side, which)
        if issue is not None and len(issue.files) < 3:
            self.jiras[side].attach(issue, "a.txt", b"content")

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), number=st.integers(0, 3), restricted=st.booleans())
    def restrict_comment(self, side: ConnectionName, which: int, number: int, restricted: bool) -> None:
        issue = self._issue(side, which)
        originals = [one.id for one in issue.comments.values() if not one.own] if issue else []
        if issue is not None and originals:
            chosen = originals[number % len(originals)]
            self.jiras[side].restrict(issue, chosen, restricted=True)
            self.jiras[side].edit_body(issue, chosen, SECRET)
            if not restricted:
                self.jiras[side].edit_body(issue, chosen, "for everybody")
                self.jiras[side].restrict(issue, chosen, restricted=False)

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), number=st.integers(0, 3))
    def remove_file(self, side: ConnectionName, which: int, number: int) -> None:
        issue = self._issue(side, which)
        originals = [one.id for one, _ in issue.files.values() if not one.own] if issue else []
        if issue is not None and originals:
            self.jiras[side].remove_file_of(issue, originals[number % len(originals)])

    # trouble ----------------------------------------------------------------------------------------------------------

    @rule(side=st.sampled_from([A, B]), field=st.sampled_from([TEAM, LABELS, SUMMARY]), words=st.booleans())
    def refuse(self, side: ConnectionName, field: FieldId, words: bool) -> None:
        """A validator refuses a field from now on; it may not say which."""
        refusal = Refusal(fields={field: "no"}) if words else Refusal(messages=("no",))
        self.jiras[side].refuse = lambda _issue, values: refusal if field in values else None

    @rule(side=st.sampled_from([A, B]))
    def lift(self, side: ConnectionName) -> None:
        self.jiras[side].refuse = lambda _issue, _values: None

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), back=st.booleans())
    def hide(self, side: ConnectionName, which: int, back: bool) -> None:
        """Our account loses an issue from sight, or finds it again."""
        issue = self._issue(side, which)
        if back:
            self.jiras[side].hidden.clear()
        elif issue is not None and any(
            pair.local is not None and pair.local.id == issue.ref.id for pair in self.world.store.tables.pairs.values()
        ):
            self.jiras[side].hidden.add(issue.ref.id)

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

    @rule(number=st.integers(0, 7))
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @rule(seconds=st.sampled_from([0, 1, 3, 30, 200]))
    def wait(self, seconds: int) -> None:
        self.world.system.time += seconds * 1000 + 7

    @rule(side=st.sampled_from([A, B]), late=st.booleans())
    def index(self, side: ConnectionName, late: bool) -> None:
        if late:
            self.jiras[side].freeze_index()
        else:
            self.jiras[side].thaw_index()

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
        pairs = pairs_of(self.world)
        assert len(pairs) == len(self.born), "every issue has one partner"
        assert sum(len(jira.issues) for jira in self.jiras.values()) == 2 * len(self.born), "no issue exists twice"
        for first, second in pairs:
            check_fields(first, second)
            check_comments(first, second)
            check_files(first, second)
            check_edits(self.edits, first, second)
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

    def _issue(self, side: ConnectionName, which: int) -> FakeIssue | None:
        issues = sorted(self.jiras[side].issues.values(), key=lambda one: one.ref.id)
        return issues[which % len(issues)] if issues else None

    def _edit(self, side: ConnectionName, issue: FakeIssue, field: FieldId, value: Value) -> None:
        if self.jiras[side].set(issue, field, value):
            self.edits.setdefault((issue.ref.id, field), []).append((side, value))

    def edit_or_walk(self, side: ConnectionName, data: st.DataObject) -> None:
        which = data.draw(st.integers(0, 5))
        if data.draw(st.integers(0, 5)) == 0:
            self.walk(side, which, data.draw(st.integers(0, 1)))
        else:
            self.edit(side, which, data)

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
