"""A connection that one synchronization alone uses, to the same Jira as the one that its file declares.

What is changed over the API for one synchronization must not change others, so the connection is copied on the first
change. The document of the copy keeps in ``base`` what the file declared then: when the file declares something else
later, the file wins. ``awaiting`` is an account that has no credentials yet, ``account`` the one that logged in last, and
``former`` are those before it: what they did counts as done by us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backbone.app.declaration.connection import SECRETS
from backbone.app.declaration.rooted import rooted_connection
from backbone.app.engine.cursors import catch_up_name, cursor_name
from backbone.app.engine.look import SWEEP
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.reopening import former_accounts
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, SynchronizationKey, jira_of, own_connection
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import Cursor, StoredConnection, Synchronization
from backbone.ports.store import UnitOfWork

LOG_IN = ("user", "password", "token", "email", "api_token")
PROXY = ("proxy", "proxy_user", "proxy_password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How a synchronization reaches one of its Jiras: the connection, and the halves that go by it."""

    one: Synchronization
    halves: tuple[HalfConfiguration, ...]
    stored: StoredConnection

    @property
    def own(self) -> ConnectionName:
        """The name of the connection that it alone uses, or would use."""
        return own_connection(self.halves[0].jira, self.one.key)

    @property
    def declared(self) -> Mapping[str, object]:
        return declared_part(self.stored)

    @property
    def user(self) -> str | None:
        """The account by the name that it logs in with, as far as its credentials have one."""
        return user_of(self.stored)


def user_of(stored: StoredConnection) -> str | None:
    """The account of a connection by the name that it logs in with, as far as its credentials have one."""
    declared = declared_part(stored)
    known = [stored.document.get("awaiting"), declared.get("user"), declared.get("email")]
    return next((str(one) for one in known if one), None)


def declared_part(stored: StoredConnection) -> Mapping[str, object]:
    """What a file, or the API after it, says of a connection."""
    return _part(stored, "declared") or {}


def _part(stored: StoredConnection, key: str) -> Mapping[str, object] | None:
    """A part of a file that is kept; its relative paths begin beside the file that was applied last."""
    part, file = stored.document.get(key), stored.document.get("file")
    if not isinstance(part, Mapping):
        return None
    return rooted_connection(part, Path(str(file)).parent) if file else part


async def reached(uow: UnitOfWork, one: Synchronization, connector: ConnectorKey) -> Reached:
    """How a synchronization reaches the Jira of a connector. Raises LookupError."""
    halves = await halves_of(uow, [one])
    name = next(half.connection for half in halves if half.connector == connector)
    stored = {known.name: known for known in await uow.synchronizations.connections()}
    return Reached(
        one=one,
        halves=tuple(half for half in halves if half.connection == name),
        stored=stored.get(name) or StoredConnection(name=name, document={}),
    )


async def save_own(uow: UnitOfWork, way: Reached, document: Mapping[str, object]) -> None:
    """Let the synchronization go its own way from now on; the caller commits.

    It looks on from where the connection that it left had come to.
    """
    base = way.stored.document.get("base", dict(way.declared))
    await uow.synchronizations.save_connection(StoredConnection(name=way.own, document={**document, "base": base}))
    if way.stored.name == way.own:
        return
    await uow.synchronizations.reconnect([half.connector for half in way.halves], way.own)
    looked = await uow.cursors.get(cursor_name(way.stored.name))
    if looked is not None:
        await uow.cursors.save(cursor_name(way.own), looked)


def with_account(way: Reached, before: str | None, document: Mapping[str, object]) -> Mapping[str, object]:
    """A document that remembers the accounts of before; its own ``account`` is not one of them."""
    former = former_accounts(way.stored.document) | ({before} if before else set())
    return {**document, "former": sorted(former - {str(document.get("account"))})}


def following(known: StoredConnection | None, document: Mapping[str, object]) -> Mapping[str, object]:
    """A document of a file that takes the place of a known one, and remembers the accounts of before."""
    if known is None:
        return document
    before = known.document.get("account") or declared_part(known).get("user")
    former = former_accounts(known.document) | ({str(before)} if before else set())
    return {**document, "former": sorted(former - {str(document.get("account"))})}


async def let_files_win(uow: UnitOfWork, connections: Sequence[StoredConnection]) -> None:
    """Give up the copies of connections that a file declares otherwise than when they were copied; the caller commits."""
    declared = {one.name: declared_part(one) for one in connections}
    for own in await uow.synchronizations.connections():
        jira = jira_of(own.name)
        if own.name == jira or jira not in declared or _part(own, "base") == declared[jira]:
            continue
        one = await uow.synchronizations.get(SynchronizationKey(own.name.partition("~")[2]))
        if one is not None:
            await _back(uow, one, own.name)
        await uow.synchronizations.remove_connection(own.name)


async def _back(uow: UnitOfWork, one: Synchronization, own: ConnectionName) -> None:
    """To the connection of the file, which may have looked further already: what was not seen is caught up with."""
    connectors = [half.connector for half in await halves_of(uow, [one]) if half.connection == own]
    await uow.synchronizations.reconnect(connectors, jira_of(own))
    looked = await uow.cursors.get(cursor_name(own))
    for connector in connectors if looked is not None else []:
        due = await uow.cursors.get(catch_up_name(connector))
        since = min(one.watermark for one in (looked, due) if one is not None)
        await uow.cursors.save(catch_up_name(connector), Cursor(watermark=Millis(max(0, since - SWEEP))))
    await uow.cursors.remove(cursor_name(own))


def unencrypted(stored: StoredConnection) -> str | None:
    """The standing warning of a connection that anybody on the way can read."""
    if str(declared_part(stored).get("url", "")).casefold().startswith("http://"):
        return "Passwords and issues travel unencrypted: use https:// wherever this Jira has it."
    return None


async def forget_secrets(unit: AdministrationUnit, way: Reached, declared: Mapping[str, object]) -> None:
    """Let go of sealed secrets that only this connection had, and has no more; the caller commits."""
    if way.stored.name != way.own:
        return
    kept = {_sealed(declared.get(name)) for name in SECRETS}
    for ident in {_sealed(way.declared.get(name)) for name in SECRETS} - kept:
        if ident is not None:
            await unit.secrets.remove(ident)


def _sealed(source: object) -> str | None:
    return str(source["sealed"]) if isinstance(source, Mapping) and "sealed" in source else None
