"""A day on which one of two Jiras misbehaves while people work in both; in the evening everything is compared.

The comparison is made here anew, from the worlds of the two simulators and the tables of the declaration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backbone.app.engine.context import Engine, wanted_by
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import ConnectionName, IssueId
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import EMPTY, Cascade, Members, Option, Scalar, Value
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import Lane, Unavailable
from backbone.simulator import Simulator
from backbone.simulator.demo import lumen, northwind
from backbone.simulator.plan import WorldPlan
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.issues import Issue
from tests.parts.two_jiras import FIRST, SECOND, TwoJiras

TO_SECOND = {
    "priority": {"Blocker": "P1", "Critical": "P1", "Major": "P2", "Minor": "P3", "Trivial": "P4"},
    "status": {
        "Open": "Backlog",
        "In Progress": "Doing",
        "In Review": "Verifying",
        "Resolved": "Done",
        "Closed": "Done",
    },
    "Severity": {"S1 Stops production": "Line down", "S2 Degraded": "Workaround", "S3 Cosmetic": "Cosmetic"},
    "Pump Series": {"NP-100": "LX-1", "NP-200": "LX-2", "NP-400": "LX-3"},
}
TO_FIRST = {
    "priority": {"P1": "Critical", "P2": "Major", "P3": "Minor", "P4": "Trivial"},
    "status": {
        "Backlog": "Open",
        "Selected": "Open",
        "Doing": "In Progress",
        "Verifying": "In Review",
        "Done": "Resolved",
    },
}


def small(plan: WorldPlan, project: str, *numbers: int) -> WorldPlan:
    """The world with only these issues of a project."""
    issues = [one for one in plan.issues if one.project == project]
    return plan.model_copy(update={"issues": tuple(issues[number] for number in numbers)})


@dataclass(slots=True)
class FaultDay(TwoJiras):
    """Use as an asynchronous context manager; both sides are in step when it is entered.

    ``pumps`` and ``sensors`` are the issues that were born in the first and in the second project; ``ahead`` is by how
    many seconds their clocks are ahead.
    """

    plans: tuple[WorldPlan, WorldPlan] = field(
        default_factory=lambda: (small(northwind(), "PUMP", 0, 1, 4), small(lumen(), "LUM", 1, 2, 3))
    )
    pumps: list[str] = field(default_factory=list)
    sensors: list[str] = field(default_factory=list)
    made: int = 0
    ahead: list[int] = field(default_factory=lambda: [0, 0])

    def _clock(self) -> Clock:
        ahead = self.ahead.pop(0)
        return Clock(lambda: datetime.fromtimestamp(self.system.time / 1000 + ahead, UTC))

    async def begin(self) -> None:
        """Both sides come into step."""
        for one in (self.first, self.second):
            one.faults.sleep = self._pass_time
        self.pumps = [one.key for one in self.first.world.issues.values()]
        self.sensors = [one.key for one in self.second.world.issues.values()]
        await self.synchronize()
        await self.settle()
        found = await self.differences()
        assert not found, found
        causes = [one.problem.cause for one in await self.problems()]
        assert not causes, causes
        await self.assert_in_step()

    async def _pass_time(self, seconds: float) -> None:
        await self.system.sleep(seconds)

    # what people do ---------------------------------------------------------------------------------------------------

    async def work(self, word: str) -> None:
        """A handful of edits, creations, comments and attachments on both sides; ``word`` tells bursts apart."""
        partners = await self.partners()
        mara, ines = self.first.as_user("mara"), self.first.as_user("ines")
        mara.edit(self.pumps[0], summary=f"{word}: restarts when the valve closes", Customer=f"{word} & Co")
        mara.edit(self.pumps[0], description=f"{word}\n\n* one\n* two", labels=["firmware", word])
        ines.comment(self.pumps[0], f"{word} is what Ines says")
        ines.attach(self.pumps[1], f"{word}-log.txt", f"{word}\n".encode() * 300)
        mara.edit(self.pumps[1], priority="Critical", Severity="S2 Degraded", Pump_Series=["NP-100", "NP-400"])
        new = ines.create("PUMP", "Bug", f"{word}: seen by a customer", priority="Minor", description=f"new {word}")
        ines.comment(new.key, f"{word}: they call every hour")
        ines.attach(new.key, f"{word}-photo.png", word.encode() * 100)

        self.system.time += 1000
        priya, noor = self.second.as_user("priya"), self.second.as_user("noor")
        priya.edit(self.sensors[0], summary=f"{word}: read the serial number", Account=f"Account {word}")
        priya.edit(
            self.sensors[0], Story_Points=len(word), labels=["nfc", word], Document="https://example.com/" + word
        )
        noor.comment(self.sensors[1], f"{word} is what Noor says")
        noor.attach(self.sensors[1], f"{word}-trace.bin", bytes(range(256)) * 20)
        priya.edit(partners[self.pumps[2]], Analysis=f"{word}: they need twelve", duedate="2026-12-24")
        priya.comment(partners[self.pumps[0]], f"{word}: fixed in our next build")
        new = noor.create("LUM", "Defect", f"{word}: condensation", priority="P2", description=f"neu {word}")
        noor.attach(new.key, f"{word}-photo.png", word.encode() * 50)
        self.made += 2

    async def suffer(self, rounds: int = 6, *, seconds: int = 0) -> None:
        """Let the engine run for so many rounds and at least so long, whatever comes of it."""
        end, number = self.system.time + seconds * 1000, 0
        while number < rounds or self.system.time < end:
            await self.cycle(number)
            number += 1

    async def storm(self, fault: Mapping[str, object], *sides: Simulator, rounds: int = 6) -> None:
        """People work while a fault strikes on these sides, or on both; then it is over and all must be in step."""
        armed = [(side, side.faults.arm(fault)) for side in sides or (self.first, self.second)]
        await self.work("storm")
        await self.suffer(rounds)
        for side, ident in armed:
            assert side.faults.struck(ident), f"{fault} never struck {side.url}"
        await self.recover()
        await self.rest()
        await self.assert_in_step()

    async def storm_again(self) -> None:
        """Another day without any fault leaves both in step as well, and nobody was told of anything."""
        await self.work("sun")
        await self.settle()
        await self.assert_in_step()
        assert await self.codes() == []

    def budget(self, name: ConnectionName) -> HostBudget:
        """What counts the calls to a host, and stops them."""
        return self.trackers[name]._session._budget

    async def recover(self) -> None:
        """The fault is over: everything goes on by itself."""
        for one in (self.first, self.second):
            one.faults.clear()
        for name in (FIRST, SECOND):
            await self.budget(name).unblock()
        await self.settle(rounds=80)

    async def try_again(self) -> None:
        """A person has everything tried again that is held back, and waits for it."""
        await self.retry()
        await self.settle()
        await self.rest()

    async def restart(self) -> None:
        """The process dies and starts anew: only what is stored is remembered."""
        await self._disconnect()
        self.trackers = await self.connect((self.first, self.second))
        self.engine = Engine(store=self.store, trackers=self.trackers, system=self.system)

    async def rest(self, seconds: int = 180) -> None:
        """Some time passes in which nothing happens."""
        self.system.time += seconds * 1000
        await self.settle()

    # the evening ------------------------------------------------------------------------------------------------------

    async def assert_in_step(self, *ignored: str) -> None:
        """Everything is on both sides, once; differences in the named fields are expected."""
        found = [one for one in await self.differences() if not one.endswith(ignored or ("\0",))]
        assert not found, found
        partners = await self.partners()
        expected = len(self.pumps) + len(self.sensors) + self.made
        assert len(partners) == expected, f"{len(partners)} pairs instead of {expected}"
        for side, keys in ((self.first, partners.keys()), (self.second, partners.values())):
            everything, paired = _keys(side, self.halves[side is self.second].project), sorted(keys)
            assert everything == paired, f"{everything} are not {paired}"

    async def codes(self) -> list[Code]:
        """The codes of the open problems, sorted; each must name cause and cure."""
        problems = [one.problem for one in await self.problems()]
        assert all(one.cause and one.remedy for one in problems)
        return sorted(one.code for one in problems)

    async def differences(self, without: Sequence[str] = ()) -> list[str]:
        """What differs between partners, as ``KEY: FIELD`` or ``KEY: words``; some first keys are left out."""
        found = []
        for key, partner in (await self.partners()).items():
            if key in without:
                continue
            one, other = self._issue(self.first, key), self._issue(self.second, partner)
            found += [f"{key}: {name}" for name in await self._fields_that_differ(one, other)]
            found += [f"{key}: {words}" for words in self._discussion_differs(one, other)]
        return found

    def _issue(self, simulator: Simulator, key: str) -> Issue:
        found = simulator.world.find_issue(key)
        assert found is not None, f"{key} is gone"
        return found

    async def _fields_that_differ(self, one: Issue, other: Issue) -> list[str]:
        first, second = await self._read(0, one), await self._read(1, other)
        theirs = {mapping.id: mapping for mapping in self.halves[1].fields}
        return [
            mapping.name
            for mapping in self.halves[0].fields
            if not alike(mapping, first.values[mapping.field], second.values[theirs[mapping.id].field])
        ]

    async def _read(self, side: int, issue: Issue) -> IssueSnapshot:
        wanted = wanted_by([self.halves[side]])
        found = await self.trackers[(FIRST, SECOND)[side]].read(IssueId(str(issue.id)), wanted, Lane.LIVE)
        assert not isinstance(found, Unavailable)
        return found

    def _discussion_differs(self, one: Issue, other: Issue) -> list[str]:
        found = []
        for here, there, mine, theirs in (
            (self.first, self.second, one, other),
            (self.second, self.first, other, one),
        ):
            said, mirrored = _originals(here, mine), _mirrors(there, theirs)
            if Counter(said) != Counter(mirrored):
                found.append(f"comments of {mine.key}: {sorted(said)} are {sorted(mirrored)} at {theirs.key}")
        here_files, there_files = _files(self.first, one), _files(self.second, other)
        if here_files != there_files:
            found.append(f"files {sorted(here_files)} and {sorted(there_files)}")
        return found


def _keys(simulator: Simulator, project: str) -> list[str]:
    return sorted(one.key for one in simulator.world.issues.values() if one.project_id == project)


def _originals(simulator: Simulator, issue: Issue) -> list[str]:
    users = simulator.world.users
    return [
        one.body
        for one in issue.comments
        if one.visibility is None and one.author is not None and users[one.author].name != "sync"
    ]


def _mirrors(simulator: Simulator, issue: Issue) -> list[str]:
    users = simulator.world.users
    own = [one for one in issue.comments if one.author is not None and users[one.author].name == "sync"]
    return [one.body.partition(":\n")[2] for one in own]


def _files(simulator: Simulator, issue: Issue) -> Counter[tuple[str, bytes]]:
    return Counter((one.filename, simulator.world.blobs[one.id]) for one in issue.attachments)


def alike(mapping: FieldMapping, first: Value, second: Value) -> bool:
    """Whether two values say the same by the tables of the declaration."""
    one, other = _plain(first), _plain(second)
    there: Mapping[str, str] = next(
        (TO_SECOND[name] for name in (mapping.field, mapping.name) if name in TO_SECOND), {}
    )
    back: Mapping[str, str] = TO_FIRST.get(mapping.field, {})
    if not there:
        return one == other
    if isinstance(one, frozenset):
        return frozenset(there[name] for name in one) == other
    return one == other or there.get(str(one)) == other or back.get(str(other)) == one


def _plain(value: Value) -> object:
    match value:
        case Scalar(text):
            return text
        case Option():
            return value.name
        case Cascade(parent, child):
            return parent.name, child.name if child else None
        case Members(options):
            return frozenset(option.name for option in options)
        case _:
            assert value == EMPTY
            return None
