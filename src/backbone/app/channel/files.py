"""Attachments between installations: ours are fetched and cut into pieces, the partner's are put together.

An attachment is told of only once it was fetched: then its digest is known, and its pieces follow the message. Nothing
of a whole file is ever held in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from backbone.app.engine.context import Engine, report
from backbone.core.model.changes import Changes, Content, FileChange, IssueChanged, IssueCreated
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import FileId, Millis, PairUid, SynchronizationKey
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.delivering import WINDOW, WINDOW_OCTETS
from backbone.core.protocol.parcels import Digest, Piece
from backbone.ports.channels import FileInPieces, StoredChannel
from backbone.ports.records import ApplyTurn
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import AccessError, Lane, TrackerError, TransientError

QUOTA: Final = 4 * 1024**3
"""Bytes of attachments that may be on their way in one direction."""
KEPT: Final = 30 * 24 * 3600 * 1000
"""Milliseconds after which an attachment that did not come as a whole is given up."""
_FETCHED_AT_ONCE: Final = 1024 * 1024
_READ_AT_ONCE: Final = 1024 * 1024
_ENVELOPE: Final = 8 * 1024
"""Bytes of a parcel that are not the piece: header, signature, encrypted key."""
_GROWTH: Final = 1.45
"""By how much a piece grows at most: base64 in JSON, compressed again, then armor."""
_SMALLEST: Final = 1024
_AGAIN: Final = 2 * 60 * 1000
"""Milliseconds after which an attachment is asked for again that Jira did not give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What may be sealed now, with the digests of its attachments, and what has to be told later."""

    ready: tuple[Content, ...]
    later: tuple[Content, ...]


# --- ours -------------------------------------------------------------------------------------------------------------


async def stage(engine: Engine, half: HalfConfiguration, told: Mapping[PairUid, Sequence[Content]]) -> None:
    """Fetch the attachments that these contents tell of, as far as the quota allows; outside of any transaction.

    What Jira does not give now is left for another time: :func:`ready` leaves it out.
    """
    wanted = {pair: _present(contents) for pair, contents in told.items()}
    known = await _known(engine, half, [file.original for files in wanted.values() for file in files])
    now = engine.system.now()
    for pair, files in wanted.items():
        for file in files:
            if (tried := known.get(file.original)) is not None and (tried.digest or now < tried.begun + _AGAIN):
                continue
            try:
                await _stage(engine, half, pair, file)
            except TransientError:
                continue
            except AccessError as error:
                await report(engine, _unreadable(half, pair, file, error))


async def ready(uow: UnitOfWork, key: SynchronizationKey, contents: Sequence[Content]) -> Split:
    """Part the contents of one pair, in the unit of work that seals them.

    Attachments that were not fetched yet are told later; those that are gone need not be fetched any more.
    """
    wanted = [one.original for one in _present(contents)]
    staged = await uow.pieces.find_all(key, wanted, ours=True) if wanted else {}
    digests = {one.file: one.digest for one in staged.values() if one.digest}
    for file in _gone(contents):
        await uow.pieces.remove(key, file, ours=True)
    now, later = [], []
    for content in contents:
        first, second = _parted(content, digests)
        now.append(first)
        later += [second] if second is not None else []
    return Split(ready=tuple(one for one in now if _says(one)), later=tuple(later))


async def next_pieces(uow: UnitOfWork, stored: StoredChannel, octets: int) -> Sequence[Piece]:
    """Pieces of ours to seal in this unit of work, in order: of at most so many bytes, and no more than may be under way.

    A file that is still to be told of waits: the message that names it goes before its pieces.
    """
    key, found = stored.synchronization, list[Piece]()
    under_way = stored.channel.outgoing.under_way
    most, octets = WINDOW - len(under_way), min(octets, WINDOW_OCTETS - sum(one.octets for one in under_way))
    files = [one for one in await uow.pieces.under_way(key, ours=True) if one.digest]
    waiting = await uow.outbox.of_pairs(key, [one.pair for one in files if one.pair is not None]) if files else {}
    untold = {file.original for some in waiting.values() for file in _present([one.content for one in some])}
    for one in files:
        room = most - len(found)
        if octets <= 0 or room <= 0:
            break
        if one.file not in untold:
            size = size_of_piece(stored.channel.largest)
            taken = await _pieces_of(uow, one, size, min(octets, room * size))
            octets -= sum(len(piece.data) for piece in taken)
            found += taken
    return found


async def withdraw(uow: UnitOfWork, key: SynchronizationKey) -> None:
    """Nothing of our attachments may leave any more, not even the rest of those that the partner has in part."""
    for one in await uow.pieces.under_way(key, ours=True):
        await uow.pieces.remove(key, one.file, ours=True)


def size_of_piece(largest: int) -> int:
    """Bytes of an attachment that fit into a parcel of ``largest`` bytes."""
    return max(_SMALLEST, int((largest - _ENVELOPE) / _GROWTH))


async def _pieces_of(uow: UnitOfWork, one: FileInPieces, size: int, octets: int) -> list[Piece]:
    found, offset = list[Piece](), one.there
    while octets > 0 and (offset < one.total or not (found or one.total)):
        data = await uow.pieces.read(one, offset, min(size, one.total - offset)) if one.total else b""
        found.append(Piece(file=one.file, digest=one.digest, offset=offset, total=one.total, data=data))
        offset, octets = offset + len(data), octets - max(len(data), 1)
    if offset == one.total:  # from here on the sealed parcels have the bytes
        await uow.pieces.remove(one.synchronization, one.file, ours=True)
    else:
        await uow.pieces.advanced(one, offset)
    return found


async def _known(engine: Engine, half: HalfConfiguration, files: Sequence[FileId]) -> Mapping[FileId, FileInPieces]:
    if not files:
        return {}
    async with engine.store.unit() as uow:
        return await uow.pieces.find_all(half.synchronization, files, ours=True)


async def _stage(engine: Engine, half: HalfConfiguration, pair: PairUid, file: FileChange) -> None:
    """Stream one attachment into the store, in a transaction a part."""
    key = half.synchronization
    async with engine.store.unit() as uow:
        known = await uow.pieces.find(key, file.original, ours=True)
        held = await uow.pieces.octets(key, ours=True) - (known.total if known is not None else 0)
        if held and held + file.size > QUOTA:
            return
        await uow.pieces.remove(key, file.original, ours=True)
        one = FileInPieces(
            synchronization=key,
            ours=True,
            file=file.original,
            digest=Digest(""),
            total=file.size,
            begun=engine.system.now(),
            pair=pair,
        )
        await uow.pieces.begin(one)
        await uow.commit(lasting=False)
    try:
        digest = await _fetch(engine, half, one)
    except TrackerError:
        await _put_off(engine, one)
        raise
    async with engine.store.unit() as uow:
        await uow.pieces.begin(replace(one, digest=digest))
        await uow.problems.resolve(_unreadable(half, pair, file, None).identity)
        await uow.commit()


async def _put_off(engine: Engine, one: FileInPieces) -> None:
    """It is remembered when Jira was asked; what it did not give takes no room from others."""
    async with engine.store.unit() as uow:
        await uow.pieces.remove(one.synchronization, one.file, ours=True)
        await uow.pieces.begin(replace(one, total=0))
        await uow.commit(lasting=False)


async def _fetch(engine: Engine, half: HalfConfiguration, one: FileInPieces) -> Digest:
    """The digest of all bytes, which are stored. Raises TransientError where there are more or fewer than told."""
    hashed, offset, part = sha256(), 0, bytearray()
    async with engine.tracker(half).open_file(one.file, Lane.BULK) as source:
        async for data in source.pieces():
            hashed.update(data)
            part += data
            if offset + len(part) > one.total:
                break
            if len(part) >= _FETCHED_AT_ONCE:
                await _store(engine, one, offset, bytes(part))
                offset, part = offset + len(part), bytearray()
    if offset + len(part) != one.total:
        raise TransientError("the attachment has not the size that Jira told")
    await _store(engine, one, offset, bytes(part))
    return Digest(hashed.hexdigest())


async def _store(engine: Engine, one: FileInPieces, offset: int, data: bytes) -> None:
    async with engine.store.unit() as uow:
        await uow.pieces.write(one, offset, data)
        await uow.commit(lasting=False)


def _unreadable(half: HalfConfiguration, pair: PairUid, file: FileChange, error: AccessError | None) -> Problem:
    return Problem(
        code=Code.FILE_REFUSED,
        connector=half.connector,
        occurred_in=None,
        cause=f"an attachment can't be read to be sent: {error.cause}" if error is not None else "",
        remedy=error.remedy if error is not None else "",
        holds=Holds(pair=pair, thing=f"attachment {file.original} on its way"),
    )


def _present(contents: Sequence[Content]) -> list[FileChange]:
    gone = _gone(contents)
    return [file for file in _files(contents) if file.present and file.original not in gone]


def _gone(contents: Sequence[Content]) -> set[FileId]:
    return {file.original for file in _files(contents) if not file.present}


def _files(contents: Sequence[Content]) -> list[FileChange]:
    return [file for one in contents if not isinstance(one, IssueCreated) for file in one.changes.files]


def _parted(content: Content, digests: Mapping[FileId, Digest]) -> tuple[Content, Content | None]:
    if isinstance(content, IssueCreated) or not content.changes.files:
        return content, None
    files = content.changes.files
    known = tuple(
        replace(one, digest=digests[one.original]) if one.present and one.original in digests else one
        for one in files
        if not one.present or one.original in digests
    )
    left = tuple(one for one in files if one.present and one.original not in digests)
    now = replace(content, changes=replace(content.changes, files=known))
    return now, IssueChanged(issue=content.issue, changes=Changes(files=left)) if left else None


def _says(content: Content) -> bool:
    """Whether anything is left to be told."""
    return not isinstance(content, IssueChanged) or bool(content.changes)


# --- the partner's ----------------------------------------------------------------------------------------------------


async def take_piece(
    uow: UnitOfWork, half: HalfConfiguration, piece: Piece, now: Millis, *, quota: int = QUOTA
) -> Problem | None:
    """Store a piece in the caller's unit of work; the problem to report where it can't be used.

    It may come before or after the message that names its file, twice, and in any order.
    """
    if not half.files.receives:
        return _trouble(half, "attachments are not taken from the partner here", "direction")
    known = await uow.pieces.find(half.synchronization, piece.file, ours=False)
    if known is not None and known.complete:
        return None
    if (wrong := await _wrong(uow, half, piece, known, quota)) is not None:
        return wrong
    one = known if known is not None else _unnamed(half, piece, now)
    if known is None:
        await uow.pieces.begin(one)
    there = await uow.pieces.write(one, piece.offset, piece.data)
    if there < one.total:
        return None
    return await _completed(uow, half, one)


async def give_up(uow: UnitOfWork, now: Millis) -> None:
    """What did not come as a whole within 30 days, on any channel, is not waited for any more: its pair learns of it."""
    for gone in await uow.pieces.expire(Millis(now - KEPT)):
        one = await uow.synchronizations.get(gone.synchronization)
        if one is not None and gone.pair is not None and not gone.ours:
            for connector in one.connectors:
                await uow.turns.wake(ApplyTurn(connector=connector, pair=gone.pair))


async def _wrong(
    uow: UnitOfWork, half: HalfConfiguration, piece: Piece, known: FileInPieces | None, quota: int
) -> Problem | None:
    """What forbids to store the piece, asked before its first byte is."""
    largest = half.files.largest
    if piece.offset < 0 or piece.offset + len(piece.data) > piece.total:
        return _trouble(half, "a piece of an attachment does not lie within it", "pieces")
    if known is not None and (known.digest, known.total) != (piece.digest, piece.total):
        return _trouble(half, "pieces of one attachment are of different bytes", "pieces")
    if largest is not None and piece.total > largest:
        return _trouble(half, f"an attachment of the partner is larger than {largest} bytes", "size")
    if known is None or not known.there:
        begun = await uow.pieces.under_way(half.synchronization, ours=False)
        if sum(one.total for one in begun if one.there) + piece.total > quota:
            return _trouble(half, f"attachments of more than {quota} bytes are on their way", "quota")
    return None


def _unnamed(half: HalfConfiguration, piece: Piece, now: Millis) -> FileInPieces:
    return FileInPieces(
        synchronization=half.synchronization,
        ours=False,
        file=piece.file,
        digest=piece.digest,
        total=piece.total,
        begun=now,
    )


async def _completed(uow: UnitOfWork, half: HalfConfiguration, one: FileInPieces) -> Problem | None:
    """All bytes are there: they are used if they are the ones that were named."""
    if one.pair is not None:
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=one.pair))
    if await _digest(uow, one) == one.digest:
        return None
    await uow.pieces.remove(one.synchronization, one.file, ours=False)
    return _trouble(half, "an attachment came with other bytes than the partner named", "pieces")


async def _digest(uow: UnitOfWork, one: FileInPieces) -> str:
    hashed, offset = sha256(), 0
    while data := await uow.pieces.read(one, offset, _READ_AT_ONCE):
        hashed.update(data)
        offset += len(data)
    return hashed.hexdigest()


def _trouble(half: HalfConfiguration, cause: str, about: str) -> Problem:
    return Problem(
        code=Code.FILE_REFUSED,
        connector=half.connector,
        occurred_in=None,
        cause=cause,
        remedy="Agree with the partner on what attachments are exchanged, then let it resync.",
        holds=Holds(thing=f"attachments on their way: {about}"),
    )
