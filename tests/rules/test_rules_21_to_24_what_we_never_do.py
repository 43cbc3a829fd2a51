"""Rules 21 to 24: what we never do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from backbone.app.engine.apply import run_apply
from backbone.app.engine.guard import REMOVALS_LIMIT
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.keys import SUMMARY, FieldId, Millis, Role
from backbone.core.model.pair import PairState
from backbone.core.model.problems import Code
from backbone.core.model.values import EMPTY, Scalar, Value, labels
from backbone.ports.records import ApplyTurn
from backbone.ports.tracker import Refusal
from tests.fakes.halves import BUG, DEFECT, LABELS, LOCAL_ONLY, LOW, NOTE, P1, PRIORITY, TEAM, half, only
from tests.fakes.jira import SYNC, FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import drive
from tests.rules.pieces import looking, merged


@pytest.mark.parametrize("thing", ["comment", "file"])
def test_rule_21_a_mirror_is_removed_only_when_its_original_was_missed_twice(thing: str) -> None:
    scene = Scene()
    first, second = scene.pair()
    if thing == "comment":
        gone = scene.a.comment(first, "hi").id
        scene.settle()
        scene.a.remove_comment_of(first, gone)
    else:
        file = scene.a.attach(first, "a.txt", b"content").id
        scene.settle()
        scene.a.remove_file_of(first, file)
    before = scene.messages

    scene.look(scene.a)
    assert scene.messages == before

    scene.settle()
    assert (second.comments, second.files) == ({}, {})


def test_rule_21_an_original_is_never_removed_because_its_mirror_vanished() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.comment(first, "hi")
    scene.a.attach(first, "a.txt", b"content")
    scene.settle()
    scene.b.remove_comment_of(second, next(iter(second.comments)))
    scene.b.remove_file_of(second, next(iter(second.files)))

    scene.settle()

    assert (len(first.comments), len(first.files)) == (1, 1)


def test_rule_21_a_key_that_is_absent_from_an_answer_is_not_an_empty_value() -> None:
    scene = Scene()
    first, second = scene.pair(customfield_2=Scalar("t"))
    del first.values[TEAM]
    scene.a.set(first, SUMMARY, Scalar("b"))

    scene.settle()

    assert second.values[TEAM] == Scalar("t")


def test_rule_21_a_blank_is_observed_twice_before_it_is_told() -> None:
    scene = Scene()
    first, second = scene.pair(customfield_2=Scalar("t"))
    scene.a.freeze_index()
    page = (scene.a.index or {})[first.ref.id]
    broken = replace(page, values={**page.values, TEAM: EMPTY}, updated=Millis(page.updated + 1))
    scene.a.index = {first.ref.id: broken}

    scene.tell(scene.a)
    scene.turns()

    assert second.values[TEAM] == Scalar("t")


def test_rule_21_too_many_removals_stop_before_the_outbox_and_ask() -> None:
    scene = Scene()
    names = [f"x{number}" for number in range(REMOVALS_LIMIT + 1)]
    first, second = scene.pair(labels=labels(*names))
    scene.a.set(first, LABELS, labels())

    scene.settle()

    assert second.values[LABELS] == labels(*names)
    assert Code.MASS_CHANGE in scene.problems()


def test_rule_21_the_guard_holds_for_what_is_told_in_an_answer_too() -> None:
    scene = Scene()
    names = [f"x{number}" for number in range(REMOVALS_LIMIT + 1)]
    first, second = scene.pair(labels=labels(*names))
    scene.b.set(second, LABELS, labels())
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.tell(scene.a)

    scene.turns()
    scene.world.deliver_all()
    scene.turns()

    assert first.values[LABELS] == labels(*names)
    assert Code.MASS_CHANGE in scene.problems()


def test_rule_21_a_missing_issue_is_deleted_only_when_missed_twice_with_the_permission() -> None:
    scene = Scene()
    first, second = scene.pair()
    del scene.a.issues[first.ref.id]
    states: list[PairState] = []
    for _ in range(3):
        scene.b.set(second, SUMMARY, Scalar(f"b{len(states)}"))
        scene.tell(scene.b)
        scene.a.closed = len(states) == 1
        scene.turns()
        states.append(scene.half_of(first).state)
    assert states == [PairState.INVISIBLE, PairState.INVISIBLE, PairState.DELETED]
    assert second.ref.id in scene.b.issues


def test_rule_22_a_refused_field_holds_back_itself_only() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.refuse = refusing(TEAM)
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.a.set(first, TEAM, Scalar("refused"))
    scene.a.set(first, LABELS, labels("x"))

    scene.settle()

    assert second.values[SUMMARY] == Scalar("b")
    assert second.values[LABELS] == labels("x")
    assert scene.problems() == [Code.FIELD_REFUSED]


def test_rule_22_a_refusal_that_names_no_field_holds_back_the_culprit_only() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.refuse = lambda _issue, values: Refusal(messages=("a validator says no",)) if TEAM in values else None
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.a.set(first, TEAM, Scalar("refused"))

    scene.settle()

    assert second.values[SUMMARY] == Scalar("b")
    assert second.values[TEAM] == EMPTY


@pytest.mark.parametrize("field", [TEAM, LABELS])
def test_rule_22_what_was_parked_is_written_when_it_is_retried(field: FieldId) -> None:
    scene = Scene()
    first, second = scene.pair()
    value: Value = labels("x") if field == LABELS else Scalar("t")
    scene.b.refuse = refusing(field)
    scene.a.set(first, field, value)
    scene.settle()
    scene.b.refuse = lambda _issue, _values: None

    retry(scene, second)

    assert second.values[field] == value
    assert scene.half_of(second).parked == {}
    assert scene.problems() == []


@pytest.mark.parametrize("field", [TEAM, LABELS])
def test_rule_22_a_newer_edit_replaces_what_was_parked(field: FieldId) -> None:
    scene = Scene()
    first, second = scene.pair(labels=labels("y"))
    old: Value = labels("x", "y") if field == LABELS else Scalar("old")
    new: Value = labels("y") if field == LABELS else Scalar("new")
    scene.b.refuse = refusing(field)
    scene.a.set(first, field, old)
    scene.settle()
    scene.b.refuse = lambda _issue, _values: None
    scene.a.set(first, field, new)
    scene.settle()

    retry(scene, second)

    assert second.values[field] == first.values[field] == new
    assert scene.half_of(second).parked == {}


def test_rule_22_a_newer_edit_of_ours_replaces_what_was_parked() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.refuse = refusing(TEAM)
    scene.a.set(first, TEAM, Scalar("refused"))
    scene.settle()
    scene.b.set(second, TEAM, Scalar("ours"))
    scene.settle()

    assert scene.half_of(second).parked == {}
    assert first.values[TEAM] == Scalar("ours")


def test_rule_22_a_refused_comment_is_held_and_retried() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.refuse_comment = "comments are closed"
    scene.a.comment(first, "hi")
    scene.settle()
    assert scene.problems() == [Code.COMMENT_REFUSED]
    scene.b.refuse_comment = ""

    retry(scene, second)

    assert len(second.comments) == 1
    assert scene.problems() == []


def refusing(field: FieldId) -> Callable[[FakeIssue, Mapping[FieldId, Value]], Refusal | None]:
    def refuse(_issue: FakeIssue, values: Mapping[FieldId, Value]) -> Refusal | None:
        return Refusal(fields={field: "refused"}) if field in values else None

    return refuse


def retry(scene: Scene, issue: FakeIssue) -> None:
    pair = scene.half_of(issue)
    drive(run_apply(scene.world.engine, ApplyTurn(connector=pair.connector, pair=pair.uid), retry=True))
    scene.settle()


def test_rule_23_what_is_not_mapped_does_not_leave() -> None:
    first = only(half("INT-1", "A-1", "A", Role.FIRST), [SUMMARY])
    scene = Scene(first=replace(first, comments=replace(first.comments, sends=False)))
    issue = scene.a.create_issue(BUG, {SUMMARY: Scalar("a"), TEAM: Scalar("secret")})
    scene.a.comment(issue, "secret")
    scene.tell(scene.a)

    (message,) = scene.waiting()

    assert "secret" not in repr(message)


def test_rule_23_a_direction_that_is_not_mapped_is_not_told() -> None:
    scene = Scene()
    _, second = scene.pair()
    scene.b.set(second, NOTE, Scalar("secret"))
    scene.b.set(second, SUMMARY, Scalar("b"))
    scene.tell(scene.b)

    assert "secret" not in repr(scene.waiting())


def test_rule_23_an_unmapped_value_does_not_leave() -> None:
    scene = Scene()
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOCAL_ONLY})
    scene.tell(scene.a)

    (message,) = scene.waiting()

    assert isinstance(message.content, IssueAppeared)
    assert PRIORITY not in {change.alias for change in message.content.changes.fields}


def test_rule_23_what_arrives_for_no_mapping_is_not_taken() -> None:
    scene = Scene(second=only(half("INT-1", "B-1", "B", Role.SECOND), [SUMMARY]))
    first, second = scene.pair(customfield_2=Scalar("t"))
    scene.a.set(first, TEAM, Scalar("u"))

    scene.settle()

    assert (second.values[TEAM], second.values[SUMMARY]) == (EMPTY, Scalar("a"))


def test_rule_23_no_other_field_takes_what_is_not_mapped() -> None:
    look = looking({SUMMARY: Scalar("a")})
    look = replace(look, half=only(look.half, [SUMMARY]))

    assert merged(look, TEAM, ("u",), number=5).quiet


def test_rule_23_a_restricted_comment_never_leaves() -> None:
    scene = Scene()
    first, second = scene.pair()
    secret = scene.a.comment(first, "secret")
    scene.a.restrict(first, secret.id, restricted=True)
    scene.a.edit_body(first, secret.id, "still secret")
    scene.tell(scene.a)

    assert "secret" not in repr(scene.waiting())
    scene.settle()
    assert second.comments == {}


def test_rule_23_a_comment_that_becomes_restricted_loses_its_mirror() -> None:
    scene = Scene()
    first, second = scene.pair()
    comment = scene.a.comment(first, "hi")
    scene.settle()
    scene.a.restrict(first, comment.id, restricted=True)
    scene.settle()
    assert second.comments == {}

    scene.a.restrict(first, comment.id, restricted=False)
    scene.settle()
    assert len(second.comments) == 1


def test_rule_24_markers_carry_the_incarnation() -> None:
    scene = Scene()
    _, second = scene.pair()

    assert second.marker is not None
    assert second.marker.incarnation == scene.world.store.incarnation


def test_rule_24_a_mirror_of_an_earlier_incarnation_is_known_again() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.world.restart("restored")
    comment = scene.a.comment(first, "hi")
    marker = replace(scene.world.engine.marker(scene.second, comment.id, "t"), incarnation="incarnation")
    scene.b.comment(second, "mirrored before the restore", SYNC, marker)

    scene.settle()

    assert len(second.comments) == 1


def test_rule_24_an_issue_of_an_earlier_incarnation_is_no_new_one() -> None:
    scene = Scene()
    issue = scene.b.create_issue(DEFECT, {SUMMARY: Scalar("a"), PRIORITY: P1}, SYNC)
    marker = scene.world.engine.marker(scene.second, "A7", "t")
    issue.marker = replace(marker, incarnation="before the restore")

    scene.settle()

    assert scene.a.issues == {}
    assert scene.problems() == [Code.UNKNOWN_MARKER]


def test_rule_24_an_issue_that_people_were_told_of_gets_the_pair_that_is_told_later() -> None:
    scene = Scene()
    scene.world.restart("restored")
    original = scene.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW})
    scene.a.hidden.add(original.ref.id)
    orphan = scene.b.create_issue(DEFECT, {SUMMARY: Scalar("a"), PRIORITY: P1}, SYNC)
    marker = scene.world.engine.marker(scene.second, original.ref.id, "t")
    orphan.marker = replace(marker, incarnation="before the restore")
    scene.settle()
    assert scene.problems() == [Code.UNKNOWN_MARKER]

    scene.a.hidden.clear()
    scene.a.set(original, SUMMARY, Scalar("told now"))
    scene.settle()

    assert list(scene.b.issues.values()) == [orphan]
    assert scene.problems() == []


def test_rule_24_another_installation_is_not_taken_for_us() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.world.restart("restored")
    comment = scene.a.comment(first, "hi")
    marker = replace(scene.world.engine.marker(scene.second, comment.id, "t"), installation="somebody else's")
    scene.b.comment(second, "theirs", SYNC, marker)

    scene.settle()

    assert len(second.comments) == 2


def test_rule_22_one_issue_holds_back_no_other() -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.b.refuse = refusing(SUMMARY)
    scene.a.set(first, SUMMARY, Scalar("refused"))
    scene.settle()
    scene.b.refuse = lambda _issue, _values: None

    other, partner = scene.pair()

    assert other.values[SUMMARY] == partner.values[SUMMARY]
    assert not [one for one in scene.waiting() if isinstance(one.content, IssueChanged)]
