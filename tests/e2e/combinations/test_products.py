"""Every pair of products that can be joined does the main job."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from itertools import combinations

import pytest

from backbone.app.engine.look import look
from tests.parts.neighbours import Neighbours, neighbours, one_jira
from tests.parts.two_projects import CLOUD, plan_a, plan_b

PRODUCTS = ("8.20.30", "9.12.22", "10.3.17", "11.0.1", CLOUD)


def before(jiras: Neighbours) -> None:
    """What is there when the synchronization starts."""
    ann, ben = jiras.ann, jiras.ben
    full = ann.create(
        "PA",
        "Bug",
        "Grease leaks überall",
        description="Two lines\nof {code}text{code}",
        environment="Bench 4",
        labels=["leak", "grease"],
        priority="Blocker",
        duedate="2026-12-24",
        Customer="Hafenwerke",
        Cause="Seal\n\nand heat",
        Effort=2.5,
        Shipped="2026-02-28",
        Seen_At="2026-03-29T01:30:00.000+0100",
        Sheet="https://example.com/a?b=c",
        Severity="Degraded",
        Channel="Mail",
        Series=["N1", "N3"],
        Regions=["South"],
        Place=["Europe", "Oslo"],
        Keywords=["alpha", "beta"],
        Contract="C-1",
        Grade="silver",
    )
    ann.comment(full.key, "Ann was here")
    ann.attach(full.key, "plan.txt", b"a plan")
    for step in ("Begin", "Hand in"):
        ann.transition(full.key, step)
    ann.create("PA", "Story", "As a fitter I want light")
    task = ben.create("PB", "Task", "Order oil", priority="P1", Points=3, Topics=["oil"], Impact="Flaw")
    ben.comment(task.key, "Ben was here")
    ben.attach(task.key, "oil.bin", bytes(range(256)))
    ben.transition(task.key, "Pull")
    ben.create("PB", "Idea", "Use less oil")


async def change(jiras: Neighbours) -> None:
    """A day of work on both sides."""
    ann, ben = jiras.ann, jiras.ben
    there, here = await jiras.partner("PA-1"), await jiras.partner("PB-1")
    ann.edit("PA-1", summary="Grease leaks no more", labels=["leak"], Severity=None, Place=["Asia"], Effort=8)
    ben.edit(there, Analysis="Heat only", Models=["L2"], priority="P3", Observed_At="2026-06-01T10:00:00.000+0000")
    ann.comment(here, "Oil is on its way")
    ben.comment(there, "Thank you")
    ann.attach(here, "offer.pdf", b"%PDF offer")
    ben.attach(there, "photo.png", b"\x89PNG photo")
    ann.transition("PA-1", "Resolve")
    ben.transition("PB-1", "Pass on")
    ann.create("PA", "Task", "Born in the middle", priority="Minor")
    ben.create("PB", "Defect", "Found in the middle", Reproduction="Push it")


async def main_job(made: AbstractAsyncContextManager[Neighbours]) -> None:
    """Start, work, and a quiet end."""
    async with made as jiras:
        before(jiras)
        await jiras.synchronize()
        await jiras.settle()
        assert len(await jiras.partners()) == 4
        await jiras.equal()
        await change(jiras)
        await jiras.settle()
        assert len(await jiras.partners()) == 6
        await jiras.equal()
        written = jiras.writes()
        for _ in range(3):
            jiras.system.time += 60_000
            for name in jiras.trackers:
                await look(jiras.engine, name)
        await jiras.settle()
        assert jiras.writes() == written


@pytest.mark.parametrize(("first", "second"), [*combinations(PRODUCTS, 2), (CLOUD, CLOUD)])
async def test_two_jiras_of_any_products_stay_in_step(first: str, second: str) -> None:
    await main_job(neighbours(plan_a(first), plan_b(second)))


async def test_cloud_may_be_the_first_side() -> None:
    await main_job(neighbours(plan_a(CLOUD), plan_b("9.12.22")))


@pytest.mark.parametrize("product", ["8.20.30", "11.0.1", CLOUD])
async def test_two_projects_of_one_jira_stay_in_step_with_one_account(product: str) -> None:
    await main_job(one_jira(product))
