"""Edits that meet: nobody's edit is lost without a trace, and both sides end equal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web

from backbone.simulator import Simulator
from tests.parts.neighbours import Neighbours, neighbours, said, seen
from tests.parts.two_projects import CLOUD, FIELDS, declaration, plan_a, plan_b


async def begun(jiras: Neighbours) -> str:
    """PA-1 is in step; the key of its partner."""
    jiras.ann.create("PA", "Bug", "Contended", Customer="Aqua", Effort=1, labels=["one"])
    await jiras.begin()
    return await jiras.partner("PA-1")


async def test_edits_of_different_fields_at_the_same_time_both_stay() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.edit("PA-1", Customer="Norte")
        jiras.ben.edit(partner, Points=5, summary="Ben's words")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Effort") == 5.0
        assert seen(jiras.first, "PA-1", "summary") == "Ben's words"
        assert seen(jiras.second, partner, "Account") == "Norte"
        await jiras.equal()
        assert await jiras.losers("PA-1") == []


@pytest.mark.parametrize("newer", ["ann", "ben"])
async def test_of_two_edits_of_one_field_the_newer_wins_and_the_other_is_kept_for_people(newer: str) -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        edits = {
            "ann": lambda: jiras.ann.edit("PA-1", Customer="of ann"),
            "ben": lambda: jiras.ben.edit(partner, Account="of ben"),
        }
        older = "ben" if newer == "ann" else "ann"
        for who in (older, newer):
            edits[who]()
            await jiras.pass_time(5)
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Customer") == f"of {newer}"
        assert set(await jiras.losers("PA-1")) == {f"of {older}"}
        await jiras.equal()


async def test_a_status_that_both_sides_change_ends_equal_with_the_newer_one() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ben.transition(partner, "Pull")
        await jiras.pass_time(5)
        jiras.ann.transition("PA-1", "Begin")
        jiras.ann.transition("PA-1", "Hand in")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "status") == "In Review"
        await jiras.equal()


def meddle(simulator: Simulator, edit: Callable[[], object], operation: str = "issue.edit") -> list[str]:
    """Somebody edits right before our next write of that kind lands; the list tells which write it was."""
    struck: list[str] = []

    async def before(request: web.Request, what: str) -> None:
        del request
        if not struck and what == operation:
            struck.append(what)
            edit()

    simulator.faults.on_before_write(before)
    return struck


@pytest.mark.parametrize(("first", "second"), [("10.3.17", CLOUD), (CLOUD, "9.12.22")])
async def test_an_edit_of_the_same_field_between_our_read_and_our_write_survives(first: str, second: str) -> None:
    async with neighbours(plan_a(first), plan_b(second)) as jiras:
        partner = await begun(jiras)
        jiras.ann.edit("PA-1", Customer="Ann's newer customer")
        await jiras.pass_time(5)
        struck = meddle(jiras.second, lambda: jiras.ben.edit(partner, Account="Ben's in between"))
        await jiras.settle()
        assert struck
        assert seen(jiras.second, partner, "Account") == "Ben's in between"
        assert seen(jiras.first, "PA-1", "Customer") == "Ben's in between"
        await jiras.equal()


async def test_an_edit_of_another_field_between_our_read_and_our_write_survives() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.edit("PA-1", Customer="Norte", labels=["one", "two"])
        struck = meddle(jiras.second, lambda: jiras.ben.edit(partner, summary="In between", labels=["one", "three"]))
        await jiras.settle()
        assert struck
        assert seen(jiras.first, "PA-1", "summary") == "In between"
        assert seen(jiras.first, "PA-1", "labels") == ["one", "three", "two"]
        await jiras.equal()


async def test_a_comment_between_our_read_and_our_write_arrives_once() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.edit("PA-1", Customer="Norte")
        struck = meddle(jiras.second, lambda: jiras.ben.comment(partner, "In between"))
        await jiras.settle()
        assert struck
        assert len(said(jiras.first, "PA-1")) == 1
        await jiras.equal()


async def test_an_edit_right_before_the_partner_is_created_arrives() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Young", Customer="Aqua")
        struck = meddle(jiras.second, lambda: jiras.ann.edit("PA-1", Customer="Norte", summary="Older"), "issue.bulk")
        await jiras.begin()
        assert struck
        assert seen(jiras.second, await jiras.partner("PA-1"), "Account") == "Norte"
        await jiras.equal()


async def test_a_summary_that_is_too_long_there_is_parked_alone_until_it_is_shortened() -> None:
    fields = {**FIELDS, "summary": {"first": "Cause", "second": "summary", "direction": "first_to_second"}}
    del fields["lines"]
    async with neighbours(declared=declaration(fields=fields)) as jiras:
        jiras.ann.create("PA", "Bug", "Long-winded", Cause="Short")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ann.edit("PA-1", Cause="x" * 256, Customer="Norte")
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]
        assert seen(jiras.second, partner, "summary") == "Short"
        assert seen(jiras.second, partner, "Account") == "Norte"
        jiras.ben.edit(partner, Points=7)
        jiras.ann.edit("PA-1", Customer="Sur")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Effort") == 7.0
        assert seen(jiras.second, partner, "Account") == "Sur"
        assert await jiras.codes() == ["field-refused"]
        jiras.ann.edit("PA-1", Cause="Short again")
        await jiras.settle()
        assert seen(jiras.second, partner, "summary") == "Short again"
        assert await jiras.codes() == []


async def test_a_text_over_the_limit_there_is_parked_alone_and_goes_on_when_shortened_or_when_the_limit_is_raised() -> (
    None
):
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.second.world.settings.text_limit = 100
        jiras.ann.edit("PA-1", description="x" * 101, environment="Bench", Customer="Norte")
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]
        assert seen(jiras.second, partner, "description") is None
        assert seen(jiras.second, partner, "environment") == "Bench"
        assert seen(jiras.second, partner, "Account") == "Norte"
        jiras.ann.edit("PA-1", description="x" * 100)
        await jiras.settle()
        assert await jiras.codes() == []
        await jiras.equal()

        jiras.ann.edit("PA-1", description="y" * 101)
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]
        jiras.second.world.settings.text_limit = 32_767
        await jiras.retry()
        await jiras.settle()
        await jiras.equal()


async def test_a_new_issue_with_a_text_that_is_too_long_is_created_without_it_and_completed_when_shortened() -> None:
    async with neighbours() as jiras:
        jiras.second.world.settings.text_limit = 100
        jiras.ann.create("PA", "Bug", "Long-winded", description="x" * 101, Customer="Aqua")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        assert seen(jiras.second, partner, "Account") == "Aqua"
        assert seen(jiras.second, partner, "description") is None
        assert len(await jiras.codes()) == 1
        jiras.ann.edit("PA-1", description="short")
        await jiras.settle()
        await jiras.equal()
