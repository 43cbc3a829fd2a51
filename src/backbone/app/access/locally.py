"""Local administrators: known by the hash of their password."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.access.refusal import BUSY, WRONG, Refusal
from backbone.app.access.remembering import Remembered
from backbone.app.access.throttle import Bound, Throttle, network_of, of_address
from backbone.ports.access import Administrator
from backbone.ports.administration import AdministrationStore
from backbone.ports.people import Passwords, TooBusy
from backbone.ports.system import System

_START = "local:"
_LIMIT = 10
"""Wrong passwords an account, address and window; from other addresses the account can still be used."""


def owner_name(name: str) -> str:
    """How a local administrator is named in the audit log and as owner."""
    return _START + name


def local_name(owner: str) -> str | None:
    """The local administrator's name of an owner; None for somebody of a Jira."""
    return owner.removeprefix(_START) if owner.startswith(_START) else None


def written(name: str) -> str:
    """A name as it is kept."""
    return name.strip().casefold()


def caller_of_administrator(one: Administrator) -> Caller:
    return Caller(name=owner_name(one.name), shown=one.name, everything=True)


class LocalSignIn:
    """Signing in as a local administrator."""

    def __init__(self, store: AdministrationStore, system: System, passwords: Passwords, throttle: Throttle) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = throttle
        self._right = Remembered[str](system.now)

    async def find(self, name: str) -> Administrator | None:
        async with self._store.administration() as unit:
            return await unit.administrators.get(written(name))

    async def check(self, one: Administrator, password: str, address: str) -> Caller | Refusal:
        """The caller, where it is the password. A change of the password counts at once, everywhere."""
        if self._right.get(one.name, password) == one.password:
            return caller_of_administrator(one)
        begun = await self._throttle.begin(
            Bound(identity=f"{owner_name(one.name)} from {network_of(address)}", limit=_LIMIT), of_address(address)
        )
        if isinstance(begun, Refusal):
            return begun
        try:
            right = await self._passwords.fits(password, one.password)
        except TooBusy:
            await self._throttle.given_back(begun)
            return BUSY
        if not right:
            await self._throttle.failed(begun)
            return WRONG
        await self._throttle.succeeded(begun)
        self._right.put(one.password, one.name, password)
        return caller_of_administrator(one)

    async def check_stranger(self, password: str, address: str) -> Refusal:
        """Refuse a name that nobody has, in the time and with the count of one that somebody has."""
        begun = await self._throttle.begin(of_address(address))
        if isinstance(begun, Refusal):
            return begun
        busy = await self.pretend(password)
        if busy is not None:
            await self._throttle.given_back(begun)
            return busy
        await self._throttle.failed(begun)
        return WRONG

    async def pretend(self, password: str) -> Refusal | None:
        """Take the time that a check takes, so that nobody learns which names are known."""
        try:
            await self._passwords.fits(password, None)
        except TooBusy:
            return BUSY
        return None
