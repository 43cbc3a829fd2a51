"""Rules 1 to 5: who is newer."""

from __future__ import annotations

from backbone.core.model.keys import SUMMARY, Role
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import ElementStamp, FieldStamp, IssueStamps, Signer, Stamp
from backbone.core.model.values import EMPTY, Scalar, fingerprint, labels
from backbone.core.sync.outgoing import Told, decide_outgoing
from tests.fakes.halves import LABELS, NOTE, TEAM
from tests.fakes.scene import Scene
from tests.rules.pieces import element, looking, mapping_of, merged


def test_rule_01_an_edit_made_after_seeing_another_wins_although_its_clock_is_late() -> None:
    scene = Scene(skew=-600_000)
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("from A"))
    scene.settle()

    scene.b.set(second, SUMMARY, Scalar("from B"))
    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("from B")


def test_rule_01_of_truly_concurrent_edits_the_later_wins() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.set(second, SUMMARY, Scalar("earlier"))
    scene.wait(30)
    scene.a.set(first, SUMMARY, Scalar("later"))

    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("later")


def test_rule_01_the_time_of_an_edit_is_that_of_the_field_when_the_last_look_is_long_ago() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.wait(300)
    scene.a.set(first, SUMMARY, Scalar("earlier"))
    scene.wait(30)
    scene.b.set(second, SUMMARY, Scalar("later"))
    scene.wait(30)
    scene.a.set(first, TEAM, Scalar("another field"))

    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("later")


def test_rule_01_the_first_connector_wins_a_tie() -> None:
    ours, theirs = (
        Stamp(number=5, role=role, origin=origin) for role, origin in ((Role.FIRST, "a"), (Role.SECOND, "b"))
    )

    assert ours > theirs


def test_rule_01_a_stamp_far_in_the_future_is_a_problem_and_no_winner() -> None:
    plan = merged(looking({SUMMARY: Scalar("a")}), SUMMARY, ("b",), number=looking({}).now + 700_000)

    assert plan.writes == ()
    assert [problem.code for problem in plan.problems] == ["stamp-in-future"]


def test_rule_02_a_value_travels_on_with_the_stamp_that_it_was_given() -> None:
    look = looking({SUMMARY: Scalar("a")}, stamps=stamped("a", 5))

    plan = merged(look, SUMMARY, ("a",), number=77)

    assert plan.stamps.fields[SUMMARY].stamp.number == 77


def test_rule_02_another_pair_of_the_issue_tells_the_value_with_the_same_stamp() -> None:
    old = Baseline(
        state=BaselineState.AGREED, local=fingerprint(Scalar("old")), stamp=Stamp(number=5, role=Role.FIRST, origin="A")
    )
    look = looking({SUMMARY: Scalar("a")}, baselines={SUMMARY: old}, stamps=stamped("a", 77))

    told = decide_outgoing(look)

    assert isinstance(told, Told)
    assert [one.stamp for one in told.changes.fields] == [look.stamps.fields[SUMMARY].stamp]


def stamped(text: str, number: int) -> IssueStamps:
    """The summary was given this text by an edit in a third project."""
    stamp = Stamp(number=number, role=Role.FIRST, origin="C")
    return IssueStamps(fields={SUMMARY: FieldStamp(value=fingerprint(Scalar(text)), stamp=stamp)})


def test_rule_03_additions_on_both_sides_are_united() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, LABELS, labels("x"))
    scene.b.set(second, LABELS, labels("y"))

    scene.settle()

    assert first.values[LABELS] == second.values[LABELS] == labels("x", "y")


def test_rule_03_a_removed_element_keeps_its_stamp_on_both_sides() -> None:
    scene = Scene()
    first, second = scene.pair(labels=labels("x"))
    scene.a.set(first, LABELS, labels())
    scene.settle()
    mapping = mapping_of(LABELS).id
    ours, theirs = (scene.half_of(issue).baselines[mapping].elements["x"] for issue in (first, second))

    assert ours == theirs
    assert not ours.present


def test_rule_03_an_older_addition_does_not_undo_a_removal() -> None:
    removed = ElementStamp(present=False, stamp=Stamp(number=100, role=Role.FIRST, origin="A"))
    base = Baseline(state=BaselineState.AGREED, members={}, elements={"x": removed})
    look = looking({LABELS: labels()}, baselines={LABELS: base})

    assert merged(look, LABELS, element("x", present=True), number=99).elements == ()
    assert len(merged(look, LABELS, element("x", present=True), number=101).elements) == 1


def test_rule_03_each_element_has_a_stamp_of_its_own() -> None:
    stamps = {name: Stamp(number=number, role=Role.FIRST, origin="A") for name, number in (("x", 100), ("y", 10))}
    elements = {name: ElementStamp(present=name == "x", stamp=stamp) for name, stamp in stamps.items()}
    base = Baseline(state=BaselineState.AGREED, members={"x": "x"}, elements=elements)

    plan = merged(
        looking({LABELS: labels("x")}, baselines={LABELS: base}), LABELS, element("y", present=True), number=50
    )

    assert [one.change.element for one in plan.elements] == ["y"]


def test_rule_04_an_unsent_local_edit_is_stamped_before_an_older_message_is_merged() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("earlier"))
    scene.tell(scene.a)
    scene.wait(30)
    scene.b.set(second, SUMMARY, Scalar("later"))

    scene.turns()

    assert second.values[SUMMARY] == Scalar("later")
    assert [one.value for one in scene.field_changes()] == [("later",)]


def test_rule_05_the_loser_is_kept() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.set(second, SUMMARY, Scalar("the loser"))
    scene.wait(30)
    scene.a.set(first, SUMMARY, Scalar("the winner"))

    scene.settle()

    assert {one.value for one in scene.world.store.tables.losers.values()} == {"the loser"}


def test_rule_05_an_overwritten_edit_is_kept_as_well() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.wait(30)
    scene.a.set(first, SUMMARY, Scalar("the winner"))
    scene.tell(scene.a)
    scene.wait(-60)
    scene.b.set(second, SUMMARY, Scalar("the loser"))
    scene.wait(60)

    scene.settle()

    assert second.values[SUMMARY] == Scalar("the winner")
    assert "the loser" in {one.value for one in scene.world.store.tables.losers.values()}


def test_rule_05_what_replaced_a_value_that_nobody_tells_is_kept() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.set(second, NOTE, Scalar("the loser"))
    scene.wait(30)
    scene.a.set(first, NOTE, Scalar("the winner"))

    scene.settle()

    assert second.values[NOTE] == Scalar("the winner")
    assert "the loser" in {one.value for one in scene.world.store.tables.losers.values()}


def test_rule_01_a_stamp_is_greater_than_every_one_that_was_seen() -> None:
    signer, seen = Signer(role=Role.SECOND, origin="B"), Stamp(number=900, role=Role.FIRST, origin="A")

    assert signer.stamp(looking({SUMMARY: EMPTY}).now, seen) > seen
