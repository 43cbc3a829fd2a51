"""Local administrators: adding, removing, and changing a password, which ends all sessions of the account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.locally import owner_name, written
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.access import Administrator
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.people import Passwords, TooBusy
from backbone.ports.system import System

SHORTEST, LONGEST = 12, 1024
"""Characters of a password."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


async def add_account(
    store: AdministrationStore, system: System, passwords: Passwords, *, name: str, password: str, by: Caller
) -> None:
    """A new local administrator. Raises Mistake for a name that is taken or unusable, and for a weak password."""
    kept = usable_name(name)
    hashed = await _hashed(passwords, kept, password)
    async with store.administration() as unit:
        if await unit.administrators.get(kept) is not None:
            raise Mistake(f"account {kept}", "there is one already", f"Run 'backbone account password {kept}'")
        now = system.now()
        await unit.administrators.save(Administrator(name=kept, password=hashed, created=now, changed=now))
        await unit.audit.write(entry_of(by, "account.add", kept, now))
        await unit.commit()


async def change_password(
    store: AdministrationStore, system: System, passwords: Passwords, *, name: str, password: str, by: Caller
) -> None:
    """Another password; who is signed in with the old one is not any more. Tokens stay. Raises Mistake."""
    kept = written(name)
    hashed = await _hashed(passwords, kept, password)
    async with store.administration() as unit:
        known = await _known(unit, kept)
        now = system.now()
        await unit.administrators.save(replace(known, password=hashed, changed=now))
        await unit.sessions.remove_all(owner_name(kept))
        await unit.audit.write(entry_of(by, "account.password", kept, now))
        await unit.commit()


async def remove_account(store: AdministrationStore, system: System, *, name: str, by: Caller) -> None:
    """The account goes, with its sessions; its tokens are revoked. Raises Mistake."""
    kept = written(name)
    async with store.administration() as unit:
        await _known(unit, kept)
        now, owner = system.now(), owner_name(kept)
        await unit.administrators.remove(kept)
        await unit.sessions.remove_all(owner)
        await unit.tokens.revoke_all(owner, now)
        await unit.audit.write(entry_of(by, "account.remove", kept, now))
        await unit.commit()


async def list_accounts(store: AdministrationStore) -> Sequence[Administrator]:
    async with store.administration() as unit:
        return await unit.administrators.all()


def usable_name(name: str) -> str:
    """The name as it is kept. Raises Mistake."""
    kept = written(name)
    if not _NAME.fullmatch(kept):
        cure = "Use up to 64 letters, digits, and . _ @ + - after the first one"
        raise Mistake("account", "this is no usable name", cure)
    return kept


async def _known(unit: AdministrationUnit, name: str) -> Administrator:
    known = await unit.administrators.get(name)
    if known is None:
        raise Mistake(f"account {name}", "there is none of this name", "See 'backbone account list'")
    return known


async def _hashed(passwords: Passwords, name: str, password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Mistake("password", f"it has {len(password)} characters", f"Use {SHORTEST} to {LONGEST} of them")
    if password.strip().casefold() == name:
        raise Mistake("password", "it is the name of the account", "Use another one")
    try:
        return await passwords.hashed(password)
    except TooBusy:
        raise Mistake("password", "too many passwords are checked just now", "Try again in a moment") from None
