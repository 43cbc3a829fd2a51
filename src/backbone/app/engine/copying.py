"""The partner's attachment as it is copied: where its bytes come from, and what an upload left that nobody noted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256

from backbone.app.engine.beside import pairs_of
from backbone.app.engine.context import Engine
from backbone.app.engine.handing import partner_half
from backbone.app.engine.plans import Work
from backbone.app.engine.travelled import travelled
from backbone.core.model.actions import AddFile
from backbone.core.model.changes import Changes
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import FileId
from backbone.core.model.snapshot import FileSnapshot
from backbone.core.sync.attempts import adding_file
from backbone.core.sync.outgoing import Look
from backbone.ports.tracker import AccessError, FileSource, Lane, Refusal, TransientError


@asynccontextmanager
async def opened(engine: Engine, half: HalfConfiguration, original: FileId) -> AsyncIterator[FileSource | Refusal]:
    """The bytes, from the partner's Jira or from the pieces that came; they are never held as a whole."""
    async with engine.store.unit() as uow:
        partner = await partner_half(uow, half)
    if partner is None:
        yield await travelled(engine, half, original)
        return
    async with engine.tracker(partner).open_file(original, Lane.LIVE) as source:
        yield source


async def left_in_part(engine: Engine, work: Work, action: AddFile) -> FileId | None:
    """A part of the attachment that an upload left when we died before we noted it.

    It goes before the whole comes, so it must be proved that it is nobody else's: our account made it under this name
    after the upload had begun, no synchronization has it as a copy, and the whole begins with all of its bytes.
    Without such proof it stays.
    """
    found = _like(work, action, ahead=engine.tracker(work.look.half).skew)
    copies = await _copies(engine, work.look) if found else frozenset()
    copies |= {link.mirror for link in work.plan.pair.files.values()}
    for one in found:
        try:
            if one.id not in copies and await _begins(engine, work.look.half, action.original, one):
                return one.id
        except (TransientError, AccessError):
            continue
    return None


_ROUNDED = 2_000
"""Milliseconds by which the clock of a Jira may seem to be behind: its answers and its issues tell whole seconds."""


def _like(work: Work, action: AddFile, *, ahead: int) -> list[FileSnapshot]:
    begun = work.attempt.adding.get(adding_file(action.original))
    if begun is None:
        return []
    since = begun + ahead - _ROUNDED
    files = [one for one in work.look.snapshot.files or () if one.own and one.name == action.name]
    return [one for one in files if one.size < action.size and one.created >= since]


async def without_foreign_copies(engine: Engine, look: Look, changes: Changes) -> Look:
    """The issue without attachments of ours that could be taken for copies of what the partner told, and are not.

    That are copies for other pairs of the issue, and what is older than the upload of an attachment that is to go.
    """
    told = {(one.name, one.size) for one in changes.files}
    known = {link.mirror for link in look.pair.files.values()}
    files = look.snapshot.files or ()
    alike = [one for one in files if one.own and one.id not in known and (one.name, one.size) in told]
    if not alike:
        return look
    foreign = await _copies(engine, look) | _older(look, alike, changes, ahead=engine.tracker(look.half).skew)
    return replace(look, snapshot=replace(look.snapshot, files=tuple(one for one in files if one.id not in foreign)))


def _older(look: Look, alike: Sequence[FileSnapshot], changes: Changes, *, ahead: int) -> frozenset[FileId]:
    adding = look.stamps.attempt_of(look.pair.uid).adding
    since = {(one.name, one.size): adding.get(adding_file(one.original)) for one in changes.files if not one.present}
    begun = [(one, since.get((one.name, one.size))) for one in alike]
    return frozenset(one.id for one, at in begun if at is not None and one.created < at + ahead - _ROUNDED)


async def _copies(engine: Engine, look: Look) -> frozenset[FileId | None]:
    """The copies at this issue that other pairs of it know."""
    async with engine.store.unit() as uow:
        pairs = await pairs_of(uow, look.half, look.snapshot.ref.id)
    others = [one.pair for one in pairs if one.pair.uid != look.pair.uid]
    return frozenset(link.mirror for pair in others for link in pair.files.values() if link.mirror is not None)


async def _begins(engine: Engine, half: HalfConfiguration, original: FileId, part: FileSnapshot) -> bool:
    """Whether the whole begins with the part. One is read after the other: who waits holds no place for a download."""
    async with engine.tracker(half).open_file(part.id, Lane.LIVE) as stored:
        digest = await _digest(stored, part.size)
    async with opened(engine, half, original) as whole:
        return not isinstance(whole, Refusal) and await _digest(whole, part.size) == digest


async def _digest(source: FileSource, size: int) -> str:
    """The SHA-256 of the first bytes. All are read, since only who reads to the end hears that some did not come."""
    digest, left = sha256(), size
    async for piece in source.pieces():
        digest.update(piece[:left])
        left = max(0, left - len(piece))
    return digest.hexdigest()
