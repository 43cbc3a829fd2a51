"""Issues that appear together are noted and get their first comments together, each exactly once whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from backbone.app.engine.context import issue_lock
from backbone.app.engine.turns import run_turn
from backbone.app.usecases import switching
from backbone.core.model.keys import SUMMARY, ConnectorKey, FieldId, IssueId, PairUid, Role
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import CommentSnapshot, Marker
from backbone.core.model.values import Scalar
from backbone.ports.records import ApplyManyTurn, ApplyTurn
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, OutcomeUnknown, Refusal, TransientError
from tests.fakes.halves import BUG, PRIORITY, half, only
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.scene import Scene
from tests.fakes.world import Crash, drive

FIELDS: list[FieldId] = [SUMMARY, PRIORITY]
NUMBER = 6
COMMENTS = 2


def _created() -> Scene:
    """Six issues with two comments each appeared and were created; their turn is queued."""
    scene = Scene(
        first=only(half("INT-1", "A-1", "A", Role.FIRST), FIELDS),
        second=only(half("INT-1", "B-1", "B", Role.SECOND), FIELDS),
    )
    for number in range(NUMBER):
        issue = scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
        for _ in range(COMMENTS):
            scene.a.comment(issue, f"on number {number}")
    scene.tell(scene.a)
    for turn in scene.world.store.turns.ready():
        if isinstance(turn, ApplyTurn):  # of messages that arrived: their pairs are not created yet
            scene.world.store.turns.pop(turn)
    scene.turns()
    scene.world.store.transit.clear()
    assert len(scene.b.issues) == NUMBER
    assert not any(issue.comments for issue in scene.b.issues.values())
    return scene


def _turn(scene: Scene) -> ApplyManyTurn:
    [found] = [
        turn
        for turn in scene.world.store.turns.ready()
        if isinstance(turn, ApplyManyTurn) and turn.connector == scene.second.connector
    ]
    return found


def _each_once(scene: Scene) -> bool:
    return [len(issue.comments) for issue in scene.b.issues.values()] == [COMMENTS] * NUMBER


@contextmanager
def _held(scene: Scene, issue: FakeIssue) -> Iterator[Fence]:
    """Somebody else works on the issue."""
    with ExitStack() as until_end:
        name = issue_lock(scene.second.connection, issue.ref.id)
        holding = scene.world.store.hold(name)
        fence = drive(holding.__aenter__())
        assert fence is not None
        until_end.callback(lambda: drive(holding.__aexit__(None, None, None)))
        yield fence


def test_one_turn_adds_the_comments_of_all_without_reading_any() -> None:
    scene = _created()
    before = dict(scene.b.calls)

    assert drive(scene.world.run(_turn(scene))) is None

    assert _each_once(scene)
    made = {point: count - before.get(point, 0) for point, count in scene.b.calls.items()}
    assert {point: count for point, count in made.items() if count} == {"add-comment": NUMBER * COMMENTS}
    assert scene.waiting() == [] or all(one.connector == scene.first.connector for one in scene.waiting())


def test_one_turn_notes_the_partners_of_all() -> None:
    scene = _created()
    [turn] = [one for one in scene.world.store.turns.ready() if one.connector == scene.first.connector]

    assert isinstance(turn, ApplyManyTurn)
    drive(scene.world.run(turn))

    remotes = [scene.half_of(issue).remote for issue in scene.a.issues.values()]
    assert remotes == [issue.ref for issue in scene.b.issues.values()]


def test_what_was_added_together_is_in_step_and_stays_so() -> None:
    scene = _created()
    scene.settle()
    before = scene.messages

    scene.settle()

    assert _each_once(scene)
    assert scene.messages == before
    assert scene.problems() == []


def _crash() -> None:
    raise Crash


def _lost() -> None:
    raise OutcomeUnknown("lost")


def _late() -> None:
    raise TransientError("not now")


@pytest.mark.parametrize(
    ("how", "point"),
    [
        (_crash, "add-comment"),
        (_crash, "comment-added"),
        (_lost, "add-comment"),
        (_lost, "comment-added"),
        (_late, "add-comment"),
    ],
)
@pytest.mark.parametrize("number", [1, 2, 5, NUMBER * COMMENTS])
def test_whatever_happens_between_the_comments_each_is_there_once(
    how: Callable[[], None], point: str, number: int
) -> None:
    scene = _created()
    reached = 0

    def gate(at: str) -> None:
        nonlocal reached
        reached += at == point
        if at == point and reached == number:
            how()

    scene.b.gate = gate
    drive(scene.world.run(_turn(scene)))
    assert reached >= number

    scene.settle()

    assert _each_once(scene)


def test_one_whose_lock_is_held_is_left_for_later_and_keeps_nobody_waiting() -> None:
    scene = _created()
    busy = next(iter(scene.b.issues.values()))

    with _held(scene, busy):
        drive(scene.world.run(_turn(scene)))

    assert [len(issue.comments) for issue in scene.b.issues.values()] == [0] + [COMMENTS] * (NUMBER - 1)
    later = _turn(scene)
    assert later.pairs == (scene.half_of(busy).uid,)
    scene.settle()
    assert _each_once(scene)


def test_one_whose_comments_are_refused_gets_a_problem_and_the_others_their_comments() -> None:
    scene = _created()
    first = next(iter(scene.b.issues.values()))
    scene.b.hidden.add(first.ref.id)

    drive(scene.world.run(_turn(scene)))

    assert [len(issue.comments) for issue in scene.b.issues.values()] == [0] + [COMMENTS] * (NUMBER - 1)
    scene.b.hidden.clear()
    scene.settle()
    assert _each_once(scene)


def test_comments_that_jira_refuses_are_told_of() -> None:
    scene = _created()
    scene.b.refuse_comment = "not today"

    scene.settle()

    assert scene.problems() == [Code.COMMENT_REFUSED] * NUMBER * COMMENTS


def test_nothing_is_written_once_a_lock_is_lost() -> None:
    scene = _created()

    def lose() -> None:
        for name in list(scene.world.store.locks.held):
            scene.world.store.locks.lose(name)

    scene.at(scene.b, "comment-added", lose)
    drive(scene.world.run(_turn(scene)))

    assert sum(len(issue.comments) for issue in scene.b.issues.values()) == 1
    scene.settle()
    assert _each_once(scene)


def test_nothing_is_written_while_the_synchronization_is_stopped() -> None:
    scene = _created()
    drive(switching.stop(scene.world.store, None, scene.system.now()))

    drive(scene.world.run(_turn(scene)))

    assert not any(issue.comments for issue in scene.b.issues.values())
    drive(switching.start(scene.world.store, None, scene.system.now()))
    scene.settle()
    assert _each_once(scene)


def test_what_a_pair_has_besides_comments_is_a_matter_of_its_own_turn() -> None:
    scene = _created()
    issue = list(scene.a.issues.values())[2]
    scene.a.set(issue, SUMMARY, Scalar("edited meanwhile"))
    scene.tell(scene.a)

    drive(scene.world.run(_turn(scene)))

    uid = scene.half_of(issue).uid
    assert ApplyTurn(connector=ConnectorKey("B-1"), pair=uid) in scene.world.store.turns.ready()
    scene.settle()
    assert _each_once(scene)
    assert list(scene.b.issues.values())[2].values[SUMMARY] == Scalar("edited meanwhile")


def test_a_pair_that_is_gone_is_passed_over() -> None:
    scene = _created()
    turn = _turn(scene)
    strange = ApplyManyTurn(connector=turn.connector, pairs=(*turn.pairs, PairUid("gone")))

    assert drive(scene.world.run_again(strange)) is None

    assert _each_once(scene)


class _Slow:
    """A Jira that others may call while it adds a comment. ``asked`` are the issues in the order of the calls."""

    def __init__(self, inner: FakeJira) -> None:
        self._inner = inner
        self.asked: list[IssueId] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        self.asked.append(issue)
        await asyncio.sleep(0)
        return await self._inner.add_comment(issue, body, marker, lane)


def test_turns_that_run_at_the_same_time_end_one_after_the_other() -> None:
    scene = _created()
    slow, turn, half = _Slow(scene.b), _turn(scene), NUMBER // 2
    engine = replace(scene.engine_with_waiting(slow), additions=asyncio.Semaphore(half))
    first, second = replace(turn, pairs=turn.pairs[:half]), replace(turn, pairs=turn.pairs[half:])

    async def both() -> None:
        await asyncio.gather(run_turn(engine, first), run_turn(engine, second))

    asyncio.run(both())

    assert _each_once(scene)
    assert set(slow.asked[: half * COMMENTS]) == set(list(scene.b.issues)[:half])
