"""The engine with one half: what is told waits to be carried, and what was carried is applied as if told next door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.adapters.memory import MemoryStore
from backbone.app.engine.arriving import arrive
from backbone.app.engine.guard import REMOVALS_LIMIT, open_guard
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.planning.plan import make_plan
from backbone.app.usecases.retrying import release
from backbone.app.usecases.troubleshooting.recreating import recreate
from backbone.app.usecases.troubleshooting.sides import tell_again
from backbone.core.model.changes import Changes, FieldChange, IssueAppeared, IssueChanged, IssueCreated, MembersAsserted
from backbone.core.model.configuration import CommentRules, HalfConfiguration, StartNew
from backbone.core.model.keys import SUMMARY, IssueId, IssueKey, IssueRef, Millis, PairUid, Revision, Role
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.parcels import PairMessage
from backbone.ports.records import OpenProblem
from tests.fakes.apart import Apart, Side
from tests.fakes.halves import BUG, DEFECT, LABELS, NOTE, mappings
from tests.fakes.issues import FakeIssue
from tests.fakes.resync import resync
from tests.fakes.world import drive

OURS = IssueRef(id=IssueId("elsewhere-1"), key=IssueKey("E-1"))


def _come(side: Side, uid: str, *contents: IssueAppeared | IssueChanged | IssueCreated) -> None:
    drive(side.come([PairMessage(pair=PairUid(uid), after=0, contents=contents)], []))


def _summary(text: str, number: int = 5) -> Changes:
    stamp = Stamp(number=number, role=Role.FIRST, origin="A")
    return Changes(fields=(FieldChange(alias=SUMMARY, value=(text,), stamp=stamp),))


def test_edits_comments_and_values_of_both_sides_travel() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.set(first, SUMMARY, Scalar("from the first"))
    apart.b.jira.comment(second, "from the second")
    apart.settle()
    apart.b.jira.set(second, LABELS, labels("x"))
    apart.settle()

    assert second.values[SUMMARY] == Scalar("from the first")
    assert first.values[LABELS] == labels("x")
    assert ["from the second" in one.body for one in first.comments.values()] == [True]
    assert [side.problems() for side in (apart.a, apart.b)] == [[], []]


def test_edits_at_the_same_time_end_alike_on_both_sides() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.set(first, SUMMARY, Scalar("older"))
    apart.system.time += 4000
    apart.b.jira.set(second, SUMMARY, Scalar("newer"))
    apart.settle()

    assert (first.values[SUMMARY], second.values[SUMMARY]) == (Scalar("newer"), Scalar("newer"))


def test_both_sides_know_each_others_issue_under_one_name() -> None:
    apart = Apart()
    first, second = apart.pair()
    here, there = apart.a.memory(first), apart.b.memory(second)

    assert here.uid == there.uid
    assert (here.remote, there.remote) == (second.ref, first.ref)
    assert apart.a.world.store.tables.inbox.keys() == {("A-1", here.uid)}


def test_what_appeared_is_created_once_however_often_it_is_told() -> None:
    side = Apart().b
    appeared = IssueAppeared(issue=OURS, type_alias="bug", changes=_summary("x"))
    for _ in range(3):
        _come(side, "u", appeared)
        drive(side.work())

    assert len(side.jira.issues) == 1
    assert [pair.state for pair in side.pairs()] == [PairState.LINKED]


def test_what_is_told_of_an_unknown_pair_is_one_problem_with_a_counter() -> None:
    side = Apart().b
    _come(side, "u", IssueChanged(issue=OURS, changes=_summary("x")))
    _come(side, "v", IssueCreated(issue=OURS))
    drive(side.work())

    problems = list(side.world.store.tables.problems.values())
    assert [(one.problem.code, one.count) for one in problems] == [(Code.HALF_PAIR, 2)]
    assert side.pairs() == []
    assert not side.jira.issues


def test_an_issue_that_a_person_named_by_its_key_gets_its_id_with_the_first_message() -> None:
    apart = Apart()
    first, second = apart.pair()
    memory = apart.b.memory(second)
    named = IssueRef(id=IssueId(first.ref.key), key=first.ref.key)

    async def rename() -> None:
        async with apart.b.world.store.unit() as uow:
            await uow.pairs.save(replace(memory, remote=named))
            await uow.commit()

    drive(rename())
    apart.a.jira.set(first, SUMMARY, Scalar("b"))
    apart.settle()

    assert apart.b.memory(second).remote == first.ref


def test_a_plan_writes_what_came_and_changes_nothing() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.set(first, SUMMARY, Scalar("planned"))
    drive(apart.a.work())
    drive(apart.b.come(*drive(apart.a.leave())))
    apart.b.world.deliver_all()
    scratch = MemoryStore("installation", "incarnation", apart.system.now)
    plan = drive(make_plan(apart.b.world.engine, scratch, None))

    assert [(one.what, one.after) for one in plan.writes] == [(SUMMARY, "planned")]
    assert second.values[SUMMARY] == Scalar("a")


def test_a_person_pairs_two_issues_on_both_sides_and_only_later_edits_travel() -> None:
    apart = Apart(change=lambda one: replace(one, start_with=StartNew(since=Millis(2**50)), fields=mappings(one.role)))
    first = apart.a.jira.create_issue(BUG, {SUMMARY: Scalar("one")})
    second = apart.b.jira.create_issue(DEFECT, {SUMMARY: Scalar("one")})
    for side, mine, other in ((apart.a, first, second), (apart.b, second, first)):
        drive(_matching(side, mine, other))
    apart.a.jira.comment(first, "said long ago")
    apart.settle()
    apart.b.jira.set(second, SUMMARY, Scalar("two"))
    apart.b.jira.comment(second, "said now")
    apart.settle()

    assert first.values[SUMMARY] == Scalar("two")
    assert ["said now" in one.body for one in first.comments.values()] == [False, True]
    assert [len(second.comments), *apart.a.problems(), *apart.b.problems()] == [1]


async def _matching(side: Side, mine: FakeIssue, other: FakeIssue) -> None:
    made = Pair(
        uid=PairUid("u"),
        connector=side.own.connector,
        state=PairState.MATCHING,
        born_here=side.own.role is Role.FIRST,
        local=mine.ref,
        remote=other.ref,
    )
    async with side.world.store.unit() as uow:
        await uow.pairs.save(made)
        await uow.dirty.add(side.own.connector, [mine.ref.id], side.system.now())
        await uow.commit()


def test_an_issue_whose_pair_was_deleted_here_is_not_sent_as_new_by_a_resync() -> None:
    apart = Apart()
    first, _ = apart.pair()
    memory = apart.a.memory(first)

    async def bury() -> None:
        async with apart.a.world.store.unit() as uow:
            await uow.pairs.save(replace(memory, state=PairState.BURIED))
            await uow.commit()

    drive(bury())
    drive(resync(apart.a.world, apart.a.own))
    apart.settle()

    assert len(apart.b.jira.issues) == 1


def test_taking_the_partners_side_says_where_that_can_be_done() -> None:
    apart = Apart()
    first, _ = apart.pair()
    uid = apart.a.memory(first).uid
    problem = Problem(
        code=Code.ISSUE_DELETED,
        connector=apart.a.own.connector,
        occurred_in=first.ref,
        cause="",
        remedy="",
        holds=Holds(pair=uid),
    )
    known = OpenProblem(id=1, problem=problem, first_seen=Millis(0), last_seen=Millis(0), count=1)
    for action in (tell_again, recreate):
        with pytest.raises(Mistake, match="partner"):
            drive(action(apart.a.world.engine, known))


def test_what_was_said_before_an_issue_appeared_is_left_out() -> None:
    side = Apart().b
    early = IssueChanged(issue=OURS, changes=_summary("early", 9))
    _come(side, "u", early, IssueAppeared(issue=OURS, type_alias="bug", changes=_summary("appeared")))
    drive(side.work())

    assert side.newest.values[SUMMARY] == Scalar("appeared")


def test_numbers_that_were_imported_hold_nothing_back() -> None:
    apart = Apart()
    first, second = apart.pair()
    memory = apart.b.memory(second)
    info = replace(memory.info, incoming_message_sequence_id=1000, outgoing_message_sequence_id=7)

    async def renumber() -> None:
        async with apart.b.world.store.unit() as uow:
            await uow.pairs.save(replace(memory, info=info))
            await uow.commit()

    drive(renumber())
    apart.a.jira.set(first, SUMMARY, Scalar("still heard"))
    apart.settle()

    assert second.values[SUMMARY] == Scalar("still heard")


def test_a_type_that_this_half_does_not_receive_is_not_created() -> None:
    side = Apart().b
    _come(side, "u", IssueAppeared(issue=OURS, type_alias="secret", changes=_summary("x")))
    drive(side.work())

    assert not side.jira.issues
    assert side.problems() == [Code.TYPE_NOT_MAPPED]


def test_a_field_that_this_half_does_not_receive_is_not_written() -> None:
    apart = Apart()
    first, second = apart.pair()
    uid = apart.a.memory(first).uid
    stamp = Stamp(number=apart.system.time, role=Role.SECOND, origin="B")
    change = FieldChange(alias=NOTE, value=("pushed",), stamp=stamp)
    _come(apart.a, uid, IssueChanged(issue=second.ref, changes=Changes(fields=(change,))))
    drive(apart.a.work())

    assert first.values.get(NOTE) != Scalar("pushed")


def test_comments_that_this_half_does_not_receive_are_not_written() -> None:
    def deaf(one: HalfConfiguration) -> HalfConfiguration:
        silent = CommentRules(sends=True, receives=False)
        return replace(one, comments=silent) if one.role is Role.SECOND else one

    apart = Apart(change=deaf)
    first, second = apart.pair()
    apart.a.jira.comment(first, "hello")
    apart.settle()

    assert not second.comments


def test_a_buried_pair_stays_silent_whatever_the_partner_says() -> None:
    apart = Apart()
    first, second = apart.pair()
    memory = apart.b.memory(second)

    async def bury() -> None:
        async with apart.b.world.store.unit() as uow:
            await uow.pairs.save(replace(memory, state=PairState.BURIED))
            await uow.commit()

    drive(bury())
    apart.a.jira.set(first, SUMMARY, Scalar("not wanted"))
    apart.settle()
    _come(apart.b, memory.uid, IssueAppeared(issue=first.ref, type_alias="bug", changes=_summary("again")))
    drive(apart.b.work())

    assert second.values[SUMMARY] == Scalar("a")
    assert len(apart.b.jira.issues) == 1


def test_an_empty_message_does_no_harm() -> None:
    side = Apart().b
    _come(side, "u")

    async def nothing() -> None:
        async with side.world.store.unit() as uow:
            await arrive(uow, side.own, [], Revision(1), side.system.now())

    drive(nothing())
    assert side.pairs() == []


# --- removals ---------------------------------------------------------------------------------------------------------


MOST = [f"x{number}" for number in range(REMOVALS_LIMIT - 1)]


def _tell_removals(apart: Apart) -> tuple[object, ...]:
    """The partner tells more removals than are meant to pass, past its own guard."""
    pairs = [apart.pair(labels=labels(*MOST)), apart.pair(labels=labels(*MOST))]
    for first, _ in pairs:
        apart.a.jira.set(first, LABELS, labels())
        drive(_open(apart))
    apart.settle()
    return tuple(second.values[LABELS] for _, second in pairs)


async def _open(apart: Apart) -> None:
    async with apart.a.world.store.unit() as uow:
        await open_guard(uow, apart.a.own.connector, apart.system.now())
        await uow.commit()


def test_too_many_removals_of_the_partner_are_not_applied() -> None:
    apart = Apart()

    assert _tell_removals(apart) == (labels(*MOST), labels(*MOST))
    assert apart.b.problems() == [Code.MASS_CHANGE]


def test_elements_that_a_resync_of_the_partner_leaves_out_are_removals_too() -> None:
    apart = Apart()
    pairs = [apart.pair(labels=labels(*MOST)), apart.pair(labels=labels(*MOST))]
    stamp = Stamp(number=apart.system.now(), role=Role.FIRST, origin="A")
    left = Changes(members=(MembersAsserted(alias=LABELS, elements=frozenset(MOST[:1]), stamp=stamp),))
    for first, _ in pairs:
        _come(apart.b, apart.a.memory(first).uid, IssueChanged(issue=first.ref, changes=left))
    drive(apart.b.work())

    assert [second.values[LABELS] for _, second in pairs] == [labels(*MOST), labels(*MOST)]
    assert apart.b.problems() == [Code.MASS_CHANGE]


def test_they_are_applied_once_a_person_allows_it() -> None:
    apart = Apart()
    _tell_removals(apart)
    drive(release(apart.b.world.store, None, apart.system.now()))
    apart.settle()

    found = [issue.values[LABELS] for issue in apart.b.jira.issues.values()]
    assert found == [labels(), labels()]
    assert apart.b.problems() == []
