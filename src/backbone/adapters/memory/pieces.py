"""Attachments on their way between installations, in such parts as they were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backbone.adapters.memory.tables import Session, Tables, TravellingFile
from backbone.core.model.keys import FileId, Millis, SynchronizationKey
from backbone.core.protocol.spans import uncovered
from backbone.ports.channels import FileInPieces


class MemoryPieces:
    """The attachments on their way, of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def begin(self, one: FileInPieces) -> None:
        self._session.change(lambda tables: tables.travelling.update({_ident(one): one}), "travelling")

    async def find(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> FileInPieces | None:
        return self._session.view.travelling.get((key, ours, file))

    async def find_all(
        self, key: SynchronizationKey, files: Sequence[FileId], *, ours: bool
    ) -> Mapping[FileId, FileInPieces]:
        known = self._session.view.travelling
        return {file: known[key, ours, file] for file in files if (key, ours, file) in known}

    async def under_way(self, key: SynchronizationKey, *, ours: bool) -> Sequence[FileInPieces]:
        return sorted(self._of(key, ours=ours), key=lambda one: (one.begun, one.file))

    async def write(self, one: FileInPieces, offset: int, data: bytes) -> int:
        ident = _ident(one)
        stored = self._session.view.octets.get(ident, {})
        spans = [(place, len(stored[place])) for place in sorted(stored)]
        new = {start: data[start - offset : end - offset] for start, end in uncovered(spans, offset, len(data))}
        there = sum(map(len, stored.values())) + sum(map(len, new.values()))

        def operation(tables: Tables) -> None:
            tables.octets[ident] = {**tables.octets.get(ident, {}), **new}

        self._session.change(operation, "octets")
        if not one.ours:
            await self.advanced(one, there)
        return there

    async def read(self, one: FileInPieces, offset: int, limit: int) -> bytes:
        stored = self._session.view.octets.get(_ident(one), {})
        found = bytearray()
        for place in sorted(stored):
            at = offset + len(found)
            if place > at:
                break
            found += stored[place][at - place :]
        return bytes(found[:limit])

    async def advanced(self, one: FileInPieces, there: int) -> None:
        ident = _ident(one)

        def operation(tables: Tables) -> None:
            if (known := tables.travelling.get(ident)) is not None:
                tables.travelling[ident] = replace(known, there=there)

        self._session.change(operation, "travelling")

    async def octets(self, key: SynchronizationKey, *, ours: bool) -> int:
        return sum(one.total for one in self._of(key, ours=ours))

    async def remove(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> None:
        self._session.change(lambda tables: _remove(tables, (key, ours, file)), "travelling", "octets")

    async def expire(self, before: Millis) -> Sequence[FileInPieces]:
        known = self._session.view.travelling.values()
        gone = [one for one in known if one.begun < before and not (one.complete and one.pair is not None)]

        def operation(tables: Tables) -> None:
            for one in gone:
                _remove(tables, _ident(one))

        self._session.change(operation, "travelling", "octets")
        return gone

    def _of(self, key: SynchronizationKey, *, ours: bool) -> list[FileInPieces]:
        return [one for ident, one in self._session.view.travelling.items() if ident[:2] == (key, ours)]


def _ident(one: FileInPieces) -> TravellingFile:
    return (one.synchronization, one.ours, one.file)


def _remove(tables: Tables, ident: TravellingFile) -> None:
    tables.travelling.pop(ident, None)
    tables.octets.pop(ident, None)
