"""What was done, and secrets as they are kept."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import DECLARED
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry, SealedSecret

_WRITE = "insert into audit (at, who, what, about, address, before, after) values (%s, %s, %s, %s, %s, %s, %s)"
_PAGE = """
    select id, at, who, what, about, address, before, after from audit
    where %(before)s::bigint is null or id < %(before)s order by id desc limit %(limit)s
"""
_PUT = """
    insert into secret (id, about, sealed, created) values (%s, %s, %s, %s)
    on conflict (id) do update set about = excluded.about, sealed = excluded.sealed, created = excluded.created
"""
_SECRETS = "select id, about, sealed, created from secret"


class PostgresAudit:
    """The audit log of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def write(self, entry: AuditEntry) -> None:
        told = (_held(entry.who), entry.what, _held(entry.about), _held(entry.address))
        await self._rows.run(_WRITE, (entry.at, *told, DECLARED.encode(entry.before), DECLARED.encode(entry.after)))

    async def page(self, before: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        return [_entry(row) for row in await self._rows.all(_PAGE, {"before": before, "limit": limit})]

    async def forget(self, before: Millis) -> None:
        await self._rows.run("delete from audit where at < %s", (before,))


class PostgresSecrets:
    """Sealed secrets of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def hold(self) -> None:
        await self._rows.run("lock table secret in row exclusive mode")

    async def hold_alone(self) -> None:
        await self._rows.run("lock table secret in share row exclusive mode")

    async def put(self, secret: SealedSecret) -> None:
        await self._rows.run(_PUT, (secret.id, secret.about, secret.sealed, secret.created))

    async def get(self, id: str) -> SealedSecret | None:  # noqa: A002  as the port calls it
        row = await self._rows.one(_SECRETS + " where id = %s", (id,))
        return _secret(row) if row else None

    async def all(self) -> Sequence[SealedSecret]:
        return [_secret(row) for row in await self._rows.all(_SECRETS + " order by created, id")]

    async def remove(self, id: str) -> None:  # noqa: A002  as the port calls it
        await self._rows.run("delete from secret where id = %s", (id,))


def _held(text: str) -> str:
    """What PostgreSQL can hold: names come from strangers."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _entry(row: Row) -> AuditEntry:
    number, at, who, what, about, address, before, after = row
    return AuditEntry(
        id=number,
        at=at,
        who=who,
        what=what,
        about=about,
        address=address,
        before=DECLARED.decode(before),
        after=DECLARED.decode(after),
    )


def _secret(row: Row) -> SealedSecret:
    ident, about, sealed, created = row
    return SealedSecret(id=ident, about=about, sealed=sealed, created=created)
