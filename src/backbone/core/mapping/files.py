"""Attachments (original and copy): what to tell of them, and what to do about what was told.

Attachments never change; they come and go. A copy is known by author (us), name and size until its id is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backbone.core.mapping.discussion import PROOFS
from backbone.core.model.actions import AddFile, RemoveFile
from backbone.core.model.changes import FileChange
from backbone.core.model.configuration import FileRules
from backbone.core.model.keys import FileId, IssueId
from backbone.core.model.pair import FileLink, MirrorState, file_of_partner
from backbone.core.model.snapshot import FileSnapshot

Links = Mapping[FileId, FileLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDiff:
    """What a complete list of attachments has to tell."""

    links: Links
    changes: tuple[FileChange, ...] = ()
    look_again: bool = False


def diff_files(rules: FileRules, files: tuple[FileSnapshot, ...], links: Links) -> FilesDiff:
    """Compare the attachments of an issue with those told before; what our own account uploaded is never told."""
    if not rules.sends:
        return FilesDiff(links=links)
    told, changes, again = dict(links), [], False
    mirrors = {link.mirror for link in links.values()}
    for file in files:
        if (
            file.own
            or file.id in links
            or file.id in mirrors
            or (rules.largest is not None and file.size > rules.largest)
        ):
            continue
        told[file.id] = FileLink(original=file.id, ours=True, name=file.name, size=file.size)
        changes.append(FileChange(original=file.id, present=True, name=file.name, size=file.size, mime=file.mime))
    present = {file.id for file in files}
    for ident, link in links.items():
        if not link.ours or link.state is not MirrorState.LIVE:
            continue
        told[ident], change = _look_for(link, found=ident in present)
        changes += [change] if change else []
        again = again or bool(told[ident].missing)
    return FilesDiff(links=told, changes=tuple(changes), look_again=again)


def _look_for(link: FileLink, *, found: bool) -> tuple[FileLink, FileChange | None]:
    if found:
        return replace(link, missing=0), None
    if link.missing + 1 < PROOFS:
        return replace(link, missing=link.missing + 1), None
    change = FileChange(original=link.original, present=False, name=link.name, size=link.size, mime="")
    return replace(link, missing=0, state=MirrorState.REMOVED), change


def mirror_file(
    issue: IssueId, files: tuple[FileSnapshot, ...], change: FileChange, links: Links, *, begun: bool = False
) -> AddFile | RemoveFile | FileLink:
    """What to do about an attachment that the partner told of; a link alone means there is nothing to do.

    ``begun`` tells that it may have been uploaded by an attempt that was cut short.
    """
    link = links.get(file_of_partner(change.original))
    broken = link.mirror if link is not None and link.state is MirrorState.BROKEN else None
    if link is not None and (link.state is MirrorState.REMOVED or (change.present and broken is None)):
        return link
    if not change.present:
        mirror = link.mirror if link is not None else _unnoted(files, change, links) if begun else None
        if mirror is None or mirror not in {file.id for file in files}:
            return _copy(change, None)
        return RemoveFile(issue=issue, original=change.original, mirror=mirror)
    if (unnoted := _unnoted(files, change, links)) is not None:
        return _copy(change, unnoted)
    return AddFile(
        issue=issue, original=change.original, name=change.name, size=change.size, mime=change.mime, broken=broken
    )


def _unnoted(files: tuple[FileSnapshot, ...], change: FileChange, links: Links) -> FileId | None:
    """A copy that is there without a link: we died before we noted it, or the memory of it is lost."""
    taken = {one.mirror for one in links.values()}
    alike = (one for one in files if one.own and (one.name, one.size) == (change.name, change.size))
    return next((one.id for one in alike if one.id not in taken), None)


def _copy(change: FileChange, mirror: FileId | None) -> FileLink:
    return copied(change, mirror, None)


def copied(change: FileChange, mirror: FileId | None, digest: str | None) -> FileLink:
    """The memory of a copy after it was uploaded or removed."""
    return FileLink(
        original=change.original,
        ours=False,
        name=change.name,
        size=change.size,
        mirror=mirror,
        digest=digest,
        state=MirrorState.LIVE if change.present else MirrorState.REMOVED,
    )
