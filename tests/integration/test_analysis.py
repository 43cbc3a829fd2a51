"""What continuous analysis finds in connections, configurations and queues is told, and ends when it is put right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from backbone.app.usecases.finding import AT_FIRST, EVERY
from backbone.app.usecases.retrying import release
from backbone.app.usecases.troubleshooting.analysing import TOO_LONG, analyse
from backbone.core.model.changes import Changes, FieldChange, IssueChanged
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, Millis, PairUid, Role
from backbone.core.model.problems import Code, Problem
from backbone.core.model.stamps import Stamp
from backbone.ports.records import InboxMessage
from backbone.simulator.control.administration import (
    OptionOrder,
    PermissionOrder,
    ScreenOrder,
    WorkflowOrder,
    set_option,
    set_permission,
    set_screens,
    set_workflow,
)
from tests.parts.neighbours import neighbours
from tests.parts.two_jiras import TwoJiras
from tests.parts.two_projects import FLOW_B, SHOWING_A, SHOWING_B, declaration, plan_a, plan_b

MOST_CALLS = 40
"""REST calls of one examination of one side, once an hour."""


@pytest.fixture
async def jiras() -> AsyncIterator[TwoJiras]:
    async with TwoJiras() as made:
        await made.synchronize()
        await made.settle()
        yield made


async def analysed(jiras: TwoJiras) -> set[Code]:
    """The codes that are open after an analysis an hour later, by a process that starts."""
    jiras.system.time += EVERY
    for tracker in jiras.trackers.values():
        await tracker.close()
    jiras.trackers.clear()
    jiras.trackers.update(await jiras.connect([jiras.first, jiras.second]))
    for half in jiras.halves:
        await analyse(jiras.engine, half)
    return {one.problem.code for one in await jiras.problems() if one.problem.holds.pair is None}


async def of_connectors(jiras: TwoJiras) -> list[Problem]:
    """Problems that concern no pair."""
    return [one.problem for one in await jiras.problems() if one.problem.holds.pair is None]


async def test_where_nothing_is_wrong_nothing_is_told_and_few_calls_are_made(jiras: TwoJiras) -> None:
    before = [sum(one.calls.endpoints().values()) for one in (jiras.first, jiras.second)]
    writes = jiras.writes()

    found = await analysed(jiras)

    calls = [sum(one.calls.endpoints().values()) for one in (jiras.first, jiras.second)]
    assert found == set(), await of_connectors(jiras)
    assert jiras.writes() == writes
    assert max(after - earlier for after, earlier in zip(calls, before, strict=True)) <= MOST_CALLS


async def test_the_first_minute_of_a_synchronization_belongs_to_its_issues(jiras: TwoJiras) -> None:
    before = sum(jiras.first.calls.endpoints().values())
    await analyse(jiras.engine, jiras.halves[0])
    at_first = sum(jiras.first.calls.endpoints().values()) - before

    jiras.system.time += AT_FIRST
    await analyse(jiras.engine, jiras.halves[0])

    assert at_first == 0
    assert sum(jiras.first.calls.endpoints().values()) > before


async def test_within_the_hour_no_jira_is_asked_again(jiras: TwoJiras) -> None:
    await analysed(jiras)
    before = sum(jiras.first.calls.endpoints().values())
    jiras.system.time += EVERY // 2

    await analyse(jiras.engine, jiras.halves[0])

    assert sum(jiras.first.calls.endpoints().values()) == before


async def test_a_permission_that_was_taken_away_is_told_until_it_is_given_back(jiras: TwoJiras) -> None:
    taken = PermissionOrder(project="LUM", permission="ADD_COMMENTS", user="sync", held=False)
    set_permission(jiras.second.site, taken)
    found = await analysed(jiras)
    [problem] = [one for one in await of_connectors(jiras) if one.code is Code.PERMISSION_NEEDED]

    set_permission(jiras.second.site, PermissionOrder(project="LUM", permission="ADD_COMMENTS", user="sync", held=True))

    assert found == {Code.PERMISSION_NEEDED}
    assert "ADD_COMMENTS" in problem.cause
    assert await analysed(jiras) == set()


async def test_a_field_that_left_its_screen_is_told_until_it_is_back(jiras: TwoJiras) -> None:
    set_screens(jiras.second.site, ScreenOrder(project="LUM", create=False, remove=("Account",)))
    found = await analysed(jiras)

    set_screens(jiras.second.site, ScreenOrder(project="LUM", create=False, add=("Account",)))

    assert found == {Code.SCREEN_LACKS_FIELD}
    assert await analysed(jiras) == set()


async def test_after_a_retry_a_jira_is_asked_at_once(jiras: TwoJiras) -> None:
    order = PermissionOrder(project="LUM", permission="ADD_COMMENTS", user="sync", held=False)
    set_permission(jiras.second.site, order)
    await analysed(jiras)
    set_permission(jiras.second.site, PermissionOrder(project="LUM", permission="ADD_COMMENTS", user="sync", held=True))

    await release(jiras.store, None, jiras.system.now())
    for half in jiras.halves:
        await analyse(jiras.engine, half)

    assert await of_connectors(jiras) == []


async def test_of_fields_that_may_not_be_written_the_permission_is_told_not_the_screen(jiras: TwoJiras) -> None:
    taken = PermissionOrder(project="LUM", permission="EDIT_ISSUES", user="sync", held=False)
    set_permission(jiras.second.site, taken)

    assert await analysed(jiras) == {Code.PERMISSION_NEEDED}


async def test_that_issues_may_not_be_created_is_told(jiras: TwoJiras) -> None:
    taken = PermissionOrder(project="LUM", permission="CREATE_ISSUES", user="sync", held=False)
    set_permission(jiras.second.site, taken)
    found = await analysed(jiras)

    assert Code.PERMISSION_NEEDED in found
    assert Code.SCREEN_LACKS_FIELD not in found


async def test_an_option_that_the_configuration_names_and_jira_lost_is_told(jiras: TwoJiras) -> None:
    set_option(jiras.second.site, OptionOrder(field="Impact", option="Line down", value="Halted"))
    found = await analysed(jiras)

    set_option(jiras.second.site, OptionOrder(field="Impact", option="Halted", value="Line down"))

    assert Code.NAME_UNMATCHED in found
    assert Code.NAME_UNMATCHED not in await analysed(jiras)


async def test_a_status_that_no_transition_leads_to_is_told() -> None:
    kept = tuple(one for one in FLOW_B.transitions if one.name not in ("Accept", "Thaw"))
    changed = FLOW_B.model_copy(update={"transitions": kept}).model_dump()
    status = {"first_to_second": {"Open": "Backlog", "Resolved": "Finished"}}
    async with neighbours(
        plan_a(issues=SHOWING_A), plan_b(issues=SHOWING_B), declared=declaration(status=status)
    ) as jiras:
        await jiras.synchronize()
        set_workflow(jiras.second.site, WorkflowOrder(project="PB", workflow=changed))
        await analysed(jiras)

        gaps = [one for one in await of_connectors(jiras) if one.code is Code.WORKFLOW_GAP]

    assert gaps != []
    assert all("no transitions lead from" in one.cause and "to 'Finished'" in one.cause for one in gaps)


async def test_a_clock_that_is_wrong_is_told_until_it_is_right(jiras: TwoJiras) -> None:
    jiras.second.world.clock.advance(timedelta(minutes=3))
    found = await analysed(jiras)

    jiras.second.world.clock.release()

    assert found == {Code.CLOCK_SKEWED}
    assert await analysed(jiras) == set()


async def test_messages_that_wait_for_long_are_told_until_they_are_applied(jiras: TwoJiras) -> None:
    half = jiras.halves[1]
    change = FieldChange(alias="summary", value=("late",), stamp=Stamp(number=1, role=Role.FIRST, origin="x"))
    message = InboxMessage(
        connector=half.connector,
        pair=PairUid("nobody"),
        sequence=1,
        revision=half.revision,
        sent=Millis(jiras.system.time),
        content=IssueChanged(issue=IssueRef(id=IssueId("1"), key=IssueKey("X-1")), changes=Changes(fields=(change,))),
    )
    async with jiras.store.unit() as uow:
        await uow.inbox.put(message)
        await uow.commit()
    await analyse(jiras.engine, half)
    early = await of_connectors(jiras)
    jiras.system.time += TOO_LONG
    await analyse(jiras.engine, half)
    late = await of_connectors(jiras)

    async with jiras.store.unit() as uow:
        await uow.inbox.done(half.connector, message.pair, 1)
        await uow.commit()
    await analyse(jiras.engine, half)

    assert early == []
    assert [one.code for one in late] == [Code.MESSAGES_WAITING]
    assert "1 messages wait to be applied, the oldest for 15 minutes" in late[0].cause
    assert await of_connectors(jiras) == []
