"""A ring of three projects settles (rule 2): three synchronizations in one store, each issue in two pairs.

Issues are paired directly, with nothing agreed, so that start policies decide first. Value tables differ from
synchronization to synchronization, clocks are skewed, workers die; in the end all three are equal under the mappings,
and nobody says anything any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backbone.app.usecases import switching
from backbone.core.mapping.values import Unshareable, share, share_members
from backbone.core.model.configuration import FieldMapping, HalfConfiguration, ValueTable
from backbone.core.model.keys import SUMMARY, CommentId, ConnectionName, FieldId, FileId, PairUid, ProjectId, Role
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import EMPTY, Option, Scalar, Value, labels
from backbone.core.sync.members import as_members
from backbone.core.sync.oscillation import WINDOW
from backbone.ports.records import ConnectorTurn
from tests.fakes.halves import BUG, LABELS, PRIORITY, TEAM, half, only
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.world import Crash, FakeSystem, World, drive

NAMES = tuple(ConnectionName(name) for name in "ABC")
SIDES = ((0, 1), (1, 2), (2, 0))
FIELDS = (SUMMARY, PRIORITY, TEAM, LABELS)
HIGH, LOW = Option("1", "High"), Option("2", "Low")
WORDS = {1: ("rot", "blau"), 2: ("red", "blue"), 3: ("rouge", "bleu")}
CHOICES: dict[FieldId, tuple[Value, ...]] = {
    SUMMARY: (Scalar("a"), Scalar("b")),
    PRIORITY: (HIGH, LOW),
    TEAM: (EMPTY, Scalar("a"), Scalar("b")),
    LABELS: (labels(), labels("x"), labels("y"), labels("x", "y")),
}


def ring_half(number: int, name: ConnectionName, role: Role) -> HalfConfiguration:
    """One half of one of the three; its aliases are its own language."""
    one = only(half(f"INT-{number}", f"{name}-{number}", name, role), FIELDS)
    high, low = WORDS[number]
    table = ValueTable(to_alias={"1": high, "2": low}, from_alias={high: HIGH, low: LOW})
    fields = tuple(
        replace(mapping, table=table if mapping.field == PRIORITY else None, alias=f"{mapping.field} {number}")
        for mapping in one.fields
    )
    # Start policies may not form a circle: the third synchronization starts with its second side, which is A as well.
    starts = _started(fields, number)
    types = (replace(one.types[0], local=BUG),)
    return replace(one, fields=starts, types=types)


def _started(fields: tuple[FieldMapping, ...], number: int) -> tuple[FieldMapping, ...]:
    start = Role.SECOND if number == 3 else Role.FIRST
    return tuple(replace(mapping, start=type(mapping.start)(start.value)) for mapping in fields)


class Ring(RuleBasedStateMachine):
    """People edit, projects are looked at, turns run and die, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.system = FakeSystem()
        self.skews = dict.fromkeys(NAMES, 0)
        self.jiras = {
            name: FakeJira(name, ProjectId(name), FIELDS, lambda name=name: self.system.time + self.skews[name])  # type: ignore[misc]
            for name in NAMES
        }
        self.world = World(jiras=self.jiras, system=self.system)
        self.issues: list[FakeIssue] = []
        self.comments: dict[str, tuple[int, CommentId] | None] = {}
        self.files: dict[str, tuple[int, FileId] | None] = {}

    @initialize(
        skews=st.tuples(*[st.sampled_from([0, -240_000, 240_000])] * 3),
        values=st.tuples(*[st.sampled_from(CHOICES[field]) for field in (SUMMARY, PRIORITY, TEAM)]),
    )
    def begin(self, skews: tuple[int, ...], values: tuple[Value, ...]) -> None:
        self.skews.update(zip(NAMES, skews, strict=True))
        for index, jira in enumerate(self.jiras.values()):
            # Sets start equal: a start policy adds what the named side has, and removes nothing (rule 21).
            start = dict(zip(FIELDS, (*values, labels("y")), strict=True)) if index else {}
            everything: dict[FieldId, Value] = {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels("y")}
            self.issues.append(jira.create_issue(BUG, everything | start))
        for number, (here, there) in enumerate(SIDES, start=1):
            drive(self._synchronize(number, here, there))
        self._check()

    async def _synchronize(self, number: int, here: int, there: int) -> None:
        halves = ring_half(number, NAMES[here], Role.FIRST), ring_half(number, NAMES[there], Role.SECOND)
        await self.world.synchronize(*halves)
        refs = [self.issues[index].ref for index in (here, there)]
        async with self.world.store.unit() as uow:
            for one, local, remote in zip(halves, refs, reversed(refs), strict=True):
                uid = PairUid(f"pair-{number}")
                await uow.pairs.save(
                    Pair(
                        uid=uid,
                        connector=one.connector,
                        state=PairState.LINKED,
                        born_here=one.role is Role.FIRST,
                        local=local,
                        remote=remote,
                    )
                )
            await uow.commit()

    @rule(who=st.integers(0, 2), data=st.data())
    def edit(self, who: int, data: st.DataObject) -> None:
        field = data.draw(st.sampled_from(FIELDS))
        self.jiras[NAMES[who]].set(self.issues[who], field, data.draw(st.sampled_from(CHOICES[field])))

    @rule(who=st.integers(0, 2))
    def comment(self, who: int) -> None:
        words = f"number {len(self.comments)}."
        made = self.jiras[NAMES[who]].comment(self.issues[who], words)
        self.comments[words] = (who, made.id)

    @precondition(lambda self: self.comments)
    @rule(data=st.data())
    def remove_comment(self, data: st.DataObject) -> None:
        words = data.draw(st.sampled_from(sorted(self.comments)))
        found = self.comments[words]
        if found is not None:
            self.jiras[NAMES[found[0]]].remove_comment_of(self.issues[found[0]], found[1])
            self.comments[words] = None

    @rule(who=st.integers(0, 2))
    def attach(self, who: int) -> None:
        name = f"{len(self.files)}.txt"
        made = self.jiras[NAMES[who]].attach(self.issues[who], name, b"content")
        self.files[name] = (who, made.id)

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def remove_file(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        found = self.files[name]
        if found is not None:
            self.jiras[NAMES[found[0]]].remove_file_of(self.issues[found[0]], found[1])
            self.files[name] = None

    @rule(who=st.integers(0, 2))
    def look(self, who: int) -> None:
        drive(self.world.look(NAMES[who]))

    @rule(number=st.integers(0, 8), crash=st.integers(0, 6))
    def turn(self, number: int, crash: int) -> None:
        turns = self.world.store.turns.ready()
        if turns:
            self._run(turns[number % len(turns)], crash)

    @rule(number=st.integers(0, 8), crash=st.integers(1, 14))
    def turn_is_late(self, number: int, crash: int) -> None:
        """A worker dies; until that is noticed others do whatever else there is."""
        for name in NAMES:
            drive(self.world.look(name))
        self.world.deliver_all()
        turns = self.world.store.turns.ready()
        if turns:
            late = turns[number % len(turns)]
            self._run(late, crash)
            for other in turns:
                if other != late:
                    self._run(other, 0)

    def _run(self, turn: ConnectorTurn, crash: int) -> None:
        """Run a turn; its worker dies at the given step, or not at all at 0."""
        left = iter(range(crash, -1, -1)) if crash else iter(())

        def gate(_point: str = "") -> None:
            if next(left, None) == 0:
                raise Crash

        self._gates(gate)
        drive(self.world.run(turn))
        self._gates(lambda _point="": None)

    def _gates(self, gate: object) -> None:
        for jira in self.jiras.values():
            jira.gate = gate  # type: ignore[assignment]
        self.world.store.gate = gate  # type: ignore[assignment]

    @rule(number=st.integers(1, 3))
    def stop(self, number: int) -> None:
        drive(switching.stop(self.world.store, f"INT-{number}", self.system.now()))

    @rule()
    def start(self) -> None:
        drive(switching.start(self.world.store, None, self.system.now()))

    @rule(number=st.integers(0, 7))
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @rule(seconds=st.sampled_from([0, 3, 30, 200]))
    def wait(self, seconds: int) -> None:
        self.system.time += seconds * 1000 + 7

    @rule(who=st.integers(0, 2))
    def settle_and_travel(self, who: int) -> None:
        """One edit goes all the way round, and its stamp with it."""
        if not self.issues:
            return
        self._check()
        self.system.time += WINDOW + 1  # so that many travels are no fight of two rules
        value = Scalar("a" if self.issues[who].values[TEAM] != Scalar("a") else "b")
        self.jiras[NAMES[who]].set(self.issues[who], TEAM, value)
        self._check()
        known = [self._stamp(index, TEAM) for index in range(3)]
        assert len(set(known)) == 1, "a value stamped once travels unchanged"
        assert all(issue.values[TEAM] == value for issue in self.issues)

    def teardown(self) -> None:
        if self.issues:
            self._check()

    def _stamp(self, index: int, field: FieldId) -> Stamp:
        known = self.world.store.tables.stamps[NAMES[index], self.issues[index].ref.id]
        return known.fields[field].stamp

    def _check(self) -> None:
        self.start()
        drive(self.world.settle())
        assert self.world.store.tables.problems == {}
        for number, (here, there) in enumerate(SIDES, start=1):
            ours, theirs = (ring_half(number, NAMES[here], Role.FIRST), ring_half(number, NAMES[there], Role.SECOND))
            for one, other in zip(ours.fields, theirs.fields, strict=True):
                values = shared(one, self.issues[here]), shared(other, self.issues[there])
                assert values[0] == values[1], (one.field, number)
        for issue in self.issues:
            bodies = [one.body for one in issue.comments.values()]
            for words, made in self.comments.items():
                assert sum(words in body for body in bodies) == (made is not None), "a comment is there once"
            names = Counter(one.name for one, _ in issue.files.values())
            assert names == Counter(name for name, made in self.files.items() if made is not None), "and an attachment"


def shared(mapping: FieldMapping, issue: FakeIssue) -> object:
    value = issue.values[mapping.field]
    if mapping.kind.multi:
        return share_members(mapping, as_members(value))
    found = share(mapping, value)
    assert not isinstance(found, Unshareable)
    return found


TestRing = Ring.TestCase
TestRing.settings = settings(max_examples=max(10, settings().max_examples // 8), stateful_step_count=25)
"""Everything happens three times here: an eighth of the budget."""
