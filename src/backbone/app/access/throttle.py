"""How often somebody may try to sign in, counted in the database so that processes and restarts share it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from backbone.app.access.refusal import Refusal, too_many
from backbone.core.model.keys import Millis
from backbone.ports.access import AttemptsUsedUp, AttemptTaken
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System

WINDOW = 15 * 60 * 1000
"""Milliseconds in which failed attempts count."""
_PATIENCE = 15.0  # seconds to wait for the outcome of others' attempts
_PAUSE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """At most ``limit`` failed attempts of an identity in a window."""

    identity: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An attempt that counts as failed unless it is told otherwise."""

    bounds: tuple[Bound, ...]
    ids: tuple[int, ...]


def of_address(address: str) -> Bound:
    """What one address may try, whatever it tries."""
    return Bound(identity=f"address:{network_of(address)}", limit=30)


def network_of(address: str) -> str:
    """An address as it is counted: of IPv6, everybody has a network of 64 bits.

    >>> network_of("192.0.2.7"), network_of("2001:db8::1:2:3:4")
    ('192.0.2.7', '2001:db8::/64')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


class Throttle:
    """Attempts are counted before they are made: whatever happens meanwhile, none goes uncounted."""

    def __init__(self, store: AdministrationStore, system: System) -> None:
        self._store = store
        self._system = system

    async def begin(self, *bounds: Bound) -> Begun | Refusal:
        """An attempt that all bounds allow. Attempts that others are just making are waited for."""
        waited = 0.0
        while isinstance(taken := await self._take(bounds), AttemptsUsedUp):
            if not taken.pending or waited >= _PATIENCE:
                wait = max(0, taken.until - self._system.now())
                return too_many(taken.until, wait // 60_000 + 1)
            await self._system.sleep(_PAUSE)
            waited += _PAUSE
        return taken

    async def failed(self, begun: Begun) -> None:
        async with self._store.administration() as unit:
            for one in begun.ids:
                await unit.attempts.failed(one)
            await unit.commit()

    async def given_back(self, begun: Begun) -> None:
        """It was never decided."""
        async with self._store.administration() as unit:
            for one in begun.ids:
                await unit.attempts.give_back(one)
            await unit.commit()

    async def succeeded(self, begun: Begun) -> None:
        """What the account failed before is forgotten; an address keeps what it tried with other accounts."""
        async with self._store.administration() as unit:
            for one in begun.ids:
                await unit.attempts.give_back(one)
            await unit.attempts.clear(begun.bounds[0].identity)
            await unit.commit()

    async def exhausted(self, begun: Begun) -> None:
        """No more attempts of this account in this window."""
        await self.failed(begun)
        while isinstance(more := await self._take(begun.bounds[:1]), Begun):
            await self.failed(more)

    async def _take(self, bounds: tuple[Bound, ...]) -> Begun | AttemptsUsedUp:
        now, ids = self._system.now(), []
        async with self._store.administration() as unit:
            for bound in bounds:
                taken = await unit.attempts.take(bound.identity, now, WINDOW, bound.limit)
                if isinstance(taken, AttemptsUsedUp):
                    return taken
                assert isinstance(taken, AttemptTaken)
                ids.append(taken.id)
            await unit.attempts.forget(Millis(now - WINDOW))
            await unit.commit()
        return Begun(bounds=bounds, ids=tuple(ids))
