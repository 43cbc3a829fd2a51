"""Tokens of this installation, and sessions of those who signed in: by their digests, never themselves."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import Millis
from backbone.ports.access import AccessToken, Session

_TOKENS = "select prefix, digest, owner, label, scope, created, expires, last_used, revoked from access_token"
_ADD = """
    insert into access_token (prefix, digest, owner, label, scope, created, expires)
    values (%s, %s, %s, %s, %s, %s, %s)
"""
_ADD_SESSION = "insert into session (digest, owner, opened, last_used, address) values (%s, %s, %s, %s, %s)"


class PostgresTokens:
    """Tokens of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, prefix: str) -> AccessToken | None:
        row = await self._rows.one(_TOKENS + " where prefix = %s", (prefix,))
        return _token(row) if row else None

    async def all(self, owner: str | None = None) -> Sequence[AccessToken]:
        if owner is None:
            return [_token(row) for row in await self._rows.all(_TOKENS + " order by created desc, prefix")]
        rows = await self._rows.all(_TOKENS + " where owner = %s order by created desc, prefix", (owner,))
        return [_token(row) for row in rows]

    async def add(self, token: AccessToken) -> None:
        named = (token.prefix, token.digest, token.owner, token.label, token.scope)
        await self._rows.run(_ADD, (*named, token.created, token.expires))

    async def used(self, prefix: str, at: Millis) -> None:
        await self._rows.run("update access_token set last_used = %s where prefix = %s", (at, prefix))

    async def revoke(self, prefix: str, at: Millis) -> bool:
        statement = "update access_token set revoked = %s where prefix = %s and revoked is null"
        return bool(await self._rows.count(statement, (at, prefix)))

    async def revoke_all(self, owner: str, at: Millis) -> None:
        await self._rows.run("update access_token set revoked = %s where owner = %s and revoked is null", (at, owner))

    async def forget(self, ended: Millis) -> None:
        await self._rows.run("delete from access_token where least(expires, revoked) < %s", (ended,))


class PostgresSessions:
    """Sessions of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, digest: bytes) -> Session | None:
        row = await self._rows.one("select owner, opened, last_used, address from session where digest = %s", (digest,))
        if row is None:
            return None
        owner, opened, last_used, address = row
        return Session(digest=digest, owner=owner, opened=opened, last_used=last_used, address=address)

    async def add(self, session: Session) -> None:
        told = (session.digest, session.owner, session.opened, session.last_used, session.address)
        await self._rows.run(_ADD_SESSION, told)

    async def used(self, digest: bytes, at: Millis) -> None:
        await self._rows.run("update session set last_used = %s where digest = %s", (at, digest))

    async def remove(self, digest: bytes) -> None:
        await self._rows.run("delete from session where digest = %s", (digest,))

    async def remove_all(self, owner: str) -> None:
        await self._rows.run("delete from session where owner = %s", (owner,))

    async def forget(self, opened: Millis, used: Millis) -> None:
        await self._rows.run("delete from session where opened < %s or last_used < %s", (opened, used))


def _token(row: Row) -> AccessToken:
    prefix, digest, owner, label, scope, created, expires, last_used, revoked = row
    return AccessToken(
        prefix=prefix,
        digest=bytes(digest),
        owner=owner,
        label=label,
        scope=scope,
        created=created,
        expires=expires,
        last_used=last_used,
        revoked=revoked,
    )
