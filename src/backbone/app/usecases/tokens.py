"""Tokens of this installation: made for their owner, shown once, revocable at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller, Scope
from backbone.app.access.locally import local_name, owner_name, written
from backbone.app.access.proofs import digest, new_token
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import Millis
from backbone.ports.access import AccessToken
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.system import System

USUAL_DAYS, MOST_DAYS = 90, 365
_DAY = 24 * 3600 * 1000  # milliseconds
_LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A token as it is kept, and as it is shown this once."""

    kept: AccessToken
    whole: str = field(repr=False)


async def create_token(
    store: AdministrationStore, system: System, *, label: str, scope: Scope, days: int, by: Caller
) -> MadeToken:
    """A token of the caller. Raises Mistake, also for a scope wider than what the caller shows."""
    if not by.scope.includes(scope):
        raise Mistake("scope", f"'{scope}' is wider than yours", f"Choose '{by.scope}' or less")
    return await _create(store, system, owner=by.name, label=label, scope=scope, days=days, by=by)


async def create_token_for(
    store: AdministrationStore, system: System, *, account: str, label: str, scope: Scope, days: int, by: Caller
) -> MadeToken:
    """A token of a local administrator, for the command line. Raises Mistake."""
    owner = owner_name(written(account))
    return await _create(store, system, owner=owner, label=label, scope=scope, days=days, by=by)


async def list_tokens(store: AdministrationStore, owner: str | None = None) -> Sequence[AccessToken]:
    """Those of an owner, or of everybody; the newest first."""
    async with store.administration() as unit:
        return await unit.tokens.all(owner)


async def revoke_token(store: AdministrationStore, system: System, *, prefix: str, by: Caller) -> bool:
    """It does not work any more. False where there is none, or none that is the caller's to revoke."""
    async with store.administration() as unit:
        known = await unit.tokens.get(prefix)
        if known is None or not (by.everything or known.owner == by.name):
            return False
        now = system.now()
        revoked = await unit.tokens.revoke(prefix, now)
        if revoked:
            before = {"owner": known.owner, "label": known.label, "scope": known.scope}
            await unit.audit.write(entry_of(by, "token.revoke", prefix, now, before=before))
            await unit.commit()
        return revoked


async def _create(
    store: AdministrationStore, system: System, *, owner: str, label: str, scope: Scope, days: int, by: Caller
) -> MadeToken:
    if not 1 <= days <= MOST_DAYS:
        raise Mistake("days", f"a token lasts 1 to {MOST_DAYS} days", "Choose such a number")
    if not label.strip() or len(label) > _LONGEST_LABEL or not label.isprintable():
        cure = f"Say in up to {_LONGEST_LABEL} characters what uses it"
        raise Mistake("label", "a token needs a label by which you know it again", cure)
    made, now = new_token(), system.now()
    kept = AccessToken(
        prefix=made.prefix,
        digest=digest(made.whole),
        owner=owner,
        label=label.strip(),
        scope=scope,
        created=now,
        expires=Millis(now + days * _DAY),
    )
    async with store.administration() as unit:
        await _require_owner(unit, owner)
        await unit.tokens.add(kept)
        after = {"owner": owner, "label": kept.label, "scope": kept.scope, "expires": kept.expires}
        await unit.audit.write(entry_of(by, "token.create", kept.prefix, now, after=after))
        await unit.commit()
    return MadeToken(kept=kept, whole=made.whole)


async def _require_owner(unit: AdministrationUnit, owner: str) -> None:
    name = local_name(owner)
    known = await unit.administrators.get(name) if name is not None else await unit.people.get(owner)
    if known is None:
        shown = owner if name is None else name
        raise Mistake(f"account {shown}", "there is none of this name", f"Run 'backbone account add {shown}' first")
