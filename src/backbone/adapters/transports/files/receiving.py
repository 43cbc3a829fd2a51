"""The way in by files: what is complete is taken, and what was stored is removed or at least not taken again."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from backbone.adapters.transports.files.directory import Changed, Unfit, read, sync
from backbone.adapters.transports.files.failure import LACKING_RIGHTS, PASSING, told
from backbone.adapters.transports.files.memory import (
    MOST_INCOMPLETE,
    MOST_STORED,
    Incomplete,
    Memory,
    identity,
    recalled,
    remembered,
)
from backbone.adapters.transports.files.names import is_parcel, parcel_name
from backbone.adapters.transports.files.places import within
from backbone.adapters.transports.files.survey import LARGEST, Found, Survey, survey
from backbone.ports.transport import Arrival, Batch, ReceivingDirectory, TransportError

_POLLING = 2.0
"""Seconds between looks: shares do not tell that something came."""
_SETTLED = 30.0
"""Seconds after which a file that does not grow any more is taken though it is not what its name says."""


class DirectoryReceiver:
    """A ``Receiver`` of a directory. ``sleep`` and ``now`` (seconds) are replaced by tests."""

    def __init__(
        self,
        place: ReceivingDirectory,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._place = place
        self._sleep = sleep
        self._now = now
        self._known: frozenset[str] = frozenset()
        self._idle = False

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        """What waits; a file that is being copied here waits until it is whole, or has not grown for half a minute."""
        look = _Look(memory=recalled(memory), parcels=parcels, octets=octets, now=self._now())
        batch = await asyncio.to_thread(within, self._place, lambda handle: look.taken(handle, self._place.path))
        self._known = look.known
        self._idle = not batch.arrivals
        return batch

    async def confirm(self, handles: tuple[str, ...]) -> None:
        await asyncio.to_thread(within, self._place, lambda handle: _remove(handle, handles, self._place.path))

    async def wait(self, seconds: float) -> None:
        """Return when there is a file that the look before did not show."""
        if self._idle:  # so that what can't be taken never makes this a loop without a pause
            seconds = await self._pause(seconds)
        while seconds > 0 and not await asyncio.to_thread(within, self._place, self._shows_more):
            seconds = await self._pause(seconds)

    async def check(self) -> None:
        await asyncio.to_thread(within, self._place, self._look_at_rights)

    async def close(self) -> None:
        return

    async def _pause(self, seconds: float) -> float:
        await self._sleep(min(seconds, _POLLING))
        return seconds - _POLLING

    def _shows_more(self, handle: int) -> bool:
        with os.scandir(handle) as entries:
            return any(is_parcel(entry.name) and entry.name not in self._known for entry in entries)

    def _look_at_rights(self, handle: int) -> None:
        """Removing needs the right to write; trying it with a file would leave a trace in the partner's share."""
        survey(handle, self._place.path, Memory())
        if os.fstatvfs(handle).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=handle, effective_ids=True):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))


@dataclass(slots=True)
class _Look:
    """One look for parcels."""

    memory: Memory
    parcels: int
    octets: int
    now: float
    arrivals: list[Arrival] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)
    incomplete: dict[str, Incomplete] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    spent: int = 0

    def taken(self, handle: int, path: str) -> Batch:
        """What is taken. Begins anew when it is called again. Raises TransportError, and OSError of what is left."""
        self.arrivals, self.stored, self.incomplete, self.spent = [], {}, {}, 0
        seen = survey(handle, path, self.memory)
        kept = _not_removed(handle, seen)
        room = min(self.parcels, MOST_STORED - len(kept))
        if room <= 0 < self.parcels:
            raise TransportError(
                f"{path} contains {len(kept)} parcels that were received and cannot be removed",
                cure="Let the account that runs Backbone remove files there.",
            )
        more = self._take(handle, seen, room)
        if seen.failures and not self.arrivals:
            raise seen.failures[0]
        self.known = frozenset(kept) | seen.unfit | frozenset(self.incomplete)
        memory = Memory(stored=kept | self.stored, incomplete=self.incomplete, noticed=frozenset(seen.noticed))
        return Batch(arrivals=tuple(self.arrivals), notices=tuple(seen.notices), memory=remembered(memory), more=more)

    def _take(self, handle: int, seen: Survey, room: int) -> bool:
        """Take what there is, oldest first, and say whether something is left that may be taken at once."""
        self.incomplete = {found.name: before for found in seen.waiting if (before := self._before(found))}
        for found in seen.waiting:
            if len(self.arrivals) >= room or (self.spent and self.spent + found.status.st_size > self.octets):
                return True
            before = self.incomplete.get(found.name)
            if before is None or self.now - before.since >= _SETTLED:
                self._look_into(handle, found, seen, settled=before is not None)
        return seen.count > len(seen.waiting) and self.arrivals != []

    def _before(self, found: Found) -> Incomplete | None:
        """What is remembered of a file that has not changed since."""
        before = self.memory.incomplete.get(found.name)
        if before is None or before.identity != identity(found.status):
            return None
        # A clock that was set back begins anew.
        return before if before.since <= self.now else Incomplete(identity=before.identity, since=self.now)

    def _look_into(self, handle: int, found: Found, seen: Survey, *, settled: bool) -> None:
        try:
            content, status = read(handle, found.name, LARGEST)
        except (FileNotFoundError, Changed):
            return
        except Unfit as why:
            seen.notice(found.name, str(why))
            return
        except OSError as error:
            seen.fail(found.name, error)
            return
        self.spent += len(content)
        self.incomplete.pop(found.name, None)
        if settled or parcel_name(content) == found.name:
            self.arrivals.append(Arrival(handle=_handle(found.name, status), parcel=content))
            self.stored[found.name] = identity(status)
        elif len(self.incomplete) < MOST_INCOMPLETE:
            self.incomplete[found.name] = Incomplete(identity=identity(status), since=self.now)


def _handle(name: str, status: os.stat_result) -> str:
    return f"{name}/{status.st_ino}/{identity(status)}"


def _remove(handle: int, handles: tuple[str, ...], path: str) -> None:
    """Remove the files that were taken, and no others that came to have their names."""
    refused: list[OSError] = []
    for each in handles:
        try:
            _remove_one(handle, each)
        except OSError as error:
            refused.append(error)
    sync(handle)
    if not refused:
        return
    if refused[0].errno in PASSING:
        raise refused[0]
    failure = told(refused[0], path)
    raise TransportError(f"{failure.words} ({len(refused)} received parcels not removed)", cure=failure.cure)


def _remove_one(handle: int, taken: str) -> None:
    name = taken.partition("/")[0]
    if not is_parcel(name):
        return
    try:
        if _handle(name, os.stat(name, dir_fd=handle, follow_symlinks=False)) == taken:
            os.unlink(name, dir_fd=handle)
    except FileNotFoundError:
        return


def _not_removed(handle: int, seen: Survey) -> dict[str, str]:
    """Remove what was stored before, as a process may have died before it could; the rest stays remembered."""
    kept = dict(seen.stored)
    for name in seen.stored:
        try:
            os.unlink(name, dir_fd=handle)
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno in LACKING_RIGHTS:
                return kept
            continue
        del kept[name]
    return kept
