"""The account by which a synchronization works in a Jira, and another one in its place.

After the change nothing is called by it until the credentials of the new account were given; what is due waits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine
from backbone.app.usecases.contradictions import JiraAway
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.own_connections import LOG_IN, Reached, forget_secrets, reached, save_own, with_account
from backbone.core.model.keys import ConnectorKey, Millis, SynchronizationKey
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.tracker import TrackerError

PATIENCE = 10.0
"""Seconds that Jira has to tell who we are."""

LONGEST = 255


async def synchronization_user(engine: Engine, key: SynchronizationKey, connector: ConnectorKey) -> str:
    """The account of a connector: by the name that it logs in with, else as Jira calls it. Raises JiraAway."""
    async with engine.store.unit() as uow:
        one = await uow.synchronizations.get(key)
        if one is None:
            raise LookupError(f"synchronization {key} is gone")
        way = await reached(uow, one, connector)
    name = way.user or await _logged_in(engine, way) or way.stored.document.get("account")
    if not name:
        raise JiraAway("Whose token it is only Jira knows, and it can't be asked now.", "Try again later.")
    return str(name)


async def take_user(
    store: AdministrationStore, engine: Engine, connector: ConnectorKey, name: str, caller: Caller
) -> str:
    """Work by another account: calls of this synchronization to that Jira wait until its credentials are given.

    Nothing changes if it is the account already. Raises Mistake for what is no name.
    """
    if len(name) > LONGEST or not name.isprintable():
        raise Mistake("newUser", "is no name or e-mail address of an account", "Give the one that logs in at Jira")
    async with store.unit() as uow:
        half = await uow.synchronizations.half(connector)
        one = await uow.synchronizations.get(half.synchronization)
        way = None if one is None else await reached(uow, one, connector)
    if way is None:
        raise LookupError(f"connector {connector} is gone")
    before = await account_before(engine, way)
    async with store.administration() as unit:
        await _suspend(unit, way, (name, before), caller, engine.system.now())
        await unit.commit()
    return name


async def _suspend(
    unit: AdministrationUnit, seen: Reached, accounts: tuple[str, str | None], caller: Caller, now: Millis
) -> None:
    one = await unit.synchronizations.lock(seen.one.key)
    if one is None:
        raise LookupError(f"synchronization {seen.one.key} is gone")
    way = await reached(unit, one, seen.halves[0].connector)
    name, before = accounts
    if name.casefold() in {known.casefold() for known in (way.user or before,) if known}:
        return
    declared = {key: value for key, value in way.declared.items() if key not in LOG_IN}
    kept = {key: value for key, value in way.stored.document.items() if key != "account"}
    document = {**kept, "declared": declared, "applied": now, "awaiting": name}
    await forget_secrets(unit, way, declared)
    await save_own(unit, way, with_account(way, before, document))
    was, becomes = {"user": way.user or before}, {"user": name}
    await unit.audit.write(entry_of(caller, "connection.user", way.one.key, now, before=was, after=becomes))


async def account_before(engine: Engine, way: Reached) -> str | None:
    """The account as Jira calls it, to know it again in what it did: an id on Cloud, else a name."""
    known = way.stored.document.get("account")
    if way.stored.document.get("awaiting"):
        return None
    if known is not None:
        return str(known)
    return await _logged_in(engine, way) or way.user


async def _logged_in(engine: Engine, way: Reached) -> str | None:
    with suppress(TrackerError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            return (await engine.tracker(way.halves[0]).account()).id
    return None
