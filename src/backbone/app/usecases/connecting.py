"""How one synchronization reaches one of its Jiras: address, credentials, proxy. Checked there before it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import seal_secret, sealed_secrets
from backbone.app.declaration.connection import SECRETS
from backbone.app.declaration.credentials import Unseal
from backbone.app.engine.context import Engine
from backbone.app.usecases.contradictions import Contradicted
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.own_connections import (
    LOG_IN,
    PROXY,
    Reached,
    forget_secrets,
    reached,
    save_own,
    with_account,
)
from backbone.app.usecases.same_jira import require_same_jira
from backbone.app.usecases.synchronization_users import account_before
from backbone.core.model.keys import ConnectorKey, SynchronizationKey
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin
from backbone.ports.records import StoredConnection
from backbone.ports.sealing import Sealer
from backbone.ports.system import System
from backbone.ports.tracker import AccountInfo, Tracker


class Connecting(Protocol):
    """What is needed to try a connection and to take it into use."""

    @property
    def store(self) -> AdministrationStore: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def system(self) -> System: ...

    @property
    def sealer(self) -> Sealer: ...

    def trying(self, candidate: StoredConnection, unseal: Unseal) -> AbstractAsyncContextManager[Tracker]:
        """The Jira of a connection that is not stored yet. Raises Mistake."""

    async def unblock(self) -> None:
        """Open what changed, and let hosts be called again that refused our log-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy with its log-in; without an address there is none."""

    address: str | None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be changed; what is absent stays."""

    url: str | None = None
    login: JiraLogin | None = field(default=None, repr=False)
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A connection whose new secrets are not sealed yet: ``secrets`` by the key where they stand."""

    declared: Mapping[str, object]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proven:
    """A candidate by which that Jira was reached, with the account that logged in and the one before."""

    way: Reached
    candidate: _Candidate
    account: AccountInfo
    before: str | None


async def connect(
    host: Connecting, key: SynchronizationKey, connector: ConnectorKey, wish: Wish, caller: Caller
) -> StoredConnection:
    """Reach the Jira of a connector as wished, by a connection of the synchronization's own.

    Raises Mistake for a wish that lacks something, Contradicted when it is not that Jira or refuses us, and JiraAway.
    """
    async with host.store.administration() as unit:
        way = await _way(unit, key, connector)
        unseal = await sealed_secrets(unit, host.sealer)
    candidate = _candidate(way, wish)
    _require_credentials(way, candidate, wish)
    document = {**way.stored.document, "declared": _tried(candidate), "awaiting": None}
    trial = StoredConnection(name=way.own, document=document)
    async with host.trying(trial, _opening(candidate, unseal)) as tracker:
        account = await require_same_jira(host.store, tracker, way.halves)
    before = await account_before(host.engine, way) if wish.login is not None else None
    async with host.store.administration() as unit:
        saved = await _save(host, unit, _Proven(way=way, candidate=candidate, account=account, before=before), caller)
        await unit.commit()
    await host.unblock()
    return saved


async def _way(unit: AdministrationUnit, key: SynchronizationKey, connector: ConnectorKey) -> Reached:
    one = await unit.synchronizations.lock(key)
    if one is None:
        raise LookupError(f"synchronization {key} is gone")
    return await reached(unit, one, connector)


_GIVEN = "given "


def _candidate(way: Reached, wish: Wish) -> _Candidate:
    declared = dict(way.declared)
    secrets: dict[str, str] = {}
    if wish.url is not None:
        declared["url"] = wish.url.strip().rstrip("/")
    if wish.login is not None:
        names, new = _login(wish.login)
        declared = {name: value for name, value in declared.items() if name not in LOG_IN} | names
        secrets |= new
    if wish.proxy is not None:
        declared = {name: value for name, value in declared.items() if name not in PROXY}
        declared |= {"proxy": wish.proxy.address} if wish.proxy.address else {}
        declared |= {"proxy_user": wish.proxy.user} if wish.proxy.user else {}
        secrets |= {"proxy_password": wish.proxy.password} if wish.proxy.password else {}
    return _Candidate(declared=declared, secrets=secrets)


def _login(login: JiraLogin) -> tuple[dict[str, object], dict[str, str]]:
    match login:
        case PasswordLogin(user=user, password=password):
            return {"user": user}, {"password": password}
        case TokenLogin(token=token):
            return {}, {"token": token}
        case ApiTokenLogin(email=email, api_token=token):
            return {"email": email}, {"api_token": token}
        case _:
            assert_never(login)


def _require_credentials(way: Reached, candidate: _Candidate, wish: Wish) -> None:
    """Raises Mistake: what is kept for one address is never sent to another, nor by another way."""
    if wish.login is not None:
        return
    moved = [name for name in ("url", "proxy") if candidate.declared.get(name) != way.declared.get(name)]
    if moved or way.stored.document.get("awaiting"):
        cause = "has another address or another proxy now" if moved else "waits for the credentials of another account"
        cure = "Give the credentials of the synchronization user with it"
        raise Mistake("applicationConnection", f"the connection {cause}, to which nothing that is kept is sent", cure)
    if not wish.proxy:
        raise Mistake("applicationConnection", "nothing is to be changed", "Give an address, credentials or a proxy")


def _tried(candidate: _Candidate) -> dict[str, object]:
    return {**candidate.declared, **{name: {"sealed": _GIVEN + name} for name in candidate.secrets}}


def _opening(candidate: _Candidate, unseal: Unseal) -> Unseal:
    def opened(ident: str) -> str:
        name = ident.removeprefix(_GIVEN)
        return candidate.secrets[name] if ident.startswith(_GIVEN) and name in candidate.secrets else unseal(ident)

    return opened


async def _save(host: Connecting, unit: AdministrationUnit, proven: _Proven, caller: Caller) -> StoredConnection:
    way = await _way(unit, proven.way.one.key, proven.way.halves[0].connector)
    if way.stored != proven.way.stored:
        raise Contradicted("Somebody else changed this connection meanwhile.", "Look at it, and try again.")
    declared = dict(proven.candidate.declared)
    for name, secret in proven.candidate.secrets.items():
        ident = await seal_secret(unit, host.sealer, host.system, f"connection {way.own}, {name}", secret)
        declared[name] = {"sealed": ident}
    await forget_secrets(unit, way, declared)
    now, file = host.system.now(), way.stored.document.get("file", "")
    document = {"declared": declared, "file": file, "applied": now, "account": proven.account.id}
    saved = StoredConnection(name=way.own, document=with_account(way, proven.before, document))
    await save_own(unit, way, saved.document)
    was, becomes = _told(way.declared), _told(declared)
    await unit.audit.write(entry_of(caller, "connection.change", way.one.key, now, before=was, after=becomes))
    return saved


def _told(declared: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in declared.items() if name not in SECRETS}
