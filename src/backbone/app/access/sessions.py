"""Sessions of browsers: opaque, revocable, and never longer than half a day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from backbone.app.access.caller import Caller
from backbone.app.access.owners import caller_of_session
from backbone.app.access.proofs import csrf_token, digest, new_session_id
from backbone.app.access.refusal import SESSION_ENDED, Refusal
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry, Session
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System

LONGEST = 12 * 3600 * 1000
"""Milliseconds after which a session ends, however it is used."""
IDLE = 30 * 60 * 1000
"""Milliseconds after which a session ends that is not used."""
_COARSE = 60_000  # milliseconds between notes that a session is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new session: ``id`` belongs into a cookie that only the browser reads, ``csrf`` into its forms."""

    caller: Caller
    id: str = field(repr=False)
    csrf: str = field(repr=False)
    ends: Millis


class Sessions:
    """Sessions as the database knows them."""

    def __init__(self, store: AdministrationStore, system: System) -> None:
        self._store = store
        self._system = system

    async def open(self, caller: Caller, address: str, proved: Millis) -> Opened:
        """A session of somebody whose password began to be checked at ``proved``."""
        now, ident = self._system.now(), new_session_id()
        session = Session(digest=digest(ident), owner=caller.name, opened=proved, last_used=now, address=address)
        async with self._store.administration() as unit:
            await unit.sessions.forget(Millis(now - LONGEST), Millis(now - IDLE))
            await unit.sessions.add(session)
            await unit.audit.write(
                AuditEntry(at=now, who=caller.name, what="session.open", about=caller.name, address=address)
            )
            await unit.commit()
        return Opened(
            caller=replace(caller, by_cookie=True, address=address),
            id=ident,
            csrf=csrf_token(ident),
            ends=Millis(proved + LONGEST),
        )

    async def resume(self, ident: str, address: str) -> Caller | Refusal:
        """Whose session it is, with the rights that they have now."""
        now = self._system.now()
        async with self._store.administration() as unit:
            session = await unit.sessions.get(digest(ident))
            if session is None or session.opened + LONGEST <= now or session.last_used + IDLE <= now:
                return SESSION_ENDED
            caller = await caller_of_session(unit, session)
            if isinstance(caller, Refusal):
                return caller
            if session.last_used + _COARSE <= now:
                await unit.sessions.used(session.digest, now)
                await unit.commit(lasting=False)
        return replace(caller, by_cookie=True, address=address)

    async def close(self, ident: str, address: str) -> None:
        """Sign out. Nothing happens where nobody is signed in."""
        async with self._store.administration() as unit:
            session = await unit.sessions.get(digest(ident))
            if session is None:
                return
            await unit.sessions.remove(session.digest)
            await unit.audit.write(
                AuditEntry(
                    at=self._system.now(),
                    who=session.owner,
                    what="session.close",
                    about=session.owner,
                    address=address,
                )
            )
            await unit.commit()
