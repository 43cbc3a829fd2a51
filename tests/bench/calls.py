"""Part 1: REST calls, counted in the simulators between two moments of silence. Nothing here depends on time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from backbone.app.engine.context import Engine
from backbone.ports.login import ApiTokenLogin, TokenLogin
from backbone.simulator import Simulator
from backbone.simulator.person import Person
from backbone.simulator.plan import IssuePlan
from tests.bench.counting import Calls, kinds_of
from tests.bench.worlds import declaration, plans
from tests.parts.two_jiras import FIRST, SECOND, TwoJiras

VALUES: dict[str, tuple[object, object]] = {
    "summary": ("Bearing runs hot", "Bearing runs hot"),
    "description": ("At 80 % load.", "At 80 % load."),
    "environment": ("Bench 4", "Bench 4"),
    "labels": (["hot"], ["hot"]),
    "duedate": ("2026-12-24", "2026-12-24"),
    "priority": ("Minor", "P3"),
    "Customer/Account": ("Aqua Norte", "Aqua Norte"),
    "Root_Cause/Analysis": ("Grease", "Grease"),
    "Severity/Impact": ("S2 Degraded", "Workaround"),
    "Pump_Series/Models": (["NP-200"], ["LX-2"]),
    "Component_Path/Area": (["Controller", "Bus"], ["Controller", "Bus"]),
    "Effort/Story_Points": (5, 5),
    "Shipped_On/Target_Date": ("2026-12-01", "2026-12-01"),
    "Reproduced_At/Observed_At": ("2026-11-03T14:20:00.000+0000", "2026-11-03T14:20:00.000+0000"),
    "Data_Sheet/Document": ("https://docs.example.com/1", "https://docs.example.com/1"),
    "Keywords/Topics": (["heat"], ["heat"]),
    "Extra_1": ("one", "one"),
    "Extra_2": ("two", "two"),
    "Extra_3": ("three", "three"),
    "Extra_4": ("four", "four"),
}
"""Twenty mapped fields by their names on Data Center and Cloud, with a value for each side."""


class Bench(TwoJiras):
    """Two Jiras in step, whose calls are counted."""

    async def count(self, *, to_cloud: bool) -> Calls:
        """Everything that is called until both sides are quiet."""
        self.system.time += 5_000
        for one in (self.first, self.second):
            one.calls.reset()
        cycles = await self.settle() + 1
        sides = [kinds_of(one.calls, cycles) for one in (self.first, self.second)]
        source, target = sides if to_cloud else reversed(sides)
        return Calls(source=source, target=target, cycles=cycles)

    async def restart(self) -> None:
        """What a new process has: the store, and nothing else."""
        for tracker in self.trackers.values():
            await tracker.close()
        self.trackers = {
            FIRST: self._tracker(self.first.url, TokenLogin(token="northwind-token")),
            SECOND: self._tracker(self.second.url, ApiTokenLogin(email="sync@lumen.example", api_token="lumen-token")),
        }
        for tracker in self.trackers.values():
            self._stack.push_async_callback(tracker.close)
        self.engine = Engine(store=self.store, trackers=self.trackers, system=self.system)


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Where users work, and in which direction it goes."""

    to_cloud: bool

    @property
    def name(self) -> str:
        return "into Cloud" if self.to_cloud else "into Data Center"

    def source(self, bench: Bench) -> Simulator:
        return bench.first if self.to_cloud else bench.second

    def person(self, bench: Bench) -> Person:
        return self.source(bench).as_user("mara" if self.to_cloud else "priya")

    def create(self, bench: Bench, summary: str) -> str:
        project, kind = ("PUMP", "Bug") if self.to_cloud else ("LUM", "Defect")
        return self.person(bench).create(project, kind, summary).key

    def edit(self, bench: Bench, key: str, names: list[str]) -> None:
        side = 0 if self.to_cloud else 1
        fields = {name.split("/")[-1 if side else 0]: VALUES[name][side] for name in names}
        self.person(bench).edit(key, **fields)


SOLVED = IssuePlan(project="PUMP", type="Bug", reporter="mara", summary="Solved long ago", status="Resolved")

DIRECTIONS = (Direction(to_cloud=True), Direction(to_cloud=False))


@asynccontextmanager
async def in_step(*issues: IssuePlan, jql: bool = False) -> AsyncIterator[Bench]:
    """Two Jiras without issues whose synchronization is warm: what they are was asked, and a batch was created."""
    async with Bench(plans=plans(*issues), declaration=declaration(jql=jql)) as bench:
        await bench.synchronize()
        for direction in DIRECTIONS:
            direction.create(bench, "The first one")
        await bench.settle()
        yield bench


# --- scenarios: what users do, and what it costs ----------------------------------------------------------------------


async def idle(bench: Bench, direction: Direction) -> Calls:
    """Nothing happened."""
    return await bench.count(to_cloud=direction.to_cloud)


async def after_restart(bench: Bench, direction: Direction) -> Calls:
    """Nothing happened, and the process is another one: it asks each Jira once what it is and who we are."""
    await bench.restart()
    for tracker in bench.trackers.values():
        await tracker.account()
    return await bench.count(to_cloud=direction.to_cloud)


async def edited(bench: Bench, direction: Direction, fields: int) -> Calls:
    """So many fields of an issue were edited at once."""
    key = direction.create(bench, "Edited")
    await bench.settle()
    bench.system.time += 90_000
    await bench.settle()
    direction.edit(bench, key, list(VALUES)[:fields])
    return await bench.count(to_cloud=direction.to_cloud)


WALKS = {
    True: {
        1: (["Start Progress"], ["Ask for Review"]),
        2: ([], ["Start Progress"]),
        3: ([], ["Start Progress", "Ask for Review"]),
    },
    False: {1: (["Select"], ["Begin"]), 2: ([], ["Select", "Begin", "Hand over"])},
}
"""By direction and number of transitions on the target: what users did before, and what they do now."""


async def moved(bench: Bench, direction: Direction, steps: int) -> Calls:
    """A status that is so many transitions away on the target."""
    before, now = WALKS[direction.to_cloud][steps]
    keys = [direction.create(bench, name) for name in ("The one that finds the way", "Moved")]
    _people_statuses(bench)
    await bench.settle()
    for key in keys:
        await _walk(bench, direction, key, before)
    await _walk(bench, direction, keys[0], now)
    bench.system.time += 90_000
    await bench.settle()
    for name in now:
        direction.person(bench).transition(keys[1], name)
    return await bench.count(to_cloud=direction.to_cloud)


def _people_statuses(bench: Bench) -> None:
    """Issues in every status on the way: from them the engine learns what leads where, once a quarter of an hour."""
    for direction, ways in (
        (DIRECTIONS[0], [["Start Progress"], ["Start Progress", "Ask for Review"]]),
        (DIRECTIONS[1], [["Select"], ["Select", "Begin"], ["Select", "Begin", "Hand over"]]),
    ):
        for way in ways:
            key = direction.create(bench, f"Stays after {way[-1]}")
            for name in way:
                direction.person(bench).transition(key, name)


async def _walk(bench: Bench, direction: Direction, key: str, names: list[str]) -> None:
    for name in names:
        direction.person(bench).transition(key, name)
    await bench.settle()


async def new_issues(bench: Bench, direction: Direction, count: int = 50) -> Calls:
    """New issues with two comments each."""
    for number in range(count):
        key = direction.create(bench, f"New {number}")
        direction.person(bench).comment(key, "The first word.")
        direction.person(bench).comment(key, "The last word.")
    return await bench.count(to_cloud=direction.to_cloud)


async def new_file(bench: Bench, direction: Direction) -> Calls:
    """A file attached to an issue that is in step."""
    key = direction.create(bench, "Attached")
    await bench.settle()
    bench.system.time += 90_000
    await bench.settle()
    direction.person(bench).attach(key, "log.txt", b"10:02 restart\n" * 400)
    return await bench.count(to_cloud=direction.to_cloud)


async def new_comment(bench: Bench, direction: Direction) -> Calls:
    """A comment on an issue that is in step."""
    key = direction.create(bench, "Commented")
    await bench.settle()
    bench.system.time += 90_000
    await bench.settle()
    direction.person(bench).comment(key, "Reproduced.")
    return await bench.count(to_cloud=direction.to_cloud)


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the budget: what it may cost on either side, and what a plain client needs at least."""

    name: str
    run: Callable[[Bench, Direction], Awaitable[Calls]]
    target: Mapping[str, int] = field(default_factory=dict)
    source: Mapping[str, int] = field(default_factory=dict)
    floor: int = 0
    jql: bool = False

    def kept(self, calls: Calls) -> bool:
        """Whether nothing was called more often than allowed."""
        sides = ((calls.target, self.target), (calls.source, self.source))
        return all(number <= allowed.get(kind, 0) for found, allowed in sides for kind, number in found.items())


def rows(direction: Direction) -> list[Row]:
    """The budget of one direction. Data Center needs a second read where an overwrite must be ruled out."""
    reads = 1 if direction.to_cloud else 2
    batch = {"bulk read": 1} if direction.to_cloud else {"read": 50}
    member = {"source": {"search": 1}} if direction.to_cloud else {"target": {"edit": 1, "read": reads, "search": 1}}
    made = [
        Row(name="idle cycle", run=idle),
        Row(name="unchanged pairs after a restart", run=after_restart),
        Row(name="1 edited field", run=partial(edited, fields=1), target={"edit": 1, "read": reads}, floor=1),
        Row(name="20 edited fields", run=partial(edited, fields=20), target={"edit": 1, "read": reads}, floor=1),
        Row(
            name="1 edited field, side with a JQL",
            run=partial(edited, fields=1),
            jql=True,
            floor=1,
            **({"target": {"edit": 1, "read": reads}} | member),
        ),
        Row(
            name="50 new issues with 2 comments each",
            run=new_issues,
            target={"create": 1, "comment": 100, **batch},
            floor=101,
        ),
        Row(name="new attachment", run=new_file, target={"upload": 1}, source={"download": 1}, floor=2),
        Row(name="new comment", run=new_comment, target={"comment": 1}, floor=1),
    ]
    walks = [
        Row(
            name=f"status over {steps} transition{'s' if steps > 1 else ''}",
            run=partial(moved, steps=steps),
            target={"transition": steps, "read": steps},
            floor=steps,
        )
        for steps in WALKS[direction.to_cloud]
    ]
    return [*made, *walks]


async def measure(row: Row, direction: Direction) -> Calls:
    """Run one line of the table in a world of its own."""
    async with in_step(*([] if direction.to_cloud else [SOLVED]), jql=row.jql) as bench:
        calls = await row.run(bench, direction)
        found = [one.problem.cause for one in await bench.problems()]
        if found:
            raise AssertionError(f"{row.name}: {found}")
        return calls


async def table() -> list[str]:
    """The lines of the documents."""
    lines = ["| what | direction | floor | calls | within the budget |", "| --- | --- | --- | --- | --- |"]
    for direction in DIRECTIONS:
        for row in rows(direction):
            calls = await measure(row, direction)
            kept = "yes" if row.kept(calls) else "**no**"
            lines.append(f"| {row.name} | {direction.name} | {row.floor} | {calls.total}: {calls.shown()} | {kept} |")
    return lines
