"""What a person does about a problem is done, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.engine.guard import REMOVALS_LIMIT
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.about import Action
from backbone.app.usecases.troubleshooting.acting import act, act_on_all, actions_of, choose
from backbone.app.usecases.troubleshooting.contents import content_of
from backbone.core.model.keys import SUMMARY, FieldId
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.ports.tracker import Refusal
from tests.fakes.halves import BUG, LABELS, TEAM
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import FakeJira
from tests.fakes.scene import Scene
from tests.fakes.world import drive
from tests.unit.app.troubleshooting.helping import begin, do, settled, the_problem


def refusing(field: FieldId) -> Refusal:
    return Refusal(fields={field: "can not be set"})


@pytest.fixture
def scene() -> Scene:
    return Scene()


def held(scene: Scene, value: str = "theirs") -> tuple[FakeIssue, FakeIssue]:
    """A pair whose summary Jira B refuses, edited in A."""
    ours, partner = scene.pair()
    scene.b.refuse = lambda _, values: refusing(SUMMARY) if SUMMARY in values else None
    scene.a.set(ours, SUMMARY, Scalar(value))
    scene.settle()
    assert scene.problems() == [Code.FIELD_REFUSED]
    return ours, partner


def mended(scene: Scene) -> None:
    scene.b.refuse = lambda _issue, _values: None


# retry ----------------------------------------------------------------------------------------------------------------


def test_a_retry_writes_what_was_refused_and_ends_the_problem(scene: Scene) -> None:
    _, partner = held(scene)
    mended(scene)

    do(scene, Code.FIELD_REFUSED, Action.RETRY)

    assert partner.values[SUMMARY] == Scalar("theirs")
    assert scene.problems() == []


def test_a_retry_tries_the_pair_of_the_problem_and_no_other(scene: Scene) -> None:
    _, partner = held(scene)
    other, others = scene.pair()
    scene.a.set(other, SUMMARY, Scalar("also theirs"))
    scene.settle()
    mended(scene)
    first = next(one for one in scene.world.store.tables.problems.values() if one.problem.occurred_in == partner.ref)

    drive(act(scene.world.engine, first, Action.RETRY))
    settled(scene)

    assert partner.values[SUMMARY] == Scalar("theirs")
    assert others.values[SUMMARY] == Scalar("a")
    assert scene.problems() == [Code.FIELD_REFUSED]


def test_a_creation_that_was_refused_is_retried(scene: Scene) -> None:
    scene.b.refuse_new = lambda _: {TEAM: "is required"}
    scene.a.create_issue(BUG, {SUMMARY: Scalar("new")})
    scene.settle()
    scene.b.refuse_new = lambda _: {}

    do(scene, Code.ISSUE_REFUSED, Action.RETRY)

    assert [one.values[SUMMARY] for one in scene.b.issues.values()] == [Scalar("new")]
    assert scene.problems() == []


def test_a_retry_lets_removals_pass_that_the_guard_held(scene: Scene) -> None:
    ours, partner = scene.pair(labels=labels(*(f"x{number}" for number in range(REMOVALS_LIMIT + 1))))
    scene.a.set(ours, LABELS, labels())
    scene.settle()

    do(scene, Code.MASS_CHANGE, Action.RETRY)

    assert partner.values[LABELS] == labels()
    assert scene.problems() == []


# ignore ---------------------------------------------------------------------------------------------------------------


def test_future_changes_of_the_partner_are_ignored_and_ours_go_on(scene: Scene) -> None:
    ours, partner = held(scene)
    mended(scene)

    do(scene, Code.FIELD_REFUSED, Action.IGNORE)
    scene.a.set(ours, TEAM, Scalar("ignored"))
    scene.b.set(partner, LABELS, labels("told"))
    scene.settle()

    assert scene.problems() == []
    assert partner.values[SUMMARY] == Scalar("a")
    assert partner.values[TEAM] != Scalar("ignored")
    assert ours.values[LABELS] == labels("told")
    assert scene.half_of(partner).info.incoming_changes_ignored
    assert scene.waiting() == []


def test_an_issue_that_is_not_to_be_created_is_never_created(scene: Scene) -> None:
    scene.b.refuse_new = lambda _: {TEAM: "is required"}
    ours = scene.a.create_issue(BUG, {SUMMARY: Scalar("new")})
    scene.settle()

    do(scene, Code.ISSUE_REFUSED, Action.IGNORE)
    scene.b.refuse_new = lambda _: {}
    scene.a.set(ours, SUMMARY, Scalar("edited"))
    scene.settle()

    assert scene.b.issues == {}
    assert scene.problems() == []


# a new issue ----------------------------------------------------------------------------------------------------------


def gone(scene: Scene) -> tuple[FakeIssue, FakeIssue]:
    """A pair whose issue in B was deleted, which is known after two looks."""
    ours, partner = scene.pair()
    scene.b.hidden.add(partner.ref.id)
    for word in ("one", "two"):
        scene.a.set(ours, SUMMARY, Scalar(word))
        scene.settle()
    return ours, partner


def test_the_partner_of_a_deleted_issue_gets_one_new_issue(scene: Scene) -> None:
    ours, partner = gone(scene)
    [code] = scene.problems()

    do(scene, code, Action.RECREATE)
    scene.a.set(ours, TEAM, Scalar("later"))
    scene.settle()

    [new] = [one for one in scene.b.issues.values() if one is not partner]
    assert (new.values[SUMMARY], new.values[TEAM]) == (Scalar("two"), Scalar("later"))
    assert scene.problems() == []
    assert scene.half_of(ours).remote == new.ref


def test_edits_of_the_new_issue_come_back(scene: Scene) -> None:
    ours, partner = gone(scene)
    [code] = scene.problems()
    do(scene, code, Action.RECREATE)
    [new] = [one for one in scene.b.issues.values() if one is not partner]

    scene.b.set(new, SUMMARY, Scalar("from the new one"))
    scene.settle()

    assert ours.values[SUMMARY] == Scalar("from the new one")


def test_an_issue_that_comes_back_after_a_new_one_was_made_is_left_alone(scene: Scene) -> None:
    ours, partner = gone(scene)
    [code] = scene.problems()
    do(scene, code, Action.RECREATE)

    scene.b.hidden.clear()
    scene.b.set(partner, SUMMARY, Scalar("back again"))
    scene.settle()

    assert len(scene.a.issues) == 1
    assert ours.values[SUMMARY] == Scalar("two")
    assert len(scene.b.issues) == 2


def test_a_new_issue_is_asked_for_once(scene: Scene) -> None:
    gone(scene)
    [code] = scene.problems()
    problem = the_problem(scene, code)
    drive(act(scene.world.engine, problem, Action.RECREATE))

    with pytest.raises(Mistake, match="there again"):
        drive(act(scene.world.engine, problem, Action.RECREATE))
    settled(scene)

    assert len(scene.b.issues) == 2


def test_no_new_issue_is_made_where_both_are_gone(scene: Scene) -> None:
    ours, _ = gone(scene)
    [code] = scene.problems()
    scene.a.hidden.add(ours.ref.id)

    with pytest.raises(Mistake, match="away as well"):
        begin(scene, code, Action.RECREATE)


# sides ----------------------------------------------------------------------------------------------------------------


def test_taking_mine_writes_our_value_at_the_partner(scene: Scene) -> None:
    ours, partner = held(scene)

    do(scene, Code.FIELD_REFUSED, Action.TAKE_MINE)

    assert ours.values[SUMMARY] == partner.values[SUMMARY] == Scalar("a")
    assert scene.problems() == []


def test_a_value_that_was_given_up_does_not_come_back_by_a_retry(scene: Scene) -> None:
    ours, partner = held(scene)
    do(scene, Code.FIELD_REFUSED, Action.TAKE_MINE)
    mended(scene)
    scene.a.set(ours, TEAM, Scalar("another field"))
    scene.settle()

    assert ours.values[SUMMARY] == partner.values[SUMMARY] == Scalar("a")
    assert partner.values[TEAM] == Scalar("another field")


def test_taking_mine_of_an_element_that_can_not_be_added_removes_it_at_the_partner(scene: Scene) -> None:
    ours, partner = scene.pair()
    scene.b.refuse = lambda _, values: refusing(LABELS) if LABELS in values else None
    scene.a.set(ours, LABELS, labels("unwanted"))
    scene.settle()

    do(scene, Code.FIELD_REFUSED, Action.TAKE_MINE)

    assert ours.values[LABELS] == labels()
    assert scene.problems() == []
    assert scene.half_of(partner).parked == {}


@pytest.mark.parametrize(("action", "wins"), [(Action.TAKE_THEIRS, "of A"), (Action.TAKE_MINE, "of B")])
def test_a_field_that_goes_to_and_fro_is_ended_by_taking_a_side(scene: Scene, action: Action, wins: str) -> None:
    ours, partner = fighting(scene)
    fight = next(
        one for one in scene.world.store.tables.problems.values() if one.problem.connector == scene.second.connector
    )

    drive(act(scene.world.engine, fight, action))
    settled(scene)

    assert ours.values[SUMMARY] == partner.values[SUMMARY] == Scalar(wins)


def fighting(scene: Scene) -> tuple[FakeIssue, FakeIssue]:
    """A pair over whose summary two automations fought, which were switched off since; each has its own value."""
    ours, partner = scene.pair()
    scene.a.automation = lambda issue: always(scene.a, issue, "of A")
    scene.b.automation = lambda issue: always(scene.b, issue, "of B")
    scene.a.set(ours, SUMMARY, Scalar("go"))
    scene.settle()
    scene.a.automation = scene.b.automation = lambda _issue: None
    assert set(scene.problems()) == {Code.OSCILLATION}
    return ours, partner


def always(jira: FakeJira, issue: FakeIssue, text: str) -> None:
    if issue.values[SUMMARY] != Scalar(text):
        jira.set(issue, SUMMARY, Scalar(text))


def test_an_edit_from_the_future_counts_once_somebody_says_so(scene: Scene) -> None:
    ours, partner = scene.pair()
    scene.wait(3600)
    scene.a.set(ours, SUMMARY, Scalar("from the future"))
    scene.tell(scene.a)
    scene.wait(-3600)
    scene.turns()
    assert partner.values[SUMMARY] == Scalar("a")

    begin(scene, Code.STAMP_IN_FUTURE, Action.TAKE_THEIRS)
    scene.turns()

    assert partner.values[SUMMARY] == Scalar("from the future")
    assert scene.problems() == []


def test_a_resync_tells_all_values_of_the_partner_again(scene: Scene) -> None:
    _, partner = held(scene)
    mended(scene)
    partner.values = {**partner.values, TEAM: Scalar("written behind our back")}

    do(scene, Code.FIELD_REFUSED, Action.RESYNC)

    assert partner.values[SUMMARY] == Scalar("theirs")
    assert partner.values[TEAM] != Scalar("written behind our back")
    assert scene.problems() == []


# which actions --------------------------------------------------------------------------------------------------------


def test_an_action_that_a_problem_does_not_offer_is_refused(scene: Scene) -> None:
    held(scene)

    with pytest.raises(Mistake, match="no way out"):
        begin(scene, Code.FIELD_REFUSED, Action.RECREATE)


def test_a_side_can_be_taken_of_a_field_only(scene: Scene) -> None:
    held(scene)
    problem = the_problem(scene, Code.FIELD_REFUSED).problem

    assert Action.TAKE_MINE in actions_of(problem)
    assert Action.TAKE_MINE not in actions_of(replace(problem, holds=replace(problem.holds, mapping=None)))


def test_all_problems_of_a_code_are_acted_on_and_one_that_can_not_be_hinders_none(scene: Scene) -> None:
    held(scene)
    scene.pair()
    ours, partner = scene.issues()
    scene.a.set(ours, SUMMARY, Scalar("another"))
    scene.settle()
    scene.b.hidden.add(partner.ref.id)

    done = drive(act_on_all(scene.world.engine, {scene.second.connector}, Code.FIELD_REFUSED, Action.TAKE_MINE))

    assert (len(done.done), len(done.failed)) == (1, 1)
    assert "can't be read" in done.failed[0][1]


def test_what_is_meant_has_to_be_said(scene: Scene) -> None:
    for number, code in ((None, None), (1, "field-refused"), (None, "nonsense"), (77, None)):
        with pytest.raises(Mistake):
            drive(choose(scene.world.engine.store, number, code, None))


# what is held back ----------------------------------------------------------------------------------------------------


def test_the_content_of_a_problem_is_the_value_that_is_held_back(scene: Scene) -> None:
    held(scene, "the whole value")
    problem = the_problem(scene, Code.FIELD_REFUSED)

    [content] = drive(content_of(scene.world.store, problem))

    assert (content.what, content.name, content.value) == ("field", "summary", "the whole value")
    assert "the whole value" not in problem.problem.cause


def test_the_content_of_an_issue_that_can_not_be_created_is_all_that_waits(scene: Scene) -> None:
    scene.b.refuse_new = lambda _: {TEAM: "is required"}
    ours = scene.a.create_issue(BUG, {SUMMARY: Scalar("new"), LABELS: labels("red")})
    scene.a.comment(ours, "please look")
    scene.settle()

    found = drive(content_of(scene.world.store, the_problem(scene, Code.ISSUE_REFUSED)))

    assert {("summary", "new"), ("labels", "+red")} <= {(one.name, one.value) for one in found}
    assert "please look" in [one.value for one in found if one.what == "comment"]


def test_the_content_of_a_comment_that_was_refused_is_its_text(scene: Scene) -> None:
    ours, _ = scene.pair()
    scene.b.refuse_comment = "no"
    scene.a.comment(ours, "please look")
    scene.settle()

    [content] = drive(content_of(scene.world.store, the_problem(scene, Code.COMMENT_REFUSED)))

    assert (content.what, content.value) == ("comment", "please look")
