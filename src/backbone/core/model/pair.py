"""The memory of one half of a pair of issues: what was agreed, what was mirrored, what is under way.

It is one aggregate: loaded, decided on and saved as a whole, under the lock of its local issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.changes import CommentChange, FileChange
from backbone.core.model.keys import (
    CommentId,
    ConnectorKey,
    FileId,
    IssueRef,
    MappingId,
    Millis,
    PairUid,
)
from backbone.core.model.stamps import ElementStamp, Stamp
from backbone.core.model.values import Fingerprint, Shared


class BaselineState(StrEnum):
    """How far a value is agreed (rule 6): unknown never sends, observed is only ours, agreed is known to both."""

    UNKNOWN = "unknown"
    OBSERVED = "observed"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was last agreed of one mapping.

    ``local`` and ``shared`` are fingerprints of the local value and of what it shares to; for an observed baseline
    ``local`` may be absent until the first look. ``stamp`` is the newest one that the partner knows. Multi-values use
    ``members`` (local ids at the last look and what they shared to) and ``elements`` (what the partner knows of each shared element).
    ``at`` is the issue's ``updated`` when ``local`` was taken: only later history speaks of an edit (rule 9).
    ``floor`` is the stamp of the newest resync of a multi-value: elements of which nothing newer is known are absent;
    of a single value it is that of what was told with a new issue and could not be given to it: edits came after it.
    """

    state: BaselineState = BaselineState.UNKNOWN
    local: Fingerprint | None = None
    shared: Fingerprint | None = None
    stamp: Stamp | None = None
    members: Mapping[str, str] | None = None
    elements: Mapping[str, ElementStamp] = field(default_factory=dict)
    at: Millis | None = None
    floor: Stamp | None = None


NOTHING_AGREED = Baseline()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An incoming value that could not be written; kept with its stamp until it can be or a newer one comes.

    ``element`` and ``present`` are used for multi-values, ``value`` for single ones. ``owed`` marks an edit of a user
    that we wrote over and that is newer (rule 15): it is written back without being asked for.
    """

    value: Shared
    stamp: Stamp
    element: str | None = None
    present: bool = True
    owed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentWrite:
    """A value that we wrote a moment ago, by which an oscillation is noticed (rule 16)."""

    at: Millis
    value: Fingerprint


class MirrorState(StrEnum):
    """Life of a comment or attachment that exists on both sides; of a broken attachment only a part was stored."""

    LIVE = "live"
    REMOVED = "removed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLink:
    """A comment and its mirror.

    ``original`` is the id on the side where a person wrote it. ``ours`` tells that this is our side. On the other
    side ``mirror`` is the id of the copy. ``body`` is the fingerprint of the text last sent or written, ``version``
    its version. ``missing`` counts looks in which the original was not there (rule 21: twice is proof).
    """

    original: CommentId
    ours: bool
    version: int
    body: Fingerprint
    mirror: CommentId | None = None
    state: MirrorState = MirrorState.LIVE
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """An attachment and its mirror; ``digest`` is the SHA-256 of its bytes, known once they were copied."""

    original: FileId
    ours: bool
    name: str
    size: int
    mirror: FileId | None = None
    digest: str | None = None
    state: MirrorState = MirrorState.LIVE
    missing: int = 0


def comment_of_partner(original: CommentId) -> CommentId:
    """The key of the link to a comment that the partner has the original of: its ids may equal ours."""
    return CommentId(f"@{original}")


def file_of_partner(original: FileId) -> FileId:
    """The same for an attachment."""
    return FileId(f"@{original}")


class PairState(StrEnum):
    """Where a half stands: waiting for its issue to be created, linked, or ended for one of three reasons.

    ``HALF`` lacks the partner's half: it was deleted, or only this one was imported. ``MATCHING`` is paired by a person
    and not compared yet. ``BURIED`` was deleted by a person: the issue is not created anew on the other side.
    """

    CREATING = "creating"
    LINKED = "linked"
    IGNORED = "ignored"
    DELETED = "deleted"
    MOVED = "moved"
    INVISIBLE = "invisible"
    HALF = "half"
    MATCHING = "matching"
    BURIED = "buried"


SILENT = frozenset({PairState.IGNORED, PairState.HALF, PairState.BURIED})
"""States in which nothing is told of the issue and nothing is written to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncInformation:
    """Cursors of a pair's half, as the public interface shows them; instants in milliseconds."""

    first_sync_date: Millis | None = None
    last_outgoing_change: Millis | None = None
    last_change_seen: Millis | None = None
    outgoing_message_sequence_id: int = 0
    last_incoming_change: Millis | None = None
    incoming_message_sequence_id: int = 0
    incoming_changes_ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One half of a pair, from the point of view of its connector.

    ``local`` is absent until our issue was created, ``remote`` until we heard of the partner's. ``written`` is the
    server's clock at our last write (rule 18). ``born_here`` tells that our side had the issue first.
    ``held_comments`` and ``held_files`` are what the partner told of and Jira refused; they are kept to be retried.
    ``unshown`` tells that Jira refused the partner's key in the correlation field.
    """

    uid: PairUid
    connector: ConnectorKey
    state: PairState
    born_here: bool
    local: IssueRef | None = None
    remote: IssueRef | None = None
    info: SyncInformation = field(default_factory=SyncInformation)
    baselines: Mapping[MappingId, Baseline] = field(default_factory=dict)
    parked: Mapping[MappingId, tuple[Parked, ...]] = field(default_factory=dict)
    comments: Mapping[CommentId, CommentLink] = field(default_factory=dict)
    files: Mapping[FileId, FileLink] = field(default_factory=dict)
    written: Millis | None = None
    held_comments: Mapping[CommentId, CommentChange] = field(default_factory=dict)
    held_files: Mapping[FileId, FileChange] = field(default_factory=dict)
    recent: Mapping[MappingId, tuple[RecentWrite, ...]] = field(default_factory=dict)
    unshown: bool = False

    def agreed_of(self, mapping: MappingId) -> Baseline:
        """What is agreed of a mapping, which may be nothing yet."""
        return self.baselines.get(mapping, NOTHING_AGREED)
