"""Rules 17 to 20: what we see."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.engine.census import census
from backbone.core.model.configuration import StartJql
from backbone.core.model.keys import SUMMARY, IssueKey, IssueRef, Millis, ProjectId, Role
from backbone.core.model.pair import PairState
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG, TEAM, half
from tests.fakes.scene import Scene
from tests.fakes.world import Crash, drive


def crash() -> None:
    raise Crash


def test_rule_17_a_second_edit_of_the_same_moment_is_seen() -> None:
    scene = Scene()
    first, second = scene.pair()
    moment = scene.system.time + 3000
    scene.wait(3)
    scene.a.set(first, SUMMARY, Scalar("one"))
    drive(scene.world.look(scene.a.name))
    scene.a.set(first, SUMMARY, Scalar("two"))
    assert first.updated == moment

    scene.settle()

    assert second.values[SUMMARY] == Scalar("two")


def test_rule_17_what_a_search_found_is_not_forgotten_when_we_die() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("b"))
    commits = iter(range(100))

    def gate() -> None:
        if scene.world.store.tables.dirty and next(commits) == 1:
            crash()

    scene.world.store.gate = gate
    scene.look(scene.a)
    scene.world.store.gate = lambda: None
    scene.wait(3600)

    scene.settle()

    assert second.values[SUMMARY] == Scalar("b")


def test_rule_17_an_issue_whose_lock_was_held_is_looked_at_later() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("b"))
    name = f"issue:A:{first.ref.id}"
    scene.world.store.locks.held[name] = 99
    scene.look(scene.a)
    scene.world.store.locks.lose(name)
    scene.wait(3600)

    scene.settle()

    assert second.values[SUMMARY] == Scalar("b")


def test_rule_18_a_page_older_than_our_write_does_not_speak() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.set(second, TEAM, Scalar("touched"))
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.tell(scene.a)
    scene.b.freeze_index()
    scene.turns()
    before = [message for message in scene.field_changes() if message.alias == SUMMARY]

    scene.look(scene.b)

    assert before == []
    assert [message for message in scene.field_changes() if message.alias == SUMMARY] == []


def test_rule_18_a_page_older_than_our_last_look_does_not_speak() -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.a.set(first, TEAM, Scalar("touched"))
    scene.a.freeze_index()
    scene.wait(5)
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.a.thaw_index()
    stale = scene.a._snapshot(first)
    scene.look(scene.a)
    before = scene.messages
    scene.a.index = {
        first.ref.id: replace(stale, values={**stale.values, SUMMARY: Scalar("a")}, updated=Millis(first.updated - 1))
    }

    scene.look(scene.a)

    assert scene.messages == before


def _two_synchronizations(scene: Scene) -> None:
    """Another synchronization between the same projects, by another pair of connectors."""
    first, second = half("INT-2", "A-2", "A", Role.FIRST), half("INT-2", "B-2", "B", Role.SECOND)
    drive(scene.world.synchronize(first, second))


def test_rule_19_an_issue_that_the_jql_does_not_select_is_not_told() -> None:
    scene = Scene(first=replace(half("INT-1", "A-1", "A", Role.FIRST), jql="labels = public"))
    issue = scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.a.unmatched = {issue.ref.id}
    scene.settle()
    assert scene.b.issues == {}

    scene.a.unmatched = set()
    scene.a.set(issue, SUMMARY, Scalar("b"))
    scene.settle()
    assert len(scene.b.issues) == 1


def test_rule_19_a_bad_jql_stops_its_own_synchronization_only() -> None:
    scene = Scene(first=replace(half("INT-1", "A-1", "A", Role.FIRST), jql="bad"))
    _two_synchronizations(scene)
    scene.a.bad_jql = {"bad"}
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})

    scene.settle()

    assert len(scene.b.issues) == 1
    assert scene.problems() == [Code.JQL_REFUSED]


def test_rule_19_a_bad_jql_of_the_start_stops_its_own_synchronization_only() -> None:
    start = StartJql(jql="bad", since=Millis(2**50))
    scene = Scene(first=replace(half("INT-1", "A-1", "A", Role.FIRST), start_with=start))
    _two_synchronizations(scene)
    scene.a.bad_jql = {"bad"}
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})

    scene.settle()

    assert len(scene.b.issues) == 1
    assert scene.problems() == [Code.JQL_REFUSED]


def test_rule_19_a_census_finds_what_never_shows_under_updated() -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.a.hidden = {first.ref.id}
    scene.settle()
    assert scene.half_of(first).state is PairState.LINKED

    drive(census(scene.world.engine, scene.first))
    scene.look(scene.a)
    assert scene.half_of(first).state is PairState.INVISIBLE

    scene.a.hidden = set()
    drive(census(scene.world.engine, scene.first))
    scene.look(scene.a)
    assert scene.half_of(first).state is PairState.LINKED
    assert scene.problems() == []


def test_rule_20_a_renamed_project_changes_keys_and_nothing_else() -> None:
    scene = Scene()
    first, second = scene.pair()
    first.ref = IssueRef(id=first.ref.id, key=IssueKey("NEW-1"))
    scene.a.set(first, SUMMARY, Scalar("b"))

    scene.settle()

    assert second.values[SUMMARY] == Scalar("b")
    known = scene.half_of(first).local
    assert known is not None
    assert known.key == "NEW-1"


def test_rule_20_a_moved_issue_is_told_and_left_alone() -> None:
    scene = Scene()
    first, second = scene.pair()
    second.project = ProjectId("ELSEWHERE")
    scene.a.set(first, SUMMARY, Scalar("b"))

    scene.settle()

    assert second.values[SUMMARY] == Scalar("a")
    assert scene.problems() == [Code.ISSUE_MOVED]


def test_rule_20_an_issue_that_was_moved_back_goes_on() -> None:
    scene = Scene()
    first, second = scene.pair()
    first.project = ProjectId("ELSEWHERE")
    scene.b.set(second, SUMMARY, Scalar("b"))
    scene.settle()
    first.project = scene.a.project_id
    scene.a.set(first, TEAM, Scalar("back"))
    scene.settle()
    assert scene.half_of(first).state is PairState.LINKED
    scene.b.set(second, SUMMARY, Scalar("c"))

    scene.settle()

    assert first.values[SUMMARY] == Scalar("c")
    assert second.values[TEAM] == Scalar("back")
    assert scene.problems() == []
