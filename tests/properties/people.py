"""What people do to two projects, and what Jira does to them: the part that all machines of two projects share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from backbone.core.model.keys import STATUS, SUMMARY, CommentId, ConnectionName, FieldId, FileId, IssueId
from backbone.core.model.values import EMPTY, Option, Scalar, Value, labels
from backbone.ports.tracker import Refusal
from tests.fakes.halves import (
    BUG,
    DEFECT,
    FIRST_WORKFLOW,
    HIGH,
    LABELS,
    LOCAL_ONLY,
    LOW,
    LOWEST,
    NOTE,
    P1,
    P3,
    PRIORITY,
    SECOND_WORKFLOW,
    TEAM,
)
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import FakeJira
from tests.fakes.scene import A, B
from tests.properties.agreement import check_comments, check_edits, check_fields, check_files

SECRET = "not for everybody"

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


class People(RuleBasedStateMachine):
    """Rules are what people do, in any order, and Jira to them."""

    def __init__(self) -> None:
        super().__init__()
        self.jiras: dict[ConnectionName, FakeJira] = {}
        self.born: list[FakeIssue] = []
        self.removed_files: list[tuple[IssueId, FileId]] = []
        self.removed_comments: list[CommentId] = []
        self.edits: dict[tuple[str, FieldId], list[tuple[ConnectionName, Value]]] = {}

    def is_paired(self, issue: FakeIssue) -> bool:
        """Whether we know it: what nobody knows can't be missed."""
        raise NotImplementedError

    def left_copies(self) -> Mapping[IssueId, int]:
        """How many copies of attachments may be left although these are gone, by the issues that had them."""
        return {}

    def left_mirrors(self) -> AbstractSet[CommentId]:
        """Comments whose mirror may be left although they can't be seen any more."""
        return frozenset()

    def agree(self, pairs: Sequence[tuple[FakeIssue, FakeIssue]]) -> None:
        """What must be true when everything is quiet; ``pairs`` are the issues that belong together."""
        assert len(pairs) == len(self.born), "every issue has one partner"
        assert sum(len(jira.issues) for jira in self.jiras.values()) == 2 * len(self.born), "no issue exists twice"
        for first, second in pairs:
            check_fields(first, second)
            check_comments(first, second, self.left_mirrors())
            check_files(first, second, self.left_copies())
            check_edits(self.edits, first, second)

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
                self.removed_comments.append(chosen)
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
            self.removed_comments.append(chosen)
            if not restricted:
                self.jiras[side].edit_body(issue, chosen, "for everybody")
                self.jiras[side].restrict(issue, chosen, restricted=False)

    @rule(side=st.sampled_from([A, B]), which=st.integers(0, 5), number=st.integers(0, 3))
    def remove_file(self, side: ConnectionName, which: int, number: int) -> None:
        issue = self._issue(side, which)
        originals = [one.id for one, _ in issue.files.values() if not one.own] if issue else []
        if issue is not None and originals:
            chosen = originals[number % len(originals)]
            self.jiras[side].remove_file_of(issue, chosen)
            self.removed_files.append((issue.ref.id, chosen))

    # what Jira does ---------------------------------------------------------------------------------------------------

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
        elif issue is not None and self.is_paired(issue):
            self.jiras[side].hidden.add(issue.ref.id)

    @rule(side=st.sampled_from([A, B]), late=st.booleans())
    def index(self, side: ConnectionName, late: bool) -> None:
        if late:
            self.jiras[side].freeze_index()
        else:
            self.jiras[side].thaw_index()

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
