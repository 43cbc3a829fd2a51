"""Two halves converge: the engine itself, over a Jira and a store in memory, driven into every corner.

When everything is quiet both sides are equal under the mapping, nothing exists twice, nothing is lost, no edit was
undone that nobody undid, and no message is sent any more. Values repeat on purpose: with unique ones several faults
stay invisible.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backbone.core.mapping.values import Unshareable, share, share_members
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import STATUS, SUMMARY, ConnectionName, FieldId, ProjectId, Role
from backbone.core.model.values import EMPTY, Option, Scalar, Value, labels
from backbone.core.sync.members import as_members
from backbone.ports.tracker import OutcomeUnknown
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
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.world import Crash, FakeSystem, World, drive

A, B = ConnectionName("A"), ConnectionName("B")

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
        self.comments: set[tuple[str, str]] = set()
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

    # machines ---------------------------------------------------------------------------------------------------------

    @rule(side=st.sampled_from([A, B]), at=st.integers(0, 12), what=st.sampled_from(["nothing", "crash", "lost"]))
    def look(self, side: ConnectionName, at: int, what: str) -> None:
        with self._disturbed(what, at):
            drive(self.world.look(side))

    @rule(
        number=st.integers(0, 5),
        at=st.integers(0, 8),
        what=st.sampled_from(["nothing", "nothing", "crash", "lost", "edit"]),
        data=st.data(),
    )
    def turn(self, number: int, at: int, what: str, data: st.DataObject) -> None:
        turns = self.world.store.turns.ready()
        if turns:
            with self._disturbed(what, at, data):
                drive(self.world.run(turns[number % len(turns)]))

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
        drive(self.world.settle())
        pairs = self._pairs()
        assert len(pairs) == len(self.born), "every issue has one partner"
        assert sum(len(jira.issues) for jira in self.jiras.values()) == 2 * len(self.born), "no issue exists twice"
        for first, second in pairs:
            for mapping in half("INT-1", "A-1", "A", Role.FIRST).fields:
                self._check_equal(mapping, first, second)
            self._check_comments(first, second)
            self._check_files(first, second)
            self._check_edits(first, second)
        self.edits.clear()

    def _pairs(self) -> list[tuple[FakeIssue, FakeIssue]]:
        tables = self.world.store.tables
        halves: dict[str, dict[str, FakeIssue]] = {}
        for (connector, uid), pair in tables.pairs.items():
            side = A if connector == "A-1" else B
            assert pair.local is not None, "every half has its issue"
            halves.setdefault(uid, {})[side] = self.jiras[side].issues[pair.local.id]
        return [(both[A], both[B]) for both in halves.values()]

    def _check_equal(self, mapping: FieldMapping, first: FakeIssue, second: FakeIssue) -> None:
        other = next(one for one in half("INT-1", "B-1", "B", Role.SECOND).fields if one.field == mapping.field)
        one, two = first.values[mapping.field], second.values[mapping.field]
        if mapping.kind.multi:
            assert share_members(mapping, as_members(one)) == share_members(other, as_members(two)), mapping.field
            return
        shared = share(mapping, one), share(other, two)
        if mapping.field == NOTE and self._edited_on(second, NOTE):
            return
        if not any(isinstance(value, Unshareable) for value in shared):
            assert shared[0] == shared[1], mapping.field

    def _edited_on(self, issue: FakeIssue, field: FieldId) -> bool:
        """Whether a person edited the field there: one-way fields may differ then."""
        return any(item.field == field and not item.own for item in issue.history)

    def _check_comments(self, first: FakeIssue, second: FakeIssue) -> None:
        for here, there in ((first, second), (second, first)):
            originals = [one for one in here.comments.values() if not one.own]
            mirrors = [one for one in there.comments.values() if one.own]
            assert sorted(one.id for one in originals) == sorted(
                one.marker.partner for one in mirrors if one.marker is not None
            ), "one mirror for each comment"
            for original in originals:
                mirror = next(one for one in mirrors if one.marker and one.marker.partner == original.id)
                assert mirror.body.endswith(f"\n{original.body}")

    def _check_files(self, first: FakeIssue, second: FakeIssue) -> None:
        for here, there in ((first, second), (second, first)):
            originals = [one for one, _ in here.files.values() if not one.own]
            copies = [one for one, _ in there.files.values() if one.own]
            assert len(originals) == len(copies), "one copy for each attachment"

    def _check_edits(self, first: FakeIssue, second: FakeIssue) -> None:
        """The value is that of the last edit on one of the two sides: nothing was undone that nobody undid."""
        mappings = {one.field: one for one in half("INT-1", "A-1", "A", Role.FIRST).fields}
        others = {one.field: one for one in half("INT-1", "B-1", "B", Role.SECOND).fields}
        for field, mapping in mappings.items():
            if mapping.kind.multi or not mapping.receives:
                continue
            edits = [edit for issue in (first, second) for edit in self.edits.get((issue.ref.id, field), [])]
            last = dict(edits)
            wanted = [share(mapping if side == A else others[field], value) for side, value in last.items()]
            wanted = [value for value in wanted if not isinstance(value, Unshareable)]
            now = share(mapping, first.values[field])
            if wanted and len(wanted) == len(last) and not isinstance(now, Unshareable):
                assert now in wanted, field

    # doing ------------------------------------------------------------------------------------------------------------

    def _issue(self, side: ConnectionName, which: int) -> FakeIssue | None:
        issues = sorted(self.jiras[side].issues.values(), key=lambda one: one.ref.id)
        return issues[which % len(issues)] if issues else None

    def _edit(self, side: ConnectionName, issue: FakeIssue, field: FieldId, value: Value) -> None:
        if self.jiras[side].set(issue, field, value):
            self.edits.setdefault((issue.ref.id, field), []).append((side, value))

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
        if self.what == "edit" and self.data is not None:
            self.machine.edit(side, self.data.draw(st.integers(0, 5)), self.data)


TestTwoHalves = TwoHalves.TestCase
