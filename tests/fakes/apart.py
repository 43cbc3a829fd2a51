"""Two installations that can't reach each other's Jira, and somebody who carries what they tell from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backbone.app.channel.files import next_pieces, ready, stage, take_piece
from backbone.app.engine.arriving import arrive
from backbone.app.engine.catchup import schedule
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.look import SWEEP
from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import SUMMARY, ConnectionName, ConnectorKey, FieldId, Millis, PairUid, ProjectId, Role
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Problem
from backbone.core.model.values import Scalar, Value, labels
from backbone.core.protocol.channel import Channel, Outgoing, Stage
from backbone.core.protocol.parcels import ChannelId, Epoch, PairMessage, Piece
from backbone.ports.channels import StoredChannel
from backbone.ports.records import ConnectorTurn, OutboxMessage, Synchronization
from tests.fakes.halves import BUG, FIELDS, FIRST_WORKFLOW, LABELS, LOW, OPEN, P1, PRIORITY, SECOND_WORKFLOW, TODO, half
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.world import FakeSystem, World, drive

A, B = ConnectionName("A"), ConnectionName("B")
LARGEST = 20_000
"""Bytes of a parcel: attachments of tests take several."""


@dataclass(slots=True)
class Side:
    """One installation with its half. ``own`` may be changed before it is configured anew."""

    own: HalfConfiguration
    jira: FakeJira
    system: FakeSystem
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(jiras={self.own.connection: self.jira}, system=self.system)
        self.world.halves = [self.own]
        drive(self._begin())

    @property
    def synchronization(self) -> Synchronization:
        here, partner = self.own.connector, ConnectorKey("elsewhere")
        first, second = (here, partner) if self.own.role is Role.FIRST else (partner, here)
        return Synchronization(
            key=self.own.synchronization,
            name=self.own.synchronization,
            description="",
            wanted_running=True,
            revision=self.own.revision,
            first=first,
            second=second,
            here=self.own.role,
        )

    async def configure(self, own: HalfConfiguration) -> None:
        """Put a configuration in force."""
        self.own = own
        self.world.halves = [own]
        async with self.world.store.unit() as uow:
            await uow.synchronizations.save(self.synchronization, [own])
            await uow.commit()

    async def _begin(self) -> None:
        await self.configure(self.own)
        await schedule(self.world.engine, self.own, Millis(0))

    async def work(self, back: int = OVERLAP) -> None:
        """Look once, and run every turn that is queued, until none is or all have to wait."""
        self.jira.thaw_index()
        self.world.deliver_all()  # all that came is here
        await self.world.look(self.own.connection, back=back)
        late: set[ConnectorTurn] = set()
        while turns := [one for one in self.world.store.turns.ready() if one not in late]:
            for turn in turns:
                if await self.world.run(turn) is not None:
                    late.add(turn)

    # what is carried --------------------------------------------------------------------------------------------------

    async def leave(self) -> tuple[Sequence[PairMessage], Sequence[Piece]]:
        """Take out what waits to be told, with the next pieces of attachments."""
        key, store = self.own.synchronization, self.world.store
        async with store.unit() as uow:
            uids = await uow.outbox.pairs(key, 1000)
            told = await uow.outbox.of_pairs(key, uids)
        contents = {uid: [one.content for one in told[uid]] for uid in uids}
        await stage(self.world.engine, self.own, contents)
        messages = []
        async with store.unit() as uow:
            await uow.outbox.take(key, {uid: len(told[uid]) for uid in uids})
            for uid in uids:
                split = await ready(uow, key, contents[uid])
                messages.append(PairMessage(pair=uid, after=0, contents=split.ready))
                await uow.outbox.put_all([self._later(told[uid][0].sent, uid, one) for one in split.later])
            pieces = await next_pieces(uow, self.channel, 3 * LARGEST)
            await uow.commit()
        return [one for one in messages if one.contents], pieces

    def _later(self, sent: Millis, uid: PairUid, content: Content) -> OutboxMessage:
        key, revision = self.own.synchronization, self.own.revision
        return OutboxMessage(synchronization=key, pair=uid, revision=revision, sent=sent, content=content)

    async def come(self, messages: Sequence[PairMessage], pieces: Sequence[Piece]) -> list[Problem]:
        """Take in what the partner told; the problems with its pieces."""
        now, found = self.system.now(), []
        async with self.world.store.unit() as uow:
            await arrive(uow, self.own, messages, self.own.revision, now)
            for piece in pieces:
                if (problem := await take_piece(uow, self.own, piece, now)) is not None:
                    await uow.problems.report(problem, now)
                    found.append(problem)
            await uow.commit()
        return found

    @property
    def channel(self) -> StoredChannel:
        channel = Channel(
            id=ChannelId("c"),
            role=self.own.role,
            stage=Stage.KNOWN,
            name="",
            description="",
            encrypted=True,
            token="",
            expires=Millis(0),
            our_keys=(),
            outgoing=Outgoing(epoch=Epoch("e")),
            largest=LARGEST,
        )
        return StoredChannel(synchronization=self.own.synchronization, channel=channel)

    # what can be seen -------------------------------------------------------------------------------------------------

    @property
    def newest(self) -> FakeIssue:
        return list(self.jira.issues.values())[-1]

    def waiting(self) -> list[Content]:
        """What waits to be told."""
        tables = self.world.store.tables
        return [tables.outbox[number].content for number in sorted(tables.outbox)]

    def problems(self) -> list[Code]:
        return [one.problem.code for one in self.world.store.tables.problems.values()]

    def pairs(self) -> list[Pair]:
        return list(self.world.store.tables.pairs.values())

    def memory(self, issue: FakeIssue) -> Pair:
        return [one for one in self.pairs() if one.local is not None and one.local.id == issue.ref.id][-1]


@dataclass(slots=True)
class Apart:
    """Side ``a`` is the first, side ``b`` the second; both have the same clock."""

    change: Callable[[HalfConfiguration], HalfConfiguration] = lambda one: one
    system: FakeSystem = field(default_factory=FakeSystem)
    a: Side = field(init=False)
    b: Side = field(init=False)

    def __post_init__(self) -> None:
        clock = self.system
        first = FakeJira(A, ProjectId(A), FIELDS, lambda: clock.time, workflow=FIRST_WORKFLOW, first_status=OPEN)
        second = FakeJira(B, ProjectId(B), FIELDS, lambda: clock.time, workflow=SECOND_WORKFLOW, first_status=TODO)
        second.defaults = {PRIORITY: P1}
        self.a = Side(self.change(half("INT-1", "A-1", "A", Role.FIRST)), first, clock)
        self.b = Side(self.change(half("INT-2", "B-1", "B", Role.SECOND)), second, clock)

    def ways(self) -> Iterator[tuple[Side, Side]]:
        yield self.a, self.b
        yield self.b, self.a

    def settle(self) -> None:
        """Let everything happen until nothing is told any more."""
        quiet = 0
        for number in range(80):
            before = self.effects()
            for side in (self.a, self.b):
                drive(side.work(back=OVERLAP if number % 2 else SWEEP))
            carried = [self.carry(sender, receiver) for sender, receiver in self.ways()]
            self.system.time += 3000
            quiet = 0 if any(carried) or self.effects() != before else quiet + 1
            if quiet == 4:
                return
        raise AssertionError("never quiet")

    def effects(self) -> tuple[int, ...]:
        return (*self.a.world.effects(), *self.b.world.effects())

    def carry(self, sender: Side, receiver: Side) -> bool:
        """Carry what one side tells to the other; whether there was anything."""
        messages, pieces = drive(sender.leave())
        drive(receiver.come(messages, pieces))
        return bool(messages or pieces)

    def pair(self, **values: Value) -> tuple[FakeIssue, FakeIssue]:
        """A new issue on the first side and its partner, in step."""
        start: dict[FieldId, Value] = {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()}
        self.a.jira.create_issue(BUG, start | {FieldId(name): value for name, value in values.items()})
        self.settle()
        return self.a.newest, self.b.newest
