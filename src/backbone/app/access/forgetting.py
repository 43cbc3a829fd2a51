"""Letting go of what ended: sessions, attempts to sign in, tokens of long ago, and a year's audit log."""

from __future__ import annotations

from backbone.app.access.sessions import IDLE, LONGEST
from backbone.app.access.throttle import WINDOW
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationStore

AUDIT_KEPT = 366 * 24 * 3600 * 1000
"""Milliseconds: a year, and a day since the database counts a year by its own clock."""
TOKENS_KEPT = 90 * 24 * 3600 * 1000
"""Milliseconds for which a token that ended is still listed."""


async def forget_access(store: AdministrationStore, now: Millis) -> None:
    """To be called once a day."""
    async with store.administration() as unit:
        await unit.sessions.forget(Millis(now - LONGEST), Millis(now - IDLE))
        await unit.attempts.forget(Millis(now - WINDOW))
        await unit.tokens.forget(Millis(now - TOKENS_KEPT))
        await unit.audit.forget(Millis(now - AUDIT_KEPT))
        await unit.commit()
