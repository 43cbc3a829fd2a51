"""Testing the settings of a channel: all of them at once, with the words of the server or the system on failure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backbone.app.channel.settings import Surroundings, directories_of, former_receive, receiving_of, sending_of
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import Receiving, ReceivingDirectory, Sending, SendingDirectory, TransportError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one direction did: without ``words`` it works."""

    way: str
    words: str = ""
    cure: str = ""


async def try_settings(host: Surroundings, stored: StoredChannel) -> tuple[Tried, ...]:
    """Both directions, whatever one of them says. Nothing is made or marked: what is missing is told."""
    return await _try_both(host, stored, frozenset())


async def require_working(host: Surroundings, stored: StoredChannel, before: StoredChannel | None = None) -> None:
    """Directories that are in no place of the channel ``before`` are made and marked, once. Then all has to work.

    Raises Mistake with all that does not.
    """
    made = frozenset[str]() if before is None else _directories(before)
    failed = [one for one in await _try_both(host, stored, _directories(stored) - made) if one.words]
    if failed:
        place = f"channel of '{stored.channel.name}'"
        causes = "; ".join(f"{one.way}: {one.words.rstrip('.')}" for one in failed)
        cure = next((one.cure for one in failed if one.cure), "Check what the server or system says")
        raise Mistake(place, causes, cure)


def _directories(stored: StoredChannel) -> frozenset[str]:
    """The paths of those that are used, and of a former way in."""
    former = former_receive(stored)
    before = () if former is None or former.directory is None else (former.directory,)
    return frozenset((*before, *(one.path for one in directories_of(stored))))


async def _try_both(host: Surroundings, stored: StoredChannel, new: frozenset[str]) -> tuple[Tried, ...]:
    sending = await _tried("send", lambda: _try_sending(host, sending_of(stored, host), new))
    receiving = await _tried("receive", lambda: _try_receiving(host, receiving_of(stored, host), new))
    return (sending, receiving)


async def _tried(way: str, work: Callable[[], Awaitable[None]]) -> Tried:
    try:
        await work()
    except TransportError as error:
        return Tried(way=way, words=error.words, cure=error.cure)
    except Mistake as mistake:
        return Tried(way=way, words=mistake.cause, cure=mistake.cure)
    return Tried(way=way)


async def _try_sending(host: Surroundings, to: Sending, new: frozenset[str]) -> None:
    if isinstance(to, SendingDirectory) and to.path in new:
        await host.transports.prepare(to)
    sender = host.transports.sender(to)
    try:
        await sender.check()
    finally:
        await sender.close()


async def _try_receiving(host: Surroundings, of: Receiving, new: frozenset[str]) -> None:
    if isinstance(of, ReceivingDirectory) and of.path in new:
        await host.transports.prepare(of)
    receiver = host.transports.receiver(of)
    try:
        await receiver.check()
    finally:
        await receiver.close()
