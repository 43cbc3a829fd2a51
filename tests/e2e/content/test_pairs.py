"""Pairs: the field that shows the partner, and fields that are mapped later."""

from __future__ import annotations

import pytest

from backbone.app.engine.startconflict import reconsider
from tests.parts.neighbours import Neighbours, neighbours, seen
from tests.parts.two_projects import FIELDS, declaration


async def test_both_sides_show_the_key_of_their_partner() -> None:
    async with neighbours() as jiras:
        ours, theirs = jiras.ann.create("PA", "Bug", "Ours").key, jiras.ben.create("PB", "Task", "Theirs").key
        await jiras.begin()
        for key in (ours, await jiras.partner(theirs)):
            partner = await jiras.partner(key)
            assert seen(jiras.first, key, "Partner Key") == partner
            assert seen(jiras.second, partner, "Mirror Key") == key
        await jiras.equal()


async def test_the_key_is_shown_once_the_status_of_an_issue_allows_editing() -> None:
    async with neighbours() as jiras:
        key = jiras.ann.create("PA", "Bug", "Long closed").key
        for step in ("Begin", "Hand in", "Resolve", "Close"):
            jiras.ann.transition(key, step)
        await jiras.begin()
        partner = await jiras.partner(key)
        assert seen(jiras.second, partner, "Mirror Key") == key
        assert seen(jiras.first, key, "Partner Key") is None
        assert await jiras.codes() == ["field-refused"]
        jiras.ann.comment(key, "It is closed")
        jiras.ben.comment(partner, "I know")
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]

        jiras.ann.transition(key, "Reopen")
        await jiras.settle()
        await jiras.retry()
        await jiras.settle()
        assert seen(jiras.first, key, "Partner Key") == partner
        await jiras.equal()


async def mapped_later(jiras: Neighbours, start: str | None) -> str:
    """Budget and Costs differ in a pair before they are mapped; the key of the partner."""
    jiras.ann.create("PA", "Bug", "Growing", Budget="of Ann")
    await jiras.begin()
    partner = await jiras.partner("PA-1")
    jiras.ben.edit(partner, Costs="of Ben")
    await jiras.settle()
    assert (seen(jiras.first, "PA-1", "Budget"), seen(jiras.second, partner, "Costs")) == ("of Ann", "of Ben")
    added = {"first": "Budget", "second": "Costs", **({"start": start} if start else {})}
    jiras.declaration = declaration(fields={**FIELDS, "later": added})
    await jiras.synchronize()
    await jiras.settle()
    return partner


@pytest.mark.parametrize(
    ("start", "ours", "theirs"),
    [
        ("first", "of Ann", "of Ann"),
        ("second", "of Ben", "of Ben"),
        ("hold", "of Ann", "of Ben"),
        (None, "of Ann", "of Ben"),
    ],
)
async def test_a_field_that_is_mapped_later_begins_as_its_policy_says(
    start: str | None, ours: str, theirs: str
) -> None:
    async with neighbours() as jiras:
        partner = await mapped_later(jiras, start)
        assert (seen(jiras.first, "PA-1", "Budget"), seen(jiras.second, partner, "Costs")) == (ours, theirs)


@pytest.mark.parametrize("start", ["first", "second", "hold"])
async def test_a_field_that_is_mapped_later_is_in_step_from_the_next_edit_on(start: str) -> None:
    async with neighbours() as jiras:
        partner = await mapped_later(jiras, start)
        jiras.ben.edit(partner, Costs="Ben again")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Budget") == "Ben again"
        jiras.ann.edit("PA-1", Budget="Ann again")
        await jiras.settle()
        assert seen(jiras.second, partner, "Costs") == "Ann again"
        await reconsider(jiras.engine)
        assert await jiras.codes() == []


async def test_a_mapping_that_is_removed_stops_and_the_others_go_on() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Shrinking", Customer="Aqua")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.declaration = declaration(fields={key: one for key, one in FIELDS.items() if key != "text"})
        await jiras.synchronize()
        jiras.ann.edit("PA-1", Customer="Norte", summary="Shrunk")
        await jiras.settle()
        assert seen(jiras.second, partner, "Account") == "Aqua"
        assert seen(jiras.second, partner, "summary") == "Shrunk"
        assert await jiras.codes() == []


async def test_applying_the_same_file_again_changes_nothing() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Twice", Customer="Aqua")
        await jiras.begin()
        written = jiras.writes()
        await jiras.synchronize()
        await jiras.settle()
        assert jiras.writes() == written
        assert len(await jiras.partners()) == 1
