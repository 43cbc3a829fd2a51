"""Which issues are sent: by JQL, and by the choice of how to start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from backbone.simulator import Simulator
from backbone.simulator.plan import IssuePlan
from tests.parts.neighbours import Neighbours, neighbours, seen
from tests.parts.two_projects import declaration, plan_a, plan_b

NOT_INTERNAL = "labels is EMPTY OR labels != internal"


async def test_only_issues_that_match_are_sent_and_those_that_start_to_match() -> None:
    async with neighbours(declared=declaration(first={"jql": NOT_INTERNAL}), tapped=True) as jiras:
        jiras.ann.create("PA", "Bug", "Open to all", labels=["seal"])
        jiras.ann.create("PA", "Bug", "Kept hidden", labels=["internal"])
        jiras.ann.create("PA", "Bug", "Without labels")
        await jiras.begin()
        assert set(await jiras.partners()) == {"PA-1", "PA-3"}
        jiras.ann.comment("PA-2", "Kept hidden, too")
        await jiras.settle()
        assert "hidden" not in jiras.taps[1]
        jiras.ann.edit("PA-2", labels=["seal"])
        await jiras.settle()
        assert set(await jiras.partners()) == {"PA-1", "PA-2", "PA-3"}
        await jiras.equal()


async def test_an_issue_that_stops_matching_keeps_its_partner_and_sends_nothing_until_it_matches_again() -> None:
    async with neighbours(declared=declaration(first={"jql": NOT_INTERNAL}), tapped=True) as jiras:
        jiras.ann.create("PA", "Bug", "Public at first")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ann.edit("PA-1", labels=["internal"], summary="Hidden now")
        jiras.ann.comment("PA-1", "Hidden now")
        await jiras.settle()
        assert seen(jiras.second, partner, "summary") == "Public at first"
        assert "Hidden" not in jiras.taps[1]
        jiras.ann.edit("PA-1", labels=[], summary="Public again")
        await jiras.settle()
        assert seen(jiras.second, partner, "summary") == "Public again"
        assert len(await jiras.partners()) == 1
        await jiras.equal()


async def test_each_side_has_its_own_jql() -> None:
    declared = declaration(first={"jql": "priority = Blocker"}, second={"jql": "summary ~ wanted"})
    async with neighbours(declared=declared) as jiras:
        jiras.ann.create("PA", "Bug", "Ours", priority="Blocker")
        jiras.ann.create("PA", "Bug", "Ours wanted", priority="Minor")
        jiras.ben.create("PB", "Defect", "Theirs wanted")
        jiras.ben.create("PB", "Defect", "Theirs", priority="P1")
        await jiras.begin()
        partners = await jiras.partners()
        assert {seen(jiras.first, key, "summary") for key in partners} == {"Ours", "Theirs wanted"}


def old(project: str, kind: str) -> tuple[IssuePlan, ...]:
    """Four issues that came in the two days before the start: 48, 36, 24 and 12 hours ago."""
    return tuple(
        IssuePlan(project=project, type=kind, summary=f"{hours} hours old", fields={"labels": [f"h{hours}"]})
        for hours in (48, 36, 24, 12)
    )


EVERY = [48, 36, 24, 12]
STARTS: list[tuple[object, list[int], list[int]]] = [
    ("all", EVERY, EVERY),
    ("new", [], []),
    ({"since": "2026-11-19"}, [24, 12], [24, 12]),
    ({"since": "2026-11-19T09:00:01+00:00"}, [12], [12]),
    ({"jql": "labels in (h48, h12)"}, [48, 12], [48, 12]),
    ({"jql": {"first": "labels = h36"}}, [36], []),
]


def sent(jiras: Neighbours, partners: Mapping[str, str]) -> tuple[list[int], list[int]]:
    """Which of the old issues have a partner, by their ages: those of Ann, and those of Ben."""
    ours = [age for number, age in enumerate(EVERY, 1) if seen_age(jiras.first, partners, f"PA-{number}") == age]
    theirs = [
        age for number, age in enumerate(EVERY, 1) if seen_age(jiras.second, partners.values(), f"PB-{number}") == age
    ]
    return ours, theirs


def seen_age(simulator: Simulator, paired: Iterable[str], key: str) -> int | None:
    if key not in paired:
        return None
    return int(str(seen(simulator, key, "summary")).partition(" ")[0])


@pytest.mark.parametrize(("start", "ours", "theirs"), STARTS, ids=lambda one: str(one).replace("'", ""))
async def test_the_start_decides_which_existing_issues_are_sent(
    start: object, ours: list[int], theirs: list[int]
) -> None:
    declared = declaration(start_with=start)
    async with neighbours(
        plan_a(issues=old("PA", "Bug")), plan_b(issues=old("PB", "Defect")), declared=declared
    ) as one:
        await one.begin()
        assert sent(one, await one.partners()) == (ours, theirs)
        new = one.ann.create("PA", "Bug", "Quite new").key, one.ben.create("PB", "Task", "Quite new").key
        await one.settle()
        partners = await one.partners()
        assert new[0] in partners
        assert new[1] in partners.values()
        assert len(partners) == len(ours) + len(theirs) + 2
        assert sent(one, partners) == (ours, theirs)


async def test_an_old_issue_that_is_edited_stays_at_home_when_only_new_ones_are_sent() -> None:
    declared = declaration(start_with="new")
    async with neighbours(plan_a(issues=old("PA", "Bug")), declared=declared) as jiras:
        await jiras.begin()
        jiras.ann.edit("PA-1", summary="Old, edited")
        await jiras.settle()
        assert await jiras.partners() == {}
