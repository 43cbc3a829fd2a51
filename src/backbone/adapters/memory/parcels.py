"""Numbered parcels of both directions, and what came and could not be used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from backbone.adapters.memory.tables import NumberedParcel, Session, Tables
from backbone.core.model.keys import Millis, PairUid, SynchronizationKey
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.channels import ReceivedParcel, RefusedParcel, SentParcel


class MemorySentParcels:
    """What was sealed, of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, parcel: SentParcel) -> None:
        ident = (parcel.synchronization, parcel.epoch, parcel.number)
        _require_new(self._session.view.sent, ident)
        octets = len(parcel.plaintext)
        self._session.change(lambda tables: tables.sent.update({ident: (parcel, octets)}), "sent")

    async def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> AsyncIterator[SentParcel]:
        for parcel, _ in self._after(key, epoch, number):
            yield parcel

    async def numbered(self, key: SynchronizationKey, epoch: Epoch, number: int) -> SentParcel | None:
        found = self._session.view.sent.get((key, epoch, number))
        return found[0] if found else None

    async def handed_over(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int], at: Millis) -> None:
        def operation(tables: Tables) -> None:
            for number in numbers:
                if (found := tables.sent.get((key, epoch, number))) is not None:
                    parcel, octets = found
                    handed = replace(parcel, sent=at, attempts=parcel.attempts + 1)
                    tables.sent[key, epoch, number] = (handed, octets)

        self._session.change(operation, "sent")

    async def count(self, key: SynchronizationKey, epoch: Epoch, after: int) -> tuple[int, int]:
        found = self._after(key, epoch, after)
        return len(found), sum(octets for _, octets in found)

    async def last_of(self, key: SynchronizationKey, epoch: Epoch, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        known = self._session.view.occurrences
        return {pair: known[key, epoch, pair] for pair in pairs if (key, epoch, pair) in known}

    async def occurs(self, key: SynchronizationKey, epoch: Epoch, number: int, pairs: Sequence[PairUid]) -> None:
        def operation(tables: Tables) -> None:
            for pair in pairs:
                before = tables.occurrences.get((key, epoch, pair), 0)
                tables.occurrences[key, epoch, pair] = max(before, number)

        self._session.change(operation, "occurrences")

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        def operation(tables: Tables) -> None:
            channel = tables.channels.get(key)
            if channel is None:
                return
            present = channel.channel.outgoing
            for ident, (parcel, octets) in list(tables.sent.items()):
                done = parcel.epoch != present.epoch or parcel.number <= present.acknowledged
                if ident[0] == key and parcel.sealed < before and done:
                    tables.sent[ident] = (replace(parcel, plaintext=b""), octets)

        self._session.change(operation, "sent")

    def _after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> list[tuple[SentParcel, int]]:
        sent = self._session.view.sent
        return [sent[ident] for ident in sorted(sent) if ident[:2] == (key, epoch) and ident[2] > number]


class MemoryReceivedParcels:
    """What came, of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, parcel: ReceivedParcel) -> None:
        ident = (parcel.synchronization, parcel.epoch, parcel.number)
        _require_new(self._session.view.received, ident)
        self._session.change(lambda tables: tables.received.update({ident: parcel}), "received")

    async def digest_of(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Digest | None:
        found = self._session.view.received.get((key, epoch, number))
        return found.digest if found else None

    async def have(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> frozenset[int]:
        received = self._session.view.received
        found = (received.get((key, epoch, number)) for number in numbers)
        return frozenset(one.number for one in found if one is not None and not one.held)

    async def held(self, key: SynchronizationKey) -> Sequence[ReceivedParcel]:
        received = self._session.view.received
        return [received[ident] for ident in sorted(received) if ident[0] == key and received[ident].held]

    async def release(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> None:
        def operation(tables: Tables) -> None:
            for number in numbers:
                if (found := tables.received.get((key, epoch, number))) is not None:
                    tables.received[key, epoch, number] = replace(found, held=False)

        self._session.change(operation, "received")

    async def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Sequence[ReceivedParcel]:
        received = self._session.view.received
        found = [received[ident] for ident in sorted(received) if ident[:2] == (key, epoch) and ident[2] > number]
        return [replace(one, plaintext=b"") for one in found]

    async def refuse(self, one: RefusedParcel, *, most: int, octets: int) -> None:
        ident = (one.synchronization, one.digest)

        def operation(tables: Tables) -> None:
            first = tables.refused.get(ident)
            told = one if first is None else replace(first, cause=one.cause, retry=one.retry)
            tables.refused[ident] = told
            _trim(tables, one.synchronization, most, octets)

        self._session.change(operation, "refused")

    async def refused(self, key: SynchronizationKey) -> Sequence[RefusedParcel]:
        return [one for one in self._session.view.refused.values() if one.synchronization == key]

    async def drop_refused(self, key: SynchronizationKey, digests: Sequence[Digest]) -> None:
        def operation(tables: Tables) -> None:
            for digest in digests:
                tables.refused.pop((key, digest), None)

        self._session.change(operation, "refused")

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        def operation(tables: Tables) -> None:
            for ident, one in list(tables.received.items()):
                if ident[0] == key and one.received < before and not one.held:
                    tables.received[ident] = replace(one, plaintext=b"")

        self._session.change(operation, "received")


def _require_new(known: Mapping[NumberedParcel, object], ident: NumberedParcel) -> None:
    if ident in known:
        raise ValueError(f"parcel {ident[2]} of this epoch is there already")


def _trim(tables: Tables, key: SynchronizationKey, most: int, octets: int) -> None:
    """The oldest ones go: the dictionary is in the order in which they came."""
    count = size = 0
    for ident, one in reversed(list(tables.refused.items())):
        if ident[0] != key:
            continue
        count, size = count + 1, size + len(one.raw)
        if count > most or size > octets:
            del tables.refused[ident]
