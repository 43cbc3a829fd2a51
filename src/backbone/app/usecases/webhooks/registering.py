"""Registering a webhook in a Jira, by ourselves where the account may, else by telling a person what to enter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_urlsafe

import structlog

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import seal_secret, unseal_secret
from backbone.app.engine.context import Engine
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.webhooks.hinting import digest_of
from backbone.app.usecases.webhooks.secrets import WebhookSecrets, secrets_of
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.access import AuditEntry
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.sealing import Sealer
from backbone.ports.tracker import TrackerError
from backbone.ports.webhooks import NotAllowed, StoredWebhook, WebhookForm, WebhookRegistry, WebhookWish

log = structlog.get_logger()

UPKEEP = 3600.0
"""Seconds between looks whether our registrations are still there: administrators remove what they do not know."""


_PROGRAM = Caller(name="program", shown="Backbone")
"""Who registers again what was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What registering works with: ``registries`` are those of the connections that are open.

    ``address_of`` makes the whole address from its secret part; None without a public one.
    """

    store: AdministrationStore
    engine: Engine
    registries: Mapping[ConnectionName, WebhookRegistry]
    sealer: Sealer
    address_of: Callable[[str], str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a connection's webhook stands. ``refusal`` is why we could not register it; then ``form`` is what to enter."""

    webhook: StoredWebhook
    form: WebhookForm
    secret: str | None
    refusal: str | None = None


async def register(desk: Desk, connection: ConnectionName, by: Caller) -> Standing:
    """Have a Jira tell us of changes. Raises Mistake, and what the tracker raises."""
    registry = registry_of(desk, connection)
    stored, secrets = await _prepared(desk, registry, connection)
    wish = await _wish(desk, connection, secrets)
    done = await registry.register(wish, stored.registration)
    if isinstance(done, str):
        before, stored = stored, replace(stored, registration=done)
        async with desk.store.administration() as unit:
            await unit.webhooks.save(stored)
            if before != stored:
                await unit.audit.write(_entry(desk, by, "webhook.register", connection))
            await unit.commit()
    form = await registry.form(wish)
    return Standing(
        webhook=stored,
        form=form,
        secret=secrets.signature if form.signs else None,
        refusal=done.cause if isinstance(done, NotAllowed) else None,
    )


async def remove(desk: Desk, connection: ConnectionName, by: Caller) -> str | None:
    """Forget the webhook, and remove it from that Jira; why we may not remove it there. Raises Mistake."""
    async with desk.store.administration() as unit:
        known = await unit.webhooks.get(connection)
    if known is None:
        raise Mistake(f"connection '{connection}'", "it has no webhook", "List them with: backbone webhooks list")
    refused = None
    if known.registration is not None:
        refused = await registry_of(desk, connection).remove(known.registration)
    async with desk.store.administration() as unit:
        await unit.webhooks.remove(connection)
        await unit.secrets.remove(known.secret)
        await unit.audit.write(_entry(desk, by, "webhook.remove", connection))
        await unit.commit()
    return refused.cause if refused is not None else None


async def keep_up(desk: Desk) -> None:
    """Register again what an administrator removed, switched off, or what goes to an address we had before."""
    if desk.address_of is None:
        return
    async with desk.store.administration() as unit:
        known = [one for one in await unit.webhooks.all() if one.registration is not None]
    for one in known:
        await _quietly(one.connection, partial(_keep_up, desk, one))


async def _quietly(connection: ConnectionName, work: Callable[[], Awaitable[None]]) -> None:
    """Hints are worth no trouble: polling finds everything."""
    try:
        await work()
    except (TrackerError, Mistake) as error:
        log.info("webhook-not-checked", connection=connection, error=type(error).__name__)


async def _keep_up(desk: Desk, one: StoredWebhook) -> None:
    registry = registry_of(desk, one.connection)
    async with desk.store.administration() as unit:
        secrets = secrets_of(await unseal_secret(unit, desk.sealer, one.secret))
    wish = await _wish(desk, one.connection, secrets)
    if one.registration is None or await registry.is_registered(one.registration, wish) is not False:
        return
    await register(desk, one.connection, _PROGRAM)
    log.info("webhook-registered-again", connection=one.connection)


def registry_of(desk: Desk, connection: ConnectionName) -> WebhookRegistry:
    """Raises Mistake for a connection that is not there."""
    if connection not in desk.registries:
        known = ", ".join(sorted(desk.registries)) or "none"
        raise Mistake(f"connection '{connection}'", "there is no such connection", f"Connections are: {known}")
    return desk.registries[connection]


def _entry(desk: Desk, by: Caller, what: str, connection: ConnectionName) -> AuditEntry:
    return entry_of(by, what, connection, desk.engine.system.now())


async def _prepared(
    desk: Desk, registry: WebhookRegistry, connection: ConnectionName
) -> tuple[StoredWebhook, WebhookSecrets]:
    """The secrets of the connection's webhook, made on first need."""
    async with desk.store.administration() as unit:
        known = await unit.webhooks.get(connection)
        if known is not None:
            return known, secrets_of(await unseal_secret(unit, desk.sealer, known.secret))
    blank = WebhookSecrets(address=token_urlsafe(32), signature=token_urlsafe(32), signed=False)
    form = await registry.form(await _wish(desk, connection, blank))
    secrets = replace(blank, signed=form.signs)
    async with desk.store.administration() as unit:
        known = await _kept(unit, desk, connection, secrets)
        await unit.commit()
    return known, secrets


async def _kept(
    unit: AdministrationUnit, desk: Desk, connection: ConnectionName, secrets: WebhookSecrets
) -> StoredWebhook:
    about = f"connection {connection}, webhook"
    ident = await seal_secret(unit, desk.sealer, desk.engine.system, about, secrets.text())
    stored = StoredWebhook(
        connection=connection, address=digest_of(secrets.address), secret=ident, made=desk.engine.system.now()
    )
    await unit.webhooks.save(stored)
    return stored


async def _wish(desk: Desk, connection: ConnectionName, secrets: WebhookSecrets) -> WebhookWish:
    if desk.address_of is None:
        cure = "Set BACKBONE_PUBLIC_ADDRESS to the address at which this Jira finds the REST API"
        raise Mistake("public_address", "no Jira can tell us of changes while it is not set", cure)
    return WebhookWish(
        name=f"Backbone {desk.store.installation[:8]}",
        url=desk.address_of(secrets.address),
        projects=await _projects(desk, connection),
        secret=secrets.signature,
    )


async def _projects(desk: Desk, connection: ConnectionName) -> tuple[ProjectId, ...]:
    """Projects of the connection that are synchronized: of others we want to hear nothing."""
    async with desk.store.unit() as uow:
        synchronizations = await uow.synchronizations.all()
        halves = [await uow.synchronizations.half(key) for one in synchronizations for key in one.connectors]
    found = tuple(sorted({half.project for half in halves if half.connection == connection}))
    if not found:
        raise Mistake(f"connection '{connection}'", "no synchronization uses it", "Apply a synchronization first")
    return found
