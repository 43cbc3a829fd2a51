"""Ann's project and Ben's, kept in step: what they see of their issues, and whether both see the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from backbone.app.engine.census import census
from backbone.core.model.problems import Code
from backbone.simulator import Simulator
from backbone.simulator.person import Person
from backbone.simulator.plan import WorldPlan
from backbone.simulator.world.fields import CHOICES, OPTION_KINDS, FieldKind
from backbone.simulator.world.issues import Issue
from tests.parts.two_jiras import TwoJiras
from tests.parts.two_projects import CLOUD, credentials_for, declaration, plan_a, plan_b, plan_of_both
from tests.parts.wire_tap import WireTap


@dataclass(slots=True)
class Neighbours(TwoJiras):
    """Use as an asynchronous context manager, or by ``neighbours()``.

    If it is ``tapped``, ``taps`` hold every byte that reached each Jira.
    """

    tapped: bool = False
    taps: list[WireTap] = field(default_factory=list)

    async def address(self, simulator: Simulator) -> str:
        if not self.tapped:
            return simulator.url
        tap = WireTap(simulator.url)
        self.taps.append(tap)
        return await self._stack.enter_async_context(tap)

    @property
    def ann(self) -> Person:
        return self.first.as_user("ann")

    @property
    def ben(self) -> Person:
        return self.second.as_user("ben")

    async def settle(self, rounds: int = 60) -> int:
        self.system.time += 3_000
        return await TwoJiras.settle(self, rounds)

    async def begin(self) -> None:
        """Start the synchronization, and wait until both sides are quiet."""
        await self.synchronize()
        await self.settle()

    async def count(self) -> None:
        """The hourly census of both projects, twice: what it misses needs two proofs."""
        for _ in range(2):
            for half in self.halves:
                await self._late(census(self.engine, half))
            await self.settle()

    async def partner(self, key: str) -> str:
        """The key of the issue on the other side."""
        partners = await self.partners()
        return partners[key] if key in partners else {theirs: ours for ours, theirs in partners.items()}[key]

    async def pass_time(self, seconds: int = 5) -> None:
        """Nothing happens for a while."""
        await self.system.sleep(seconds)

    async def codes(self) -> list[Code]:
        """The codes of the open problems, sorted; each must name cause and cure."""
        problems = [one.problem for one in await self.problems()]
        assert all(one.cause and one.remedy for one in problems)
        return sorted(one.code for one in problems)

    async def equal(self) -> None:
        """Every issue of a mapped type has exactly one partner, and nothing that is mapped differs."""
        partners = await self.partners()
        assert sorted(partners) == sorted(keys(self.first, "PA", but="Secret"))
        assert sorted(partners.values()) == sorted(keys(self.second, "PB", but="Private"))
        assert not await self.codes(), await self.problems()
        for key, partner in partners.items():
            ours, theirs = everything(self.first, key), everything(self.second, partner)
            assert _common(ours) == _common(theirs), (key, partner)

    async def losers(self, key: str) -> list[str]:
        """Values that lost on either side of the pair."""
        found = []
        async with self.store.unit() as uow:
            for half in self.halves:
                async for pair in uow.pairs.all(half.connector):
                    if key in {ref.key for ref in (pair.local, pair.remote) if ref}:
                        found += [one.value for one in await uow.journal.losers_of(half.connector, pair.uid)]
        return found


@asynccontextmanager
async def neighbours(
    first: WorldPlan | None = None, second: WorldPlan | None = None, *, declared: str = "", tapped: bool = False
) -> AsyncIterator[Neighbours]:
    """Data Center and Cloud unless planned otherwise, nothing synchronized yet."""
    plans = (first or plan_a(), second or plan_b())
    products = (product_of(plans[0]), product_of(plans[1]))
    credentials = (credentials_for(products[0]), credentials_for(products[1]))
    made = Neighbours(
        plans=plans, declaration=declared or declaration(products), credentials=credentials, tapped=tapped
    )
    async with made as jiras:
        yield jiras


@asynccontextmanager
async def one_jira(product: str) -> AsyncIterator[Neighbours]:
    """Both projects in one Jira, with one account."""
    plans = (plan_of_both(product),)
    made = Neighbours(plans=plans, declaration=declaration((product,)), credentials=(credentials_for(product),))
    async with made as jiras:
        yield jiras


def product_of(plan: WorldPlan) -> str:
    return CLOUD if plan.flavour == "cloud" else plan.version


def keys(simulator: Simulator, project: str, *, but: str = "") -> list[str]:
    """The issues of a project, but those of a type."""
    found = [one.key for one in simulator.world.issues.values() if one.key.startswith(f"{project}-")]
    return [key for key in found if seen(simulator, key, "type") != but]


# what a person sees ---------------------------------------------------------------------------------------------------


def seen(simulator: Simulator, key: str, name: str) -> object:
    """A field as a person sees it: texts, names of options, and None where it is empty."""
    world, issue = simulator.world, issue_of(simulator, key)
    if name == "status":
        return world.statuses[issue.status_id].name
    if name == "type":
        return world.issue_types[issue.type_id].name
    known = next(one for one in world.fields.values() if name in (one.id, one.name))
    value = issue.value(known.id)
    if value is None:
        return None
    if known.kind is FieldKind.PRIORITY:
        return world.priorities[str(value)].name
    if known.kind not in OPTION_KINDS:
        return list(value) if isinstance(value, tuple) else value
    assert not isinstance(value, float | datetime)
    idents = [value] if isinstance(value, str) else value
    names = [option.value for one in idents if (option := world.find_option(known.id, one))]
    return names[0] if known.kind in CHOICES else names


def issue_of(simulator: Simulator, key: str) -> Issue:
    found = simulator.world.find_issue(key)
    assert found is not None, f"{key} is gone"
    return found


def said(simulator: Simulator, key: str) -> list[str]:
    """The comments of an issue, oldest first."""
    return [one.body for one in issue_of(simulator, key).comments]


def held(simulator: Simulator, key: str) -> list[tuple[str, bytes]]:
    """The attachments of an issue, in order of their names."""
    found = issue_of(simulator, key).attachments
    return sorted((one.filename, simulator.world.blobs[one.id]) for one in found)


SAME = {
    "Severity": {"Stops": "Line down", "Degraded": "Workaround", "Cosmetic": "Flaw"},
    "Grade": {"gold": "high", "silver": "high", "bronze": "low"},
    "priority": {"Blocker": "P1", "Critical": "P1", "Major": "P2", "Minor": "P3"},
    "status": {
        "Open": "Backlog",
        "In Progress": "Doing",
        "In Review": "Verifying",
        "Resolved": "Finished",
        "Closed": "Finished",
    },
}
PAIRS = {
    **{one: one for one in ("summary", "description", "environment", "duedate", "labels", "priority", "status")},
    "Customer": "Account",
    "Cause": "Analysis",
    "Effort": "Points",
    "Shipped": "Delivered",
    "Seen At": "Observed At",
    "Sheet": "Document",
    "Severity": "Impact",
    "Channel": "Source",
    "Series": "Models",
    "Regions": "Markets",
    "Place": "Location",
    "Keywords": "Topics",
    "Contract": "Agreement",
    "Grade": "Tier",
}


def everything(simulator: Simulator, key: str) -> Mapping[str, object]:
    """All that is mapped of an issue, in the words of Ben's project."""
    ours = key.startswith("PA-")
    found: dict[str, object] = {}
    for here, there in PAIRS.items():
        value = seen(simulator, key, here if ours else there)
        if ours and isinstance(value, str):
            value = SAME.get(here, {}).get(value, value)
        if ours and here == "Series" and isinstance(value, list):
            value = [one.replace("N", "L") for one in value]
        found[there] = value
    found["comments"] = Counter(body.partition(":\n")[2] or body for body in said(simulator, key))
    found["files"] = held(simulator, key)
    return found


def _common(found: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in found.items() if value is not None}
