"""Issue types: mapped both ways, mapped one way, and not mapped."""

from __future__ import annotations

from tests.parts.neighbours import keys, neighbours, seen


async def test_issues_become_the_type_that_is_mapped_for_their_direction() -> None:
    async with neighbours() as jiras:
        ours = {jiras.ann.create("PA", name, name).key: name for name in ("Bug", "Task", "Story")}
        theirs = {jiras.ben.create("PB", name, name).key: name for name in ("Defect", "Task", "Idea")}
        await jiras.begin()
        sent = {name: seen(jiras.second, await jiras.partner(key), "type") for key, name in ours.items()}
        came = {name: seen(jiras.first, await jiras.partner(key), "type") for key, name in theirs.items()}
        assert sent == {"Bug": "Defect", "Task": "Task", "Story": "Need"}
        assert came == {"Defect": "Bug", "Task": "Task", "Idea": "Task"}
        await jiras.equal()


async def test_types_that_are_not_mapped_or_only_the_other_way_stay_at_home() -> None:
    async with neighbours(tapped=True) as jiras:
        jiras.ann.create("PA", "Secret", "Hushhush of Ann")
        for name in ("Private", "Need"):
            jiras.ben.create("PB", name, "Hushhush of Ben")
        await jiras.begin()
        assert await jiras.partners() == {}
        assert len(keys(jiras.first, "PA")) == 1
        assert len(keys(jiras.second, "PB")) == 2
        assert not any("Hushhush" in tap for tap in jiras.taps)
        assert await jiras.codes() == []


async def test_the_issue_of_a_one_way_type_stays_in_step_both_ways() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Story", "One way only", Customer="Aqua")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ben.edit(partner, Account="Norte", summary="And back again")
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "Customer") == "Norte"
        await jiras.equal()


async def test_an_issue_whose_type_becomes_a_mapped_one_is_sent() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Secret", "Not yet")
        await jiras.begin()
        assert await jiras.partners() == {}
        jiras.ann.edit("PA-1", issuetype="Bug")
        await jiras.settle()
        assert len(await jiras.partners()) == 1
        await jiras.equal()
