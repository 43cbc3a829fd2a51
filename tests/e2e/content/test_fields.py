"""Every kind of field travels both ways, and may be emptied on either side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.parts.neighbours import neighbours, seen
from tests.parts.two_projects import CLOUD, plan_a, plan_b


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A field by both its names: what Ann writes and Ben reads, what Ben writes and Ann reads."""

    here: str
    there: str
    ann: object
    ben_reads: object
    ben: object
    ann_reads: object


def same(here: str, there: str, ann: object, ben: object) -> Case:
    return Case(here=here, there=there, ann=ann, ben_reads=ann, ben=ben, ann_reads=ben)


CASES = [
    same("Customer", "Account", "Hafenwerke & Söhne <x>", "Aqua 'Norte'"),
    same("Cause", "Analysis", "One\n\n* two\n* {noformat}three{noformat}", "Only\none"),
    Case(here="Effort", there="Points", ann=2.5, ben_reads=2.5, ben=-3, ann_reads=-3.0),
    same("Shipped", "Delivered", "2026-02-28", "2028-02-29"),
    Case(
        here="Seen At",
        there="Observed At",
        ann="2026-03-29T02:30:00.000+0900",
        ben_reads=datetime(2026, 3, 28, 17, 30, tzinfo=UTC),
        ben="2026-12-31T23:45:00.000-0330",
        ann_reads=datetime(2027, 1, 1, 3, 15, tzinfo=UTC),
    ),
    same("Sheet", "Document", "https://example.com/a?b=c&d=%20e", "ftp://example.com/f"),
    Case(here="Severity", there="Impact", ann="Stops", ben_reads="Line down", ben="Flaw", ann_reads="Cosmetic"),
    same("Channel", "Source", "Phone", "Web"),
    Case(
        here="Series",
        there="Models",
        ann=["N1", "N3"],
        ben_reads=["L1", "L3"],
        ben=["L2", "L3"],
        ann_reads=["N2", "N3"],
    ),
    same("Regions", "Markets", ["North", "East"], ["South"]),
    same("Place", "Location", ["Europe", "Oslo"], ["Asia", "Tokyo"]),
    same("Place", "Location", ["Europe"], ["Europe", "Bern"]),
    same("Place", "Location", ["Asia", "Tokyo"], ["Asia"]),
    same("Keywords", "Topics", ["alpha", "beta"], ["gamma"]),
    same("labels", "labels", ["alpha", "beta"], ["Beta", "gamma"]),
    same("duedate", "duedate", "2026-12-24", "2027-01-06"),
    same("environment", "environment", "Bench 4\nwarm", "Bench 5"),
    same("description", "description", "h2. Title\n\n|a|b|", "Plain"),
]


def of(name: str, value: object) -> dict[str, object]:
    return {name.replace(" ", "_"): value}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.here}: {case.ann}")
async def test_a_field_travels_both_ways_and_may_be_emptied_on_either_side(case: Case) -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Born full", **of(case.here, case.ann))
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        assert seen(jiras.second, partner, case.there) == case.ben_reads

        jiras.ben.edit(partner, **of(case.there, case.ben))
        await jiras.settle()
        assert seen(jiras.first, "PA-1", case.here) == case.ann_reads

        jiras.ann.edit("PA-1", **of(case.here, None))
        await jiras.settle()
        assert seen(jiras.second, partner, case.there) is None

        jiras.ann.edit("PA-1", **of(case.here, case.ann))
        await jiras.settle()
        assert seen(jiras.second, partner, case.there) == case.ben_reads

        jiras.ben.edit(partner, **of(case.there, None))
        await jiras.settle()
        assert seen(jiras.first, "PA-1", case.here) is None
        await jiras.equal()


async def test_a_summary_travels_both_ways() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Ann's words")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ben.edit(partner, summary='Ben\'s "words" \\ {x}')
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "summary") == 'Ben\'s "words" \\ {x}'
        await jiras.equal()


async def test_fields_that_ben_filled_at_birth_arrive_at_ann() -> None:
    async with neighbours(plan_a(CLOUD), plan_b("9.12.22")) as jiras:
        jiras.ben.create(
            "PB", "Defect", "Born full", **{key: v for c in CASES for key, v in of(c.there, c.ben).items()}
        )
        await jiras.begin()
        partner = await jiras.partner("PB-1")
        last = {case.here: case.ann_reads for case in CASES}
        assert {name: seen(jiras.first, partner, name) for name in last} == last
        await jiras.equal()


async def test_elements_that_both_sides_add_and_remove_at_the_same_time_are_merged() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Labels", labels=["one", "two"], Series=["N1", "N2"])
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ann.edit("PA-1", labels=["one", "two", "three"], Series=["N2"])
        jiras.ben.edit(partner, labels=["two", "four"], Models=["L1", "L2", "L3"])
        await jiras.settle()
        assert seen(jiras.first, "PA-1", "labels") == ["four", "three", "two"]
        assert seen(jiras.first, "PA-1", "Series") == ["N2", "N3"]
        await jiras.equal()


async def test_what_is_not_mapped_never_leaves() -> None:
    async with neighbours(tapped=True) as jiras:
        jiras.ann.create("PA", "Bug", "Quiet", Margin="forty-two percent", assignee="ann")
        await jiras.begin()
        jiras.ann.edit("PA-1", Margin="forty-three percent", summary="Still quiet")
        await jiras.settle()
        there = jiras.taps[1]
        assert "Still quiet" in there
        assert "percent" not in there
        assert seen(jiras.second, await jiras.partner("PA-1"), "Discount") is None
