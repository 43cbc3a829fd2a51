"""Attachments on their way between installations, in such parts as they were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import LiteralString

from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import FileId, Millis, PairUid, SynchronizationKey
from backbone.core.protocol.parcels import Digest
from backbone.core.protocol.spans import uncovered
from backbone.ports.channels import FileInPieces

_SELECT: LiteralString = """
    select synchronization, ours, file, digest, total, begun, pair, there from travelling_file
"""
_BEGIN = """
    insert into travelling_file (synchronization, ours, file, digest, total, begun, pair, there)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (synchronization, ours, file) do update set
        digest = excluded.digest, total = excluded.total, begun = excluded.begun, pair = excluded.pair,
        there = excluded.there
"""
_SPANS = """
    select place, length from travelling_octets
    where synchronization = %s and ours = %s and file = %s order by place
"""
_WRITE = """
    insert into travelling_octets (synchronization, ours, file, place, length, octets) values (%s, %s, %s, %s, %s, %s)
"""
_THERE = "update travelling_file set there = %s where synchronization = %s and ours = %s and file = %s"
_READ = """
    select place, substring(octets from greatest(%(from)s - place, 0)::int + 1 for %(limit)s) from travelling_octets
    where synchronization = %(key)s and ours = %(ours)s and file = %(file)s
      and place + length > %(from)s and place < %(from)s + %(limit)s
    order by place
"""
_EXPIRE = """
    delete from travelling_file where begun < %s and (there < total or digest = '' or pair is null)
    returning synchronization, ours, file, digest, total, begun, pair, there
"""


class PostgresPieces:
    """The attachments on their way, of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def begin(self, one: FileInPieces) -> None:
        await self._rows.run(_BEGIN, (*_ident(one), one.digest, one.total, one.begun, one.pair, one.there))

    async def find(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> FileInPieces | None:
        return (await self.find_all(key, [file], ours=ours)).get(file)

    async def find_all(
        self, key: SynchronizationKey, files: Sequence[FileId], *, ours: bool
    ) -> Mapping[FileId, FileInPieces]:
        statement = _SELECT + " where synchronization = %s and ours = %s and file = any(%s)"
        found = [_file(row) for row in await self._rows.all(statement, (key, ours, list(files)))]
        return {one.file: one for one in found}

    async def under_way(self, key: SynchronizationKey, *, ours: bool) -> Sequence[FileInPieces]:
        statement = _SELECT + ' where synchronization = %s and ours = %s order by begun, file collate "C"'
        return [_file(row) for row in await self._rows.all(statement, (key, ours))]

    async def write(self, one: FileInPieces, offset: int, data: bytes) -> int:
        spans = [(place, length) for place, length in await self._rows.all(_SPANS, _ident(one))]
        missing = uncovered(spans, offset, len(data))
        for start, end in missing:
            part = data[start - offset : end - offset]
            await self._rows.run(_WRITE, (*_ident(one), start, len(part), part))
        stored: int = sum(length for _, length in spans) + sum(end - start for start, end in missing)
        if not one.ours:
            await self.advanced(one, stored)
        return stored

    async def read(self, one: FileInPieces, offset: int, limit: int) -> bytes:
        asked = {"key": one.synchronization, "ours": one.ours, "file": one.file, "from": offset, "limit": limit}
        found = bytearray()
        for place, octets in await self._rows.all(_READ, asked):
            if max(place, offset) != offset + len(found):
                break
            found += octets
        return bytes(found[:limit])

    async def advanced(self, one: FileInPieces, there: int) -> None:
        await self._rows.run(_THERE, (there, *_ident(one)))

    async def octets(self, key: SynchronizationKey, *, ours: bool) -> int:
        statement = "select coalesce(sum(total), 0) from travelling_file where synchronization = %s and ours = %s"
        return int(await self._rows.value(statement, (key, ours)))

    async def remove(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> None:
        statement = "delete from travelling_file where synchronization = %s and ours = %s and file = %s"
        await self._rows.run(statement, (key, ours, file))

    async def expire(self, before: Millis) -> Sequence[FileInPieces]:
        return [_file(row) for row in await self._rows.all(_EXPIRE, (before,))]


def _ident(one: FileInPieces) -> tuple[object, ...]:
    return (one.synchronization, one.ours, one.file)


def _file(row: Row) -> FileInPieces:
    key, ours, file, digest, total, begun, pair, there = row
    return FileInPieces(
        synchronization=SynchronizationKey(key),
        ours=ours,
        file=FileId(file),
        digest=Digest(digest),
        total=total,
        begun=Millis(begun),
        pair=None if pair is None else PairUid(pair),
        there=there,
    )
