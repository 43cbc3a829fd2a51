"""Tokens of this installation: what a caller who shows one may do."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.owners import caller_of_token
from backbone.app.access.proofs import fits, prefix_of
from backbone.app.access.refusal import SESSION_ENDED, TOKEN_ENDED, Refusal
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System

DAY = 24 * 3600 * 1000
"""Milliseconds; for so long the rights of somebody of a Jira are taken to be what they were at the last sign-in."""
_COARSE = 3600 * 1000  # milliseconds between notes that a token is used


class TokenSignIn:
    """Calls that show a token."""

    def __init__(self, store: AdministrationStore, system: System) -> None:
        self._store = store
        self._system = system

    async def check(self, token: str, address: str) -> Caller | Refusal:
        """Its owner, with no more than the scope of the token."""
        now, prefix = self._system.now(), prefix_of(token)
        if prefix is None:
            return TOKEN_ENDED
        async with self._store.administration() as unit:
            known = await unit.tokens.get(prefix)
            if known is None or not fits(token, known.digest) or known.revoked is not None or known.expires <= now:
                return TOKEN_ENDED
            owner = await caller_of_token(unit, known, Millis(now - DAY))
            if isinstance(owner, Refusal):
                return TOKEN_ENDED if owner is SESSION_ENDED else owner
            if known.last_used is None or known.last_used + _COARSE <= now:
                await unit.tokens.used(prefix, now)
                await unit.commit(lasting=False)
        scope = min(Scope(known.scope), owner.scope, key=list(Scope).index)
        return replace(owner, scope=scope, address=address)
