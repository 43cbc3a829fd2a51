"""Creating a long backlog heeds what is decided meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from backbone.adapters.memory.turns import MemoryTurns
from backbone.app.engine.context import Engine
from backbone.app.engine.create import AHEAD
from backbone.app.engine.turns import run_turn
from backbone.app.usecases import switching
from backbone.app.usecases.retrying import retry_parked
from backbone.core.model.actions import NewIssue
from backbone.core.model.keys import STATUS, SUMMARY, FieldId, IssueId, Revision, Role
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import EMPTY, Option, Scalar, Value, labels
from backbone.ports.records import CreateTurn
from backbone.ports.tracker import Created, Lane, OutcomeUnknown, Refusal, TransientError, Wanted
from tests.fakes.halves import BUG, CLOSED, DONE, LABELS, NOTE, PRIORITY, TEAM, half
from tests.fakes.jira import FakeJira
from tests.fakes.scene import Scene
from tests.fakes.world import Crash, drive


def _with_backlog() -> Scene:
    """More issues wait than fit a request."""
    scene = Scene()
    for number in range(scene.b.create_limit + 10):
        scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
    scene.tell(scene.a)
    return scene


def test_a_stop_ends_the_creation_of_a_backlog_with_the_request_under_way() -> None:
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: _stop(scene))

    scene.turns()

    assert len(scene.b.issues) == scene.b.create_limit


def test_a_new_configuration_is_heeded_by_the_next_request_of_a_backlog() -> None:
    scene = _with_backlog()
    second = Revision(2)
    first, other = replace(scene.first, revision=second), replace(scene.second, revision=second, types=())
    scene.at(scene.b, "created", lambda: scene.reconfigure(first, other))

    scene.turns()

    assert len(scene.b.issues) == scene.b.create_limit


def test_a_start_goes_on_with_the_backlog() -> None:
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: _stop(scene))
    scene.turns()

    drive(switching.start(scene.world.store, None, scene.system.now()))
    scene.settle()

    assert len(scene.b.issues) == scene.b.create_limit + 10


def test_a_batch_is_asked_for_while_the_former_is_noted() -> None:
    """The first batch is not noted before the second was asked for, and gets the lower keys."""
    scene = _with_backlog()

    drive(run_turn(_reading_late(scene), _creating(scene)))

    summaries = [issue.values[SUMMARY] for issue in scene.b.issues.values()]
    assert summaries == [Scalar(f"Number {number}") for number in range(scene.b.create_limit + 10)]
    assert scene.b.calls["create"] == 2
    assert not scene.world.store.tables.creations


@pytest.mark.parametrize(("asked", "seconds"), [(5, 1), (1_000, 90)], ids=["a while", "for ever"])
def test_no_more_is_created_while_much_of_what_was_created_waits_but_for_half_a_minute_a_request(
    monkeypatch: pytest.MonkeyPatch, asked: int, seconds: int
) -> None:
    scene = _with_backlog()
    begun, behind = scene.system.time, iter([AHEAD + 1] * asked)
    created: list[int] = []

    async def many_due(*_: object) -> int:
        created.append(len(scene.b.issues))
        return next(behind, AHEAD)

    monkeypatch.setattr(MemoryTurns, "many_due", many_due)
    drive(run_turn(scene.world.engine, _creating(scene)))

    assert created[:6] == [0] * 6
    assert 0 <= scene.system.time - begun - seconds * 1000 < 1000
    assert len(scene.b.issues) == scene.b.create_limit + 10


def test_where_turns_are_run_one_after_the_other_nothing_waits_for_others() -> None:
    """As in a plan."""
    scene = Scene()
    for number in range(600):
        scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
    scene.tell(scene.a)
    begun = scene.system.time

    drive(run_turn(scene.world.engine, _creating(scene)))

    assert len(scene.b.issues) == 600
    assert scene.system.time == begun


def test_a_lost_answer_leaves_the_batch_that_is_being_noted_alone() -> None:
    """Only what was asked for last is in doubt."""
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: scene.at(scene.b, "created", _lost))

    with pytest.raises(TransientError):
        drive(run_turn(_reading_late(scene), _creating(scene)))

    (open_attempt,) = scene.world.store.tables.creations.values()
    assert len(open_attempt.pairs) == 10
    scene.wait(600)
    scene.settle()
    assert len(scene.b.issues) == scene.b.create_limit + 10


def test_what_was_prepared_while_a_request_was_under_way_heeds_a_stop() -> None:
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: _stop(scene))

    jira = _AnsweringLate(scene)
    drive(run_turn(scene.engine_with_waiting(jira), _creating(scene)))

    assert jira.ahead == [2]
    assert len(scene.b.issues) == scene.b.create_limit
    assert not scene.world.store.tables.creations


def test_what_was_prepared_while_a_request_was_under_way_heeds_a_new_configuration() -> None:
    """The next request is decided on anew; what it must not have any more is not in it."""
    scene = _with_backlog()
    second = Revision(2)
    other = replace(
        scene.second, revision=second, fields=tuple(one for one in scene.second.fields if one.field != SUMMARY)
    )
    first = replace(scene.first, revision=second)
    scene.at(scene.b, "created", lambda: scene.reconfigure(first, other))

    jira = _AnsweringLate(scene)
    drive(run_turn(scene.engine_with_waiting(jira), _creating(scene)))

    assert jira.ahead == [2, 1]
    shown = [issue.values.get(SUMMARY) for issue in scene.b.issues.values()]
    assert len(shown) == scene.b.create_limit + 10
    assert shown[scene.b.create_limit :] == [EMPTY] * 10
    assert not scene.world.store.tables.creations


def test_issues_of_a_type_that_is_not_mapped_hold_none_back_that_appeared_after_them() -> None:
    first = half("INT-1", "A-1", "A", Role.FIRST)
    scene = Scene(first=replace(first, types=(*first.types, replace(first.types[0], local=_TASK, alias="task"))))
    for _ in range(scene.b.create_limit):
        scene.a.create_issue(_TASK, {})
    scene.a.create_issue(BUG, {})
    scene.tell(scene.a)

    scene.turns()

    assert len(scene.b.issues) == 1
    assert scene.problems() == [Code.TYPE_NOT_MAPPED] * scene.b.create_limit


_TASK = Option("2", "Task")


class _AnsweringLate:
    """A Jira that takes its time to create. ``ahead`` are the attempts that were open when it did so."""

    def __init__(self, scene: Scene) -> None:
        self._inner = scene.b
        self._tables = scene.world.store.tables
        self.ahead: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        for _ in range(100):
            await asyncio.sleep(0)
        self.ahead.append(len(self._tables.creations))
        return await self._inner.create(batch, lane)


class _ReadingLate:
    """A Jira that answers a read of many issues only after it was asked twice to create some."""

    def __init__(self, inner: FakeJira) -> None:
        self._inner = inner
        self._asked_twice = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        try:
            return await self._inner.create(batch, lane)
        finally:
            if self._inner.calls["create"] == 2:
                self._asked_twice.set()

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        await asyncio.wait_for(self._asked_twice.wait(), 30)
        return await self._inner.read_many(issues, wanted, lane)


def _reading_late(scene: Scene) -> Engine:
    """The engine with such a Jira on the second side."""
    return scene.engine_with_waiting(_ReadingLate(scene.b))


def _creating(scene: Scene) -> CreateTurn:
    (turn,) = (one for one in scene.world.store.turns.ready() if isinstance(one, CreateTurn))
    scene.world.store.turns.pop(turn)
    return turn


def _lost() -> None:
    raise OutcomeUnknown("the answer was lost")


def _stop(scene: Scene) -> None:
    drive(switching.stop(scene.world.store, None, scene.system.now()))


def test_an_issue_is_created_without_all_that_jira_refuses_however_few_fields_it_names_at_a_time() -> None:
    scene = Scene()
    refused = [SUMMARY, PRIORITY, LABELS, TEAM, NOTE]
    scene.b.refuse_new = lambda values: next(({one: "not now"} for one in refused if one in values), {})
    values: dict[str, Value] = {LABELS: labels("x"), TEAM: Scalar("t"), NOTE: Scalar("n")}

    scene.pair(**values)

    assert len(scene.b.issues) == 1
    assert scene.b.calls["create"] == len(refused) + 1


def test_a_correlation_field_that_only_the_screen_for_editing_has_is_shown_nevertheless() -> None:
    scene = _with_shown_key()

    issue, partner = scene.pair()

    assert partner.values[_SHOWN] == Scalar(issue.ref.key)
    assert not scene.problems()


def test_a_correlation_field_that_is_on_no_screen_is_a_problem_until_it_is_on_one() -> None:
    scene = _with_shown_key()
    scene.b.refuse = lambda _, values: Refusal(fields={_SHOWN: "not on the screen"}) if _SHOWN in values else None
    issue, partner = scene.pair()
    assert scene.problems() == [Code.FIELD_REFUSED]

    scene.b.refuse = lambda _issue, _values: None
    drive(retry_parked(scene.world.engine, scene.second))

    assert partner.values[_SHOWN] == Scalar(issue.ref.key)
    assert not scene.problems()


_SHOWN = FieldId("customfield_9")


def _with_shown_key() -> Scene:
    """B shows the partner's key in a field that its screen for creating lacks."""
    scene = Scene(second=replace(half("INT-1", "B-1", "B", Role.SECOND), correlation_field=_SHOWN))
    scene.b.refuse_new = lambda values: {_SHOWN: "not on the screen"} if _SHOWN in values else {}
    return scene


def test_a_status_that_somebody_gives_to_a_new_issue_stays_although_the_clock_there_is_behind() -> None:
    """It came after what the partner told of the issue, whose status no issue can be created with."""
    scene = Scene(skew=-4 * 60_000)
    first = scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.at(scene.b, "created", _dies)
    scene.turns()
    (second,) = scene.b.issues.values()
    scene.b.set(second, STATUS, CLOSED)

    scene.settle()

    assert (first.values[STATUS], second.values[STATUS]) == (DONE, CLOSED)


def _dies() -> None:
    raise Crash
