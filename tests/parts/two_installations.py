"""Two installations in memory, one half each, that exchange parcels over a wire whose faults the test decides.

``Installation.step`` is one tick of its channel. Whatever a test lets happen to the wire or to a process, ``settle`` ends
with both in step. ``Effects`` may be others than those of an engine: then parcels alone are tried.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from backbone.adapters.memory.tables import Tables
from backbone.app.channel.effects import EngineEffects
from backbone.app.channel.exchange import exchange
from backbone.app.channel.host import Effects, Heard, Means
from backbone.app.engine.catchup import schedule
from backbone.app.engine.context import Engine
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.look import SWEEP
from backbone.app.engine.orphans import begin_again
from backbone.app.usecases.channels.office import Office
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, ProjectId, Revision, Role
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Agreement, Channel, Outgoing, PinnedKey, Publication, Stage
from backbone.core.protocol.conversing import heard
from backbone.core.protocol.parcels import ChannelId, Epoch, KeyFingerprint, Parcel
from backbone.core.protocol.publication import digest_of
from backbone.ports.administration import AdministrationStore
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher, KeyPair
from backbone.ports.records import Synchronization
from backbone.ports.sealing import Sealer
from backbone.ports.store import LockLost, UnitOfWork
from backbone.ports.transport import Transports
from tests.fakes.cipher import PlainCipher, key_pair
from tests.fakes.halves import FIELDS, FIRST_WORKFLOW, OPEN, P1, PRIORITY, SECOND_WORKFLOW, TODO, half
from tests.fakes.jira import FakeJira
from tests.fakes.transport import Network, Wire
from tests.fakes.world import Crash, FakeSystem, World, drive
from tests.parts.bad_wires import BadWire

BOTH = Ways(to_slave=True, to_master=True)
CHANNEL = ChannelId("c0ffee" * 5)
KEYS: Mapping[Role, KeyPair] = {
    Role.FIRST: key_pair(b"c" + bytes(range(64))),
    Role.SECOND: key_pair(b"c" + bytes(range(64, 128))),
}


class Unsealed:
    """A sealer that seals nothing."""

    def seal(self, text: str, about: str) -> str:
        del about
        return text

    def unseal(self, sealed: str, about: str) -> str:
        del about
        return sealed

    def opens(self, sealed: str) -> bool:
        return bool(sealed)

    def newest(self, sealed: str) -> bool:
        return bool(sealed)


class ConversingEffects(EngineEffects):
    """The effects of an engine, with a conversation that only listens."""

    async def conversed(self, uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, now: Millis) -> Heard:
        del uow
        said = heard(stored.channel, parcel, now)
        return Heard(stored=replace(stored, channel=said.channel), passing=said.say)

    async def stranger(
        self, uow: UnitOfWork, stored: StoredChannel, means: Means, sealed: bytes, now: Millis
    ) -> Heard | None:
        del uow, stored, means, sealed, now
        return None

    async def due(self, uow: UnitOfWork, stored: StoredChannel, now: Millis) -> Heard | None:
        del uow, stored, now
        return None


@dataclass(slots=True)
class FakeHost:
    """What steps a channel in a test."""

    role: Role
    engine: Engine
    wire: Wire | BadWire
    effects: Effects
    cipher: Cipher
    transports: Transports = field(default_factory=Network)
    sealer: Sealer = field(default_factory=Unsealed)

    async def means(self, stored: StoredChannel) -> Means:
        del stored
        pair = KEYS[self.role]
        return Means(
            sender=self.wire.sender(self.role),
            receiver=self.wire.receiver(self.role),
            secrets={KeyFingerprint(pair.public.fingerprint): pair.secret},
        )


@dataclass(slots=True)
class Installation:
    """One side: its Jira, its engine, its end of the wire. ``ahead`` is by how much its clock is, in milliseconds."""

    half: HalfConfiguration
    world: World
    wire: Wire | BadWire
    effects: Callable[[Engine], Effects] = lambda engine: ConversingEffects(engine=engine)
    encrypted: bool = True
    ahead: int = 0
    host: FakeHost = field(init=False)

    def __post_init__(self) -> None:
        self.host = self._host()
        drive(self._begin())

    def _host(self) -> FakeHost:
        engine = self.world.engine
        return FakeHost(
            role=self.half.role,
            engine=engine,
            wire=self.wire,
            effects=self.effects(engine),
            cipher=PlainCipher(clock=lambda: Millis(self.world.system.now() + self.ahead)),
        )

    async def _begin(self) -> None:
        await self.configure(self.half)
        async with self.world.store.unit() as uow:
            await uow.channels.save(
                StoredChannel(
                    synchronization=self.half.synchronization, channel=channel(self.half, encrypted=self.encrypted)
                )
            )
            await uow.commit()
        self.world.halves.append(self.half)
        await schedule(self.world.engine, self.half, Millis(0))

    async def configure(self, one: HalfConfiguration, *, running: bool = True) -> None:
        """Put a half in force."""
        self.half = one
        async with self.world.store.unit() as uow:
            synchronization = Synchronization(
                key=one.synchronization,
                name=one.synchronization,
                description="",
                wanted_running=running,
                revision=one.revision,
                first=one.connector if one.role is Role.FIRST else ConnectorKey("elsewhere"),
                second=one.connector if one.role is Role.SECOND else ConnectorKey("elsewhere"),
                here=one.role,
            )
            await uow.synchronizations.save(synchronization, [one])
            await uow.commit()

    # what it does -----------------------------------------------------------------------------------------------------

    async def step(self) -> bool:
        """One tick of its channel; False if the process died."""
        try:
            await exchange(self.host, self.half.synchronization)
        except (Crash, LockLost):
            self.restart()
            return False
        return True

    def restart(self, incarnation: str | None = None) -> None:
        """The process ends and another one starts."""
        self.world.restart(incarnation or self.world.store.incarnation)
        self.host = self._host()

    def backup(self) -> Tables:
        """All that is stored, for :meth:`restore`."""
        return copy.deepcopy(self.world.store.tables)

    async def restore(self, backup: Tables, incarnation: str | None = "second life") -> None:
        """Go on with what was known at the backup. Without another incarnation nobody here knows that."""
        self.world.store._committed.tables = copy.deepcopy(backup)
        self.restart(incarnation)
        if incarnation is not None:
            await begin_again(self.world.store)

    async def change(self, step: Callable[[Channel], Channel]) -> None:
        """Change what is stored of the channel."""
        async with self.world.store.unit() as uow:
            stored = await self.stored(uow)
            await uow.channels.save(replace(stored, channel=step(stored.channel)))
            await uow.commit()

    async def stored(self, uow: UnitOfWork) -> StoredChannel:
        found = await uow.channels.get(self.half.synchronization)
        assert found is not None
        return found

    # what can be seen -------------------------------------------------------------------------------------------------

    @property
    def channel(self) -> Channel:
        return self.world.store.tables.channels[self.half.synchronization].channel

    @property
    def problems(self) -> list[Code]:
        return [one.problem.code for one in self.world.store.tables.problems.values()]

    @property
    def waiting(self) -> int:
        """Messages that were told and are not sealed."""
        return len(self.world.store.tables.outbox)

    @property
    def parcels(self) -> int:
        """Numbered parcels that it ever sealed."""
        return len(self.world.store.tables.sent)


def channel(one: HalfConfiguration, *, encrypted: bool = True) -> Channel:
    """The channel of a half whose partner is known and who agreed with it on everything that the half names."""
    ours, theirs = KEYS[one.role].public, KEYS[one.role.partner].public
    agreed = exchange_of(one)
    return Channel(
        id=CHANNEL,
        role=one.role,
        stage=Stage.KNOWN,
        name="Acme and Beta",
        description="",
        encrypted=encrypted,
        token="token",
        expires=Millis(0),
        our_keys=(PinnedKey(fingerprint=KeyFingerprint(ours.fingerprint), armored=ours.armored),),
        partner_keys=(PinnedKey(fingerprint=KeyFingerprint(theirs.fingerprint), armored=theirs.armored),),
        confirmed=True,
        outgoing=Outgoing(epoch=Epoch(f"epoch-{one.role}")),
        agreement=Agreement(
            agreed=Publication(revision=Revision(1), digest=digest_of(agreed), exchange=agreed, message="")
        ),
    )


def exchange_of(one: HalfConfiguration) -> Exchange:
    """All that a half names, both ways."""
    return Exchange(
        types=tuple(SharedType(alias=each.alias, ways=BOTH) for each in one.types),
        fields=tuple(SharedField(alias=each.alias, kind=each.kind, ways=BOTH) for each in one.fields),
        comments=BOTH,
        files=BOTH,
    )


@dataclass(slots=True)
class TwoInstallations:
    """Project A at the first, project B at the second; one clock, two stores."""

    system: FakeSystem = field(default_factory=FakeSystem)
    wire: Wire | BadWire = field(default_factory=Wire)
    effects: Callable[[Engine], Effects] = lambda engine: ConversingEffects(engine=engine)
    encrypted: bool = True
    a: FakeJira = field(init=False)
    b: FakeJira = field(init=False)
    first: Installation = field(init=False)
    second: Installation = field(init=False)

    def __post_init__(self) -> None:
        first, second = half("INT-1", "A-1", "A", Role.FIRST), half("INT-1", "B-1", "B", Role.SECOND)
        clock = self.system
        name_a, name_b = ConnectionName("A"), ConnectionName("B")
        self.a = FakeJira(
            name_a, ProjectId("A"), FIELDS, lambda: clock.time, workflow=FIRST_WORKFLOW, first_status=OPEN
        )
        self.b = FakeJira(
            name_b, ProjectId("B"), FIELDS, lambda: clock.time, workflow=SECOND_WORKFLOW, first_status=TODO
        )
        self.b.defaults = {PRIORITY: P1}
        self.first = self._installation(first, World(jiras={name_a: self.a}, system=self.system))
        self.second = self._installation(second, World(jiras={name_b: self.b}, system=self.system))

    def _installation(self, one: HalfConfiguration, world: World) -> Installation:
        return Installation(half=one, world=world, wire=self.wire, effects=self.effects, encrypted=self.encrypted)

    @property
    def both(self) -> Sequence[Installation]:
        return (self.first, self.second)

    def wait(self, seconds: float) -> None:
        self.system.time += int(seconds * 1000)

    async def exchange(self, times: int = 1, seconds: float = 6.0) -> None:
        """Both step so many times, with so much time in between."""
        for _ in range(times):
            for one in self.both:
                await one.step()
            self.wait(seconds)

    async def settle(self, rounds: int = 120) -> int:
        """Let everything happen until nothing happens any more; the number of rounds that it took."""
        quiet = 0
        for number in range(rounds):
            before = self.effects_seen()
            for one in self.both:
                for name, jira in one.world.jiras.items():
                    jira.thaw_index()
                    await one.world.look(name, back=OVERLAP if number % 2 else SWEEP)
            await self.exchange()
            for one in self.both:
                one.world.deliver_all()
                await one.world._run_all()
            still = self.effects_seen() == before and self.idle()
            quiet = quiet + 1 if still else 0
            if quiet == 3:
                return number
            self.wait(60 if still or number > 20 else 3)
        raise AssertionError(f"not quiet after {rounds} rounds: {self.in_words()}")

    def idle(self) -> bool:
        """Whether nothing waits to be told, sealed, acknowledged, used or applied."""
        return all(
            not one.waiting
            and not one.channel.outgoing.under_way
            and not one.channel.incoming.waiting
            and one.channel.restoring is None
            and not one.world.store.turns.ready()
            for one in self.both
        )

    def effects_seen(self) -> tuple[tuple[int, ...], ...]:
        return tuple((*one.world.effects(), one.parcels) for one in self.both)

    def in_words(self) -> str:
        """For whoever looks into a failure."""
        told = [
            f"{one.half.role}: {one.waiting} unsealed, {len(one.channel.outgoing.under_way)} under way, "
            f"{len(one.channel.incoming.waiting)} held, restoring {one.channel.restoring}, {one.problems}"
            for one in self.both
        ]
        return "; ".join(told)


def office_of(one: Installation) -> Office:
    """Where an administrator works at its channel, with one secret in the environment."""
    return Office(
        store=cast("AdministrationStore", one.world.store),
        system=one.world.system,
        cipher=one.host.cipher,
        transports=Network(),
        sealer=Unsealed(),
        environment={"A": "secret"},
    )
