"""Parcels come in by POP3: a short visit each time, of a mailbox that numbers its mails anew at every one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from backbone.adapters.transports.mail.maildrop import Listing, Maildrop, NotGiven, visit
from backbone.adapters.transports.mail.memory import Listed, read_listed, shorten, write
from backbone.adapters.transports.mail.mime import Kind, classify
from backbone.adapters.transports.mail.sorting import Found, is_wanted, judge_header, judge_mail
from backbone.ports.transport import Arrival, Batch, Notice, ReceivingMail

_T = TypeVar("_T")
_MOST_HEADS = 200  # a request each, and the mailbox is locked meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """How much one look may bring."""

    parcels: int
    octets: int

    def is_enough(self, size: int, arrivals: list[Arrival]) -> bool:
        used = sum(len(arrival.parcel) for arrival in arrivals)
        return not arrivals or (len(arrivals) < self.parcels and used + size <= self.octets)


class Pop3Receiver:
    """The port's Receiver for one mailbox."""

    def __init__(
        self,
        of: ReceivingMail,
        *,
        seconds: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._of = of
        self._seconds = seconds
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._seen: frozenset[str] | None = None

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        return await self._visit(lambda: self._look(memory, _Room(parcels=parcels, octets=octets)))

    async def confirm(self, handles: tuple[str, ...]) -> None:
        """Remove mails. One that held several parcels waits until a look remembers them all."""
        if handles:
            await self._visit(lambda: self._erase(frozenset(handles)))

    async def wait(self, seconds: float) -> None:
        """Sleep, unless mails came since the last look: POP3 tells of nothing by itself."""
        listed = await self._visit(self._list)
        if self._seen is not None and listed <= self._seen:
            await self._sleep(seconds)

    async def check(self) -> None:
        """Log in, and see whether the server has what is needed: UIDL and TOP."""
        await self._visit(self._try)

    async def close(self) -> None:
        """Nothing: no connection is kept."""

    async def _visit(self, action: Callable[[], _T]) -> _T:
        """Act in a thread. A cancelled visit ends in its own time, and no other begins before that."""
        await self._lock.acquire()
        visiting = asyncio.ensure_future(asyncio.to_thread(action))
        visiting.add_done_callback(self._leave)
        return await asyncio.shield(visiting)

    def _leave(self, visiting: asyncio.Future[_T]) -> None:
        self._lock.release()
        if not visiting.cancelled():
            visiting.exception()  # or it would be reported as lost when nobody waits for it any more

    def _list(self) -> frozenset[str]:
        with visit(self._of.server, self._seconds) as maildrop:
            return frozenset(shorten(one.unique) for one in maildrop.listed())

    def _try(self) -> None:
        with visit(self._of.server, self._seconds) as maildrop:
            for one in maildrop.listed()[:1]:
                maildrop.header(one.number)

    def _erase(self, shortened: frozenset[str]) -> None:
        with visit(self._of.server, self._seconds) as maildrop:
            _erase(maildrop, maildrop.listed(), shortened)

    def _look(self, memory: str, room: _Room) -> Batch:
        with visit(self._of.server, self._seconds) as maildrop:
            listed = maildrop.listed()
            self._seen = frozenset(shorten(one.unique) for one in listed)
            return _look(maildrop, self._of, listed, read_listed(memory), room)


def _look(maildrop: Maildrop, of: ReceivingMail, listed: list[Listing], memory: Listed, room: _Room) -> Batch:
    """What is new, after the removal of what was remembered as handed over, thus stored, but not confirmed."""
    _erase(maildrop, listed, memory.handed)
    names = {one.number: shorten(one.unique) for one in listed}
    fresh = [one for one in listed if names[one.number] not in memory.seen]
    arrivals: list[Arrival] = []
    notices: list[Notice] = []
    looked: set[str] = set()
    handed: set[str] = set()
    refusals: list[NotGiven] = []
    for one in fresh[:_MOST_HEADS]:
        try:
            kind = classify(maildrop.header(one.number), channel=of.channel, address=of.address, role=of.role)
            if is_wanted(kind, one.size) and not room.is_enough(one.size, arrivals):
                break
            found = _found_in(maildrop, of, one, kind)
        except NotGiven as refusal:
            refusals.append(refusal)
            continue
        name = names[one.number]
        looked.add(name)
        arrivals += _arrivals_of(found, name)
        notices += [found.notice] if found.notice else []
        handed |= {name} if found.parcels else set()
    if refusals and not (looked or memory.seen):  # it gives none at all
        raise refusals[0]
    seen = (memory.seen - memory.handed) & frozenset(names.values())
    return Batch(
        arrivals=tuple(arrivals),
        notices=tuple(notices),
        memory=write(Listed(seen=seen | looked, handed=frozenset(handed))),
        more=len(looked) + len(refusals) < len(fresh),
    )


def _found_in(maildrop: Maildrop, of: ReceivingMail, one: Listing, kind: Kind) -> Found:
    if is_wanted(kind, one.size):
        mail = maildrop.whole(one.number) if kind is Kind.OURS else maildrop.peek(one.number)
        return judge_mail(kind, mail, of)
    if kind is Kind.REPORT:
        return judge_mail(kind, maildrop.beginning(one.number), of)
    return judge_header(kind)


def _arrivals_of(found: Found, name: str) -> list[Arrival]:
    if len(found.parcels) == 1:
        return [Arrival(handle=name, parcel=found.parcels[0])]
    return [Arrival(handle=f"{name}.{index}", parcel=parcel) for index, parcel in enumerate(found.parcels)]


def _erase(maildrop: Maildrop, listed: Iterable[Listing], shortened: frozenset[str]) -> None:
    maildrop.erase([one.number for one in listed if shorten(one.unique) in shortened])
