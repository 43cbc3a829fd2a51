"""A resync asserts the present values of one side, keeps what they overwrite, and undoes no newer edit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.engine.apply import run_apply
from backbone.app.engine.resync import Fate
from backbone.core.model.configuration import HalfConfiguration, ValueTable
from backbone.core.model.keys import STATUS, SUMMARY, FieldId, Role
from backbone.core.model.pair import BaselineState, PairState
from backbone.core.model.values import EMPTY, FieldKind, Scalar, Value, labels
from backbone.ports.records import ApplyTurn
from backbone.ports.tracker import Refusal
from tests.fakes.halves import (
    BUG,
    CLOSED,
    DONE,
    HIGH,
    LABELS,
    LOCAL_ONLY,
    LOW,
    LOWEST,
    NOTE,
    P1,
    P3,
    PRIORITIES,
    PRIORITY,
    TEAM,
    TODO,
    half,
)
from tests.fakes.jira import FakeIssue
from tests.fakes.resync import Struck, resync
from tests.fakes.scene import Scene
from tests.fakes.world import Crash, drive


def _drift(issue: FakeIssue, field: FieldId, value: Value) -> None:
    """The sides went apart: a value changed and nobody will ever notice."""
    issue.values[field] = value


def _losers(scene: Scene) -> list[str]:
    return [one.value for one in scene.world.store.tables.losers.values()]


def test_a_value_that_went_apart_is_the_senders_again_and_what_it_overwrote_is_kept() -> None:
    scene = Scene()
    mine, theirs = scene.pair(summary=Scalar("right"))
    _drift(theirs, SUMMARY, Scalar("wrong"))
    assert drive(resync(scene.world, scene.first, fields=[SUMMARY])) == {mine.ref.id: Fate.ASSERTED}
    scene.settle()
    assert (mine.values[SUMMARY], theirs.values[SUMMARY]) == (Scalar("right"), Scalar("right"))
    assert _losers(scene).count("wrong") >= 1


def test_only_the_chosen_mappings_are_asserted() -> None:
    scene = Scene()
    _, theirs = scene.pair(summary=Scalar("right"))
    _drift(theirs, TEAM, Scalar("blue"))
    before = scene.messages
    drive(resync(scene.world, scene.first, fields=[]))
    scene.world.deliver_all()
    scene.turns()
    assert theirs.values[TEAM] == Scalar("blue")
    assert scene.messages == before


def test_an_empty_value_is_asserted_like_any_other() -> None:
    scene = Scene()
    _, theirs = scene.pair()
    _drift(theirs, TEAM, Scalar("blue"))
    drive(resync(scene.world, scene.first, fields=[TEAM]))
    scene.settle()
    assert theirs.values.get(TEAM, EMPTY) == EMPTY


def test_a_multi_value_loses_what_only_the_other_side_has() -> None:
    scene = Scene()
    mine, theirs = scene.pair(labels=labels("x"))
    _drift(theirs, LABELS, labels("stray"))
    drive(resync(scene.world, scene.first, fields=[LABELS]))
    scene.settle()
    assert mine.values[LABELS] == labels("x")
    assert theirs.values[LABELS] == labels("x")
    assert "stray" in _losers(scene)


def test_an_element_that_the_partner_added_before_and_we_hear_of_after_the_resync_is_gone_on_both_sides() -> None:
    scene = Scene()
    mine, theirs = scene.pair(labels=labels("x"))
    scene.b.set(theirs, LABELS, labels("x", "late"))
    scene.look(scene.b)  # told, and not yet delivered
    scene.wait(5)
    drive(resync(scene.world, scene.first, fields=[LABELS]))
    scene.settle()
    assert mine.values[LABELS] == labels("x")
    assert theirs.values[LABELS] == labels("x")


def test_what_the_partner_edits_after_the_wish_stays() -> None:
    scene = Scene()
    mine, theirs = scene.pair(summary=Scalar("a"), labels=labels("x"))
    wish = scene.system.now()
    scene.wait(60)
    scene.b.set(theirs, SUMMARY, Scalar("newer"))
    scene.b.set(theirs, LABELS, labels("x", "newer"))
    scene.wait(60)
    drive(resync(scene.world, scene.first, at=wish))
    scene.settle()
    assert (mine.values[SUMMARY], theirs.values[SUMMARY]) == (Scalar("newer"), Scalar("newer"))
    assert mine.values[LABELS] == theirs.values[LABELS] == labels("x", "newer")


@pytest.mark.parametrize("side", ["sender", "partner"])
def test_an_element_that_is_added_after_a_resync_counts_although_its_jiras_clock_is_behind(side: str) -> None:
    scene = Scene(skew=-240_000)
    mine, theirs = scene.pair()
    drive(resync(scene.world, scene.first if side == "partner" else scene.second, fields=[LABELS]))
    scene.settle()
    scene.b.set(theirs, LABELS, labels("new"))
    scene.settle()
    assert mine.values[LABELS] == theirs.values[LABELS] == labels("new")


def test_what_is_edited_here_and_not_told_yet_is_told_with_it() -> None:
    scene = Scene()
    mine, theirs = scene.pair(summary=Scalar("a"))
    scene.a.set(mine, SUMMARY, Scalar("b"))
    scene.a.set(mine, TEAM, Scalar("red"))
    drive(resync(scene.world, scene.first, fields=[SUMMARY]))
    scene.settle()
    assert theirs.values[SUMMARY] == Scalar("b")
    assert theirs.values[TEAM] == Scalar("red")


def test_the_status_is_not_resynchronized_unless_asked_for() -> None:
    scene = Scene()
    scene.pair()
    drive(resync(scene.world, scene.first, fields=[SUMMARY, STATUS]))
    assert {one.alias for one in scene.field_changes()} == {SUMMARY}


def test_the_status_is_forced_where_it_is_asked_for() -> None:
    scene = Scene()
    mine, theirs = scene.pair()
    scene.a.set(mine, STATUS, DONE)
    scene.settle()
    _drift(theirs, STATUS, TODO)
    drive(resync(scene.world, scene.first, fields=[], status=True))
    scene.settle()
    assert (mine.values[STATUS], theirs.values[STATUS]) == (DONE, CLOSED)


def test_a_many_to_one_table_causes_no_write() -> None:
    scene = Scene()
    mine, theirs = scene.pair(priority=LOWEST)
    assert theirs.values[PRIORITY] == P3
    writes = scene.world.effects()[0]
    drive(resync(scene.world, scene.first))
    scene.settle()
    drive(resync(scene.world, scene.second))
    scene.settle()
    assert scene.world.effects()[0] == writes
    assert mine.values[PRIORITY] == LOWEST


def test_a_value_that_can_not_be_shared_overwrites_nothing() -> None:
    scene = Scene()
    mine, theirs = scene.pair(priority=LOW)
    _drift(mine, PRIORITY, LOCAL_ONLY)
    drive(resync(scene.world, scene.first))
    scene.settle()
    assert theirs.values[PRIORITY] == P3


def test_a_mapping_that_does_not_send_asserts_nothing() -> None:
    scene = Scene()
    mine, theirs = scene.pair(customfield_1=Scalar("ours"))
    _drift(theirs, NOTE, Scalar("theirs"))
    drive(resync(scene.world, scene.second, fields=[NOTE]))
    scene.settle()
    assert mine.values[NOTE] == Scalar("ours")


def test_a_value_that_could_not_be_taken_over_is_not_overwritten_at_its_home() -> None:
    scene = Scene()
    mine, theirs = scene.pair(priority=LOW, customfield_2=Scalar("old"), labels=labels("x"))
    scene.a.refuse = lambda _issue, values: Refusal(messages=("no",)) if values.keys() & {TEAM, LABELS} else None
    scene.b.set(theirs, TEAM, Scalar("new"))
    scene.b.set(theirs, LABELS, labels("x", "new"))
    scene.settle()
    assert (mine.values[TEAM], mine.values[LABELS]) == (Scalar("old"), labels("x"))
    drive(resync(scene.world, scene.first))
    scene.settle()
    assert (theirs.values[TEAM], theirs.values[LABELS]) == (Scalar("new"), labels("x", "new"))


def test_an_element_that_was_held_back_before_a_resync_without_it_does_not_come_back() -> None:
    scene = Scene()
    mine, theirs = scene.pair(labels=labels("x"))
    scene.b.refuse = lambda _issue, values: Refusal(messages=("no",)) if LABELS in values else None
    scene.a.set(mine, LABELS, labels("x", "held"))
    scene.settle()
    assert theirs.values[LABELS] == labels("x")
    known = scene.half_of(mine)
    mapping = next(one for one in known.baselines if LABELS in one)
    base = replace(known.baselines[mapping], members={"x": "x"}, elements={})
    known = replace(known, baselines={**known.baselines, mapping: base})
    scene.world.store.tables.pairs[known.connector, known.uid] = known
    _drift(mine, LABELS, labels("x"))
    drive(resync(scene.world, scene.first))
    scene.settle()
    scene.b.refuse = lambda _issue, _values: None
    turn = ApplyTurn(connector=scene.second.connector, pair=known.uid)
    drive(run_apply(scene.world.engine, turn, retry=True))
    scene.settle()
    assert mine.values[LABELS] == theirs.values[LABELS] == labels("x")


def test_a_mended_table_of_the_sender_is_made_good() -> None:
    wrong = replace(PRIORITIES[Role.FIRST], to_alias={"1": "P3", "2": "P3", "3": "P3"})
    first = _with_table(half("INT-1", "A-1", "A", Role.FIRST), wrong)
    scene = Scene(first=first)
    _, theirs = scene.pair(priority=HIGH)
    assert theirs.values[PRIORITY] == P3
    mended = half("INT-1", "A-1", "A", Role.FIRST)
    scene.reconfigure(mended, scene.second)
    drive(resync(scene.world, mended))
    scene.settle()
    assert theirs.values[PRIORITY] == P1


def test_a_mended_table_of_the_receiver_is_made_good() -> None:
    wrong = replace(PRIORITIES[Role.SECOND], from_alias={"P1": P3, "P3": P3})
    scene = Scene(second=_with_table(half("INT-1", "B-1", "B", Role.SECOND), wrong))
    _, theirs = scene.pair(priority=HIGH)
    assert theirs.values[PRIORITY] == P3
    scene.reconfigure(scene.first, half("INT-1", "B-1", "B", Role.SECOND))
    drive(resync(scene.world, scene.first))
    scene.settle()
    assert theirs.values[PRIORITY] == P1


def _with_table(one: HalfConfiguration, table: ValueTable) -> HalfConfiguration:
    fields = tuple(
        replace(mapping, table=table) if mapping.kind is FieldKind.OPTION else mapping for mapping in one.fields
    )
    return replace(one, fields=fields)


def test_what_was_unknown_or_observed_is_agreed_as_asserted() -> None:
    scene = Scene()
    mine, theirs = scene.pair()
    mapping = next(one for one in scene.first.fields if one.field == TEAM)
    drive(resync(scene.world, scene.first))
    scene.settle()
    for issue in (mine, theirs):
        base = scene.half_of(issue).baselines[mapping.id]
        assert base.state is BaselineState.AGREED
    assert scene.half_of(mine).baselines[mapping.id].stamp == scene.half_of(theirs).baselines[mapping.id].stamp


def test_comments_and_attachments_are_not_sent_again() -> None:
    scene = Scene()
    mine, theirs = scene.pair()
    scene.a.comment(mine, "hello")
    scene.a.attach(mine, "a.txt", b"content")
    scene.settle()
    drive(resync(scene.world, scene.first))
    scene.settle()
    assert len(theirs.comments) == len(theirs.files) == 1


def test_an_issue_without_a_partner_gets_one() -> None:
    scene = Scene()
    alone = scene.a.create_issue(BUG, {SUMMARY: Scalar("new"), PRIORITY: LOW})
    assert drive(resync(scene.world, scene.first)) == {alone.ref.id: Fate.CREATED}
    scene.settle()
    drive(resync(scene.world, scene.first))
    scene.settle()
    assert [one.values[SUMMARY] for one in scene.b.issues.values()] == [Scalar("new")]


def test_an_issue_that_the_configuration_does_not_select_is_left_alone() -> None:
    scene = Scene()
    scene.a.create_issue(replace(BUG, id="99"), {SUMMARY: Scalar("other type")})
    assert list(drive(resync(scene.world, scene.first)).values()) == [Fate.LEFT]
    scene.settle()
    assert not scene.b.issues


@pytest.mark.parametrize("state", [PairState.IGNORED, PairState.HALF])
def test_a_pair_that_a_person_silenced_stays_silent(state: PairState) -> None:
    scene = Scene()
    mine, theirs = scene.pair()
    known = scene.half_of(mine)
    scene.world.store.tables.pairs[known.connector, known.uid] = replace(known, state=state)
    _drift(theirs, SUMMARY, Scalar("wrong"))
    assert drive(resync(scene.world, scene.first)) == {mine.ref.id: Fate.LEFT}
    scene.world.deliver_all()
    scene.turns()
    assert theirs.values[SUMMARY] == Scalar("wrong")


def test_issues_of_a_deleted_pair_find_new_partners_by_a_resync_only() -> None:
    scene = Scene()
    mine, theirs = scene.pair()
    for issue in (mine, theirs):
        known = scene.half_of(issue)
        scene.world.store.tables.pairs[known.connector, known.uid] = replace(known, state=PairState.BURIED)
    scene.settle()
    assert len(scene.b.issues) == 1
    assert drive(resync(scene.world, scene.first)) == {mine.ref.id: Fate.CREATED}
    scene.settle()
    assert len(scene.a.issues) == 1
    assert len(scene.b.issues) == 2


def test_an_issue_that_is_being_written_to_waits() -> None:
    scene = Scene()
    mine, _ = scene.pair()
    scene.world.store.tables.attempts[scene.first.connection, mine.ref.id] = None
    struck = Struck(scene.world)
    assert drive(resync(scene.world, scene.first, struck=struck)) == {mine.ref.id: Fate.LATER}
    assert not struck.issues
    del scene.world.store.tables.attempts[scene.first.connection, mine.ref.id]
    assert drive(resync(scene.world, scene.first, struck=struck)) == {mine.ref.id: Fate.ASSERTED}
    assert struck.issues == {mine.ref.id}


@pytest.mark.parametrize("number", range(8))
def test_a_resync_that_dies_anywhere_and_goes_on_asserts_once(number: int) -> None:
    scene = Scene()
    mine, theirs = scene.pair(summary=Scalar("a"), labels=labels("x"))
    scene.b.set(theirs, SUMMARY, Scalar("b"))
    scene.settle()
    before = scene.half_of(mine).info.outgoing_message_sequence_id
    _drift(theirs, LABELS, labels("stray"))
    struck, wish = Struck(scene.world), scene.system.now()
    left = [number]

    def gate() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Crash

    scene.world.store.gate = gate
    drive(resync(scene.world, scene.first, struck=struck, at=wish))
    scene.world.store.gate = lambda: None
    scene.world.restart()
    struck.world = scene.world
    drive(resync(scene.world, scene.first, struck=struck, at=wish))
    assert scene.half_of(mine).info.outgoing_message_sequence_id == before + 1
    scene.settle()
    assert theirs.values[LABELS] == labels("x")
    assert mine.values[SUMMARY] == theirs.values[SUMMARY] == Scalar("b")
