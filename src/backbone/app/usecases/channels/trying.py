"""Testing the settings of a channel: all of them at once, with the words of the server or the system on failure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backbone.app.channel.settings import Surroundings, receiving_of, sending_of
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
    """Both directions, whatever one of them says. Directories are made and marked if they are not yet."""
    sending = await _tried("send", lambda: _try_sending(host, sending_of(stored, host)))
    receiving = await _tried("receive", lambda: _try_receiving(host, receiving_of(stored, host)))
    return (sending, receiving)


async def require_working(host: Surroundings, stored: StoredChannel) -> None:
    """Raises Mistake with all that does not work."""
    failed = [one for one in await try_settings(host, stored) if one.words]
    if failed:
        place = f"channel of '{stored.channel.name}'"
        causes = "; ".join(f"{one.way}: {one.words.rstrip('.')}" for one in failed)
        cure = next((one.cure for one in failed if one.cure), "Check what the server or system says")
        raise Mistake(place, causes, cure)


async def _tried(way: str, work: Callable[[], Awaitable[None]]) -> Tried:
    try:
        await work()
    except TransportError as error:
        return Tried(way=way, words=error.words, cure=error.cure)
    except Mistake as mistake:
        return Tried(way=way, words=mistake.cause, cure=mistake.cure)
    return Tried(way=way)


async def _try_sending(host: Surroundings, to: Sending) -> None:
    if isinstance(to, SendingDirectory):
        await host.transports.prepare(to)
    sender = host.transports.sender(to)
    try:
        await sender.check()
    finally:
        await sender.close()


async def _try_receiving(host: Surroundings, of: Receiving) -> None:
    if isinstance(of, ReceivingDirectory):
        await host.transports.prepare(of)
    receiver = host.transports.receiver(of)
    try:
        await receiver.check()
    finally:
        await receiver.close()
