"""Mailboxes that tell are listened at, as long as somebody wants it and whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from backbone.adapters.memory import MemoryStore
from backbone.app.channel.lookout import Lookout
from backbone.app.channel.settings import document_of, receiving_of
from backbone.app.declaration.channel import ChannelPart
from backbone.app.engine.context import Engine
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.protocol.channel import Outage
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.sealing import Sealer
from backbone.ports.transport import Batch, Receiver, Receiving, ReceivingMail, TransportError
from tests.fakes.cipher import PlainCipher
from tests.fakes.meeting import DAY, NOW, Both
from tests.fakes.transport import Mailbox, Network
from tests.parts.two_installations import Unsealed

KEY = SynchronizationKey("INT-1")
LATER = Millis(NOW + DAY)


@dataclass
class Hasty:
    """A clock that stands still, with which nobody sleeps for long."""

    def now(self) -> Millis:
        return LATER

    def new_id(self) -> str:
        return "id"

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0)


@dataclass
class TellingMailbox:
    """A ``TellingReceiver`` of a mailbox; what it hears of once it does not hear of again."""

    mailbox: Mailbox
    tells: bool = False
    told: int = 0
    failures: int = 0
    closed: bool = False

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        raise AssertionError("who listens takes nothing", memory, parcels, octets)

    async def confirm(self, handles: tuple[str, ...]) -> None:
        raise AssertionError("who listens removes nothing", handles)

    async def wait(self, seconds: float) -> None:
        del seconds
        while True:
            if self.mailbox.down:
                self.tells = False
                self.failures += 1
                raise TransportError(self.mailbox.down)
            self.tells = True
            if len(self.mailbox.waiting) > self.told:
                self.told = len(self.mailbox.waiting)
                return
            await asyncio.sleep(0)

    async def check(self) -> None:
        self.mailbox.look()

    async def close(self) -> None:
        self.closed = True


@dataclass
class TellingNetwork(Network):
    """``Transports`` in memory whose mail servers tell of what comes."""

    made: list[TellingMailbox] = field(default_factory=list)

    def receiver(self, of: Receiving) -> Receiver:
        if not isinstance(of, ReceivingMail):
            return super().receiver(of)
        self.made.append(TellingMailbox(self.mailbox(of.address)))
        return self.made[-1]


@dataclass
class Post:
    """A process that listens."""

    engine: Engine
    transports: TellingNetwork = field(default_factory=TellingNetwork)
    cipher: Cipher = field(default_factory=PlainCipher)
    sealer: Sealer = field(default_factory=Unsealed)
    environment: Mapping[str, str] = field(default_factory=lambda: {"PASSWORD": "secret"})

    async def save(self, stored: StoredChannel) -> None:
        async with self.engine.store.unit() as uow:
            await uow.channels.save(stored)
            await uow.commit()

    async def remove(self) -> None:
        async with self.engine.store.unit() as uow:
            await uow.channels.remove(KEY)
            await uow.commit()


def post() -> Post:
    system = Hasty()
    return Post(engine=Engine(store=MemoryStore("i", "n", system.now), trackers={}, system=system))


def stored(**receive: object) -> StoredChannel:
    """A channel on which nothing was said for long."""
    part = ChannelPart.model_validate({"send": {"directory": "/x/out"}, "receive": receive})
    channel = Both().meet().confirm().master
    return StoredChannel(synchronization=KEY, channel=channel, transports=document_of(part, Path("/")))


def by_mail(address: str = "a@a.test") -> StoredChannel:
    account = {"server": "imap.a.test", "user": "a", "password": {"env": "PASSWORD"}}
    return stored(protocol="imap", address=address, **account)


def looks(lookout: Lookout, of: Post, one: StoredChannel, after: float = 0.0) -> bool:
    """Whether a step looks that comes so many seconds after the clock stood still."""
    return lookout.begin_look(one, receiving_of(one, of), None, Millis(LATER + int(after * 1000)))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - tasks in the background tell of nothing
        await asyncio.sleep(0)


async def test_a_step_looks_when_something_was_told_and_else_seldom() -> None:
    here, one = post(), by_mail()
    await here.save(one)
    lookout = Lookout(here)
    async with lookout.kept():
        await until(lambda: any(made.tells for made in here.transports.made))
        assert looks(lookout, here, one)
        assert not looks(lookout, here, one, 50)
        here.transports.mailbox("a@a.test").put(b"parcel")
        await until(lambda: looks(lookout, here, one, 50))
        assert not looks(lookout, here, one, 100)
        assert looks(lookout, here, one, 110)


async def test_a_step_looks_more_often_where_nobody_is_told() -> None:
    here, one = post(), by_mail()
    lookout = Lookout(here)
    assert looks(lookout, here, one)
    assert not looks(lookout, here, one, 10)
    assert looks(lookout, here, one, 20)


async def test_every_step_looks_at_a_directory() -> None:
    here, one = post(), stored(directory="/x/in")
    lookout = Lookout(here)
    assert [looks(lookout, here, one) for _ in range(3)] == [True, True, True]


async def test_another_mailbox_is_looked_at_at_once() -> None:
    here = post()
    lookout = Lookout(here)
    assert looks(lookout, here, by_mail())
    assert looks(lookout, here, by_mail("new@a.test"))


async def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    here, one = post(), by_mail()
    lookout = Lookout(here)
    assert looks(lookout, here, one, 10_000)
    assert looks(lookout, here, one)


async def test_who_can_not_listen_tries_again() -> None:
    here, one = post(), by_mail()
    box = here.transports.mailbox("a@a.test")
    box.down = "the connection was reset"
    await here.save(one)
    lookout = Lookout(here)
    async with lookout.kept():
        await until(lambda: any(made.failures > 2 for made in here.transports.made))
        assert looks(lookout, here, one)
        box.down = ""
        box.put(b"parcel")
        await until(lambda: looks(lookout, here, one))


async def test_whoever_listens_ends_with_the_process() -> None:
    here = post()
    await here.save(by_mail())
    async with Lookout(here).kept():
        await until(lambda: bool(here.transports.made))
    assert [made.closed for made in here.transports.made] == [True]


async def test_other_settings_have_somebody_listen_elsewhere() -> None:
    here = post()
    await here.save(by_mail())
    async with Lookout(here).kept():
        await until(lambda: len(here.transports.made) == 1)
        await here.save(by_mail("new@a.test"))
        await until(lambda: len(here.transports.made) == 2)
        assert [made.closed for made in here.transports.made] == [True, False]
        await here.remove()
        await until(lambda: here.transports.made[1].closed)


async def test_nobody_listens_where_steps_can_not_receive() -> None:
    """They tell people why; a second log-in with a wrong password would only help to lock the account."""
    here, one = post(), by_mail()
    await here.save(one)
    async with Lookout(here).kept():
        await until(lambda: bool(here.transports.made))
        await here.save(replace(one, channel=replace(one.channel, receiving=Outage(failures=1))))
        await until(lambda: here.transports.made[0].closed)
        await here.save(one)
        await until(lambda: len(here.transports.made) == 2)
