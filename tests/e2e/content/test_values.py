"""Value tables, one-way mappings, and mappings for some issue types only."""

from __future__ import annotations

from backbone.simulator.control.administration import OptionOrder, set_option
from tests.parts.neighbours import Neighbours, neighbours, seen
from tests.parts.two_jiras import SECOND
from tests.parts.two_projects import FIELDS, declaration


async def begun(jiras: Neighbours, **fields: object) -> str:
    """Ann creates PA-1; the key of its partner."""
    jiras.ann.create("PA", "Bug", "Of values", **fields)
    await jiras.begin()
    return await jiras.partner("PA-1")


async def test_many_values_become_one_without_coming_back_as_another() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras, priority="Blocker")
        assert seen(jiras.second, partner, "priority") == "P1"
        assert seen(jiras.first, "PA-1", "priority") == "Blocker"
        jiras.ann.edit("PA-1", priority="Critical")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "priority") == "Critical"
        assert seen(jiras.second, partner, "priority") == "P1"


async def test_the_one_value_comes_back_as_the_one_that_the_table_names() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras, priority="Blocker")
        jiras.ben.edit(partner, priority="P3")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "priority") == "Minor"
        jiras.ben.edit(partner, priority="P1")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "priority") == "Critical"


async def test_a_value_outside_the_table_is_not_sent_and_leaves_the_other_side_alone() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras, Severity="Stops")
        jiras.ann.edit("PA-1", Severity="Unheard of")
        await jiras.settle()
        assert seen(jiras.second, partner, "Impact") == "Line down"
        assert seen(jiras.first, "PA-1", "Severity") == "Unheard of"
        jiras.ben.edit(partner, Impact="Legal")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Severity") == "Unheard of"
        jiras.ben.edit(partner, Impact="Workaround")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Severity") == "Degraded"
        assert await jiras.codes() == []


async def test_a_one_way_table_never_writes_back() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras, Grade="silver")
        assert seen(jiras.second, partner, "Tier") == "high"
        jiras.ben.edit(partner, Tier="none")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Grade") == "silver"
        assert seen(jiras.second, partner, "Tier") == "none"
        jiras.ann.edit("PA-1", Grade="bronze")
        await jiras.settle()
        assert seen(jiras.second, partner, "Tier") == "low"


async def test_a_one_way_field_is_overwritten_by_the_next_edit_of_its_sender_only() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras, Contract="C-1")
        jiras.ben.edit(partner, Agreement="my own")
        await jiras.settle()
        assert (seen(jiras.first, "PA-1", "Contract"), seen(jiras.second, partner, "Agreement")) == ("C-1", "my own")
        jiras.ann.edit("PA-1", summary="Something else")
        await jiras.settle()
        assert seen(jiras.second, partner, "Agreement") == "my own"
        jiras.ann.edit("PA-1", Contract="C-2")
        await jiras.settle()
        assert seen(jiras.second, partner, "Agreement") == "C-2"
        jiras.ann.edit("PA-1", Contract=None)
        await jiras.settle()
        assert seen(jiras.second, partner, "Agreement") is None


async def test_one_way_labels_leave_the_receivers_own_ones_alone() -> None:
    fields = {**FIELDS, "system labels": {"first": "labels", "second": "labels", "direction": "second_to_first"}}
    async with neighbours(declared=declaration(fields=fields)) as jiras:
        ben_s = jiras.ben.create("PB", "Task", "Of Ben", labels=["theirs"]).key
        await jiras.begin()
        here = await jiras.partner(ben_s)
        jiras.ann.edit(here, labels=["theirs", "ours"])
        await jiras.settle()
        assert seen(jiras.second, ben_s, "labels") == ["theirs"]
        jiras.ben.edit(ben_s, labels=["other"])
        await jiras.settle()
        assert seen(jiras.first, here, "labels") == ["other", "ours"]


async def test_a_field_for_some_issue_types_stays_at_home_for_the_others() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "With steps", Steps="Press")
        jiras.ann.create("PA", "Task", "Without steps", Steps="Hush")
        await jiras.begin()
        with_steps, without = await jiras.partner("PA-1"), await jiras.partner("PA-2")
        assert seen(jiras.second, with_steps, "Reproduction") == "Press"
        assert seen(jiras.second, without, "Reproduction") is None
        jiras.ben.edit(with_steps, Reproduction="Press twice")
        jiras.ben.edit(without, Reproduction="Not for Ann")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Steps") == "Press twice"
        assert seen(jiras.first, "PA-2", "Steps") == "Hush"


async def test_what_jira_fills_in_by_itself_is_not_taken_for_an_edit() -> None:
    values = {
        "first_to_second": {"Critical": "P1", "Major": "P2"},
        "second_to_first": {"P1": "Critical", "P2": "Major"},
    }
    fields = {**FIELDS, "priority": {"first": "priority", "second": "priority", "values": values}}
    async with neighbours(declared=declaration(fields=fields)) as jiras:
        partner = await begun(jiras, priority="Minor")
        assert seen(jiras.second, partner, "priority") == "P2"
        assert seen(jiras.first, "PA-1", "priority") == "Minor"
        jiras.ben.edit(partner, summary="Any other edit")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "priority") == "Minor"
        jiras.ben.edit(partner, priority="P1")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "priority") == "Critical"


async def lacking(jiras: Neighbours) -> str:
    """Grades have no equal there: one is parked and the rest goes on. The key of the partner."""
    partner = await begun(jiras, Grade="gold", Customer="Aqua")
    assert await jiras.codes() == ["value-unknown"]
    assert seen(jiras.second, partner, "Account") == "Aqua"
    jiras.ann.edit("PA-1", Customer="Norte")
    await jiras.settle()
    assert seen(jiras.second, partner, "Account") == "Norte"
    assert seen(jiras.second, partner, "Tier") is None
    assert await jiras.codes() == ["value-unknown"]
    return partner


BY_NAME = {**FIELDS, "graded": {"first": "Grade", "second": "Tier"}}


async def test_an_option_that_the_other_side_lacks_is_one_problem_until_another_is_chosen() -> None:
    async with neighbours(declared=declaration(fields=BY_NAME)) as jiras:
        await lacking(jiras)
        jiras.ann.edit("PA-1", Grade=None)
        await jiras.settle()
        assert await jiras.codes() == []


async def test_an_option_that_the_other_side_lacks_arrives_when_it_is_there_and_the_file_is_applied() -> None:
    async with neighbours(declared=declaration(fields=BY_NAME)) as jiras:
        partner = await lacking(jiras)
        set_option(jiras.second.site, OptionOrder(field="Tier", option="none", value="gold"))
        jiras.trackers[SECOND].forget_metadata()
        await jiras.synchronize()
        await jiras.settle()
        assert seen(jiras.second, partner, "Tier") == "gold"
        assert await jiras.codes() == []


async def test_an_option_that_the_other_side_lacks_arrives_when_the_file_says_what_becomes_of_it() -> None:
    async with neighbours(declared=declaration(fields=BY_NAME)) as jiras:
        partner = await lacking(jiras)
        by_table = {"first": "Grade", "second": "Tier", "values": [["gold", "high"], ["silver", "low"]]}
        jiras.declaration = declaration(fields={**FIELDS, "graded": by_table})
        await jiras.synchronize()
        await jiras.settle()
        assert seen(jiras.second, partner, "Tier") == "high"
        assert await jiras.codes() == []
