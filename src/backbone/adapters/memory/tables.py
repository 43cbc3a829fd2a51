"""What is committed, and what one unit of work makes of it before it commits.

A unit notes every change as an operation. It applies them to copies of the tables they concern, so that it sees its own
changes, and once more to the committed tables when it commits. Another unit's commit in between is therefore seen and
kept, as in PostgreSQL's read committed.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import (
    ConnectionName,
    ConnectorKey,
    FileId,
    IssueId,
    Millis,
    PairUid,
    Revision,
    SynchronizationKey,
)
from backbone.core.model.pair import Pair
from backbone.core.model.stamps import IssueStamps
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.access import AuditEntry
from backbone.ports.channels import FileInPieces, ReceivedParcel, RefusedParcel, SentParcel, StoredChannel
from backbone.ports.records import (
    ConnectorTurn,
    CreateAttempt,
    Cursor,
    InboxMessage,
    JournalEntry,
    Loser,
    OpenProblem,
    OutboxMessage,
    StoredConnection,
    Synchronization,
)

PairId = tuple[ConnectorKey, PairUid]
LocalIssue = tuple[ConnectionName, IssueId]
NumberedParcel = tuple[SynchronizationKey, Epoch, int]
TravellingFile = tuple[SynchronizationKey, bool, FileId]

NEVER = Millis(2**62)
"""An instant that does not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When an issue was marked as dirty for the first and for the last time since it was looked at."""

    first: Millis
    last: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Messages of one pair and direction that are not applied, by sequence; all up to ``applied`` are."""

    applied: int = 0
    messages: tuple[InboxMessage, ...] = ()


@dataclass(slots=True)
class Tables:
    """One dictionary a table; what they hold is immutable. Pairs are in the order of their birth."""

    pairs: dict[PairId, Pair] = field(default_factory=dict)
    pairs_of_issue: dict[tuple[ConnectorKey, IssueId], tuple[PairUid, ...]] = field(default_factory=dict)
    held: dict[PairId, Millis] = field(default_factory=dict)
    stamps: dict[LocalIssue, IssueStamps] = field(default_factory=dict)
    dirty: dict[tuple[ConnectorKey, IssueId], Mark] = field(default_factory=dict)
    attempts: dict[LocalIssue, None] = field(default_factory=dict)
    inbox: dict[PairId, Waiting] = field(default_factory=dict)
    outbox: dict[int, OutboxMessage] = field(default_factory=dict)
    channels: dict[SynchronizationKey, StoredChannel] = field(default_factory=dict)
    sent: dict[NumberedParcel, tuple[SentParcel, int]] = field(default_factory=dict)
    occurrences: dict[tuple[SynchronizationKey, Epoch, PairUid], int] = field(default_factory=dict)
    received: dict[NumberedParcel, ReceivedParcel] = field(default_factory=dict)
    refused: dict[tuple[SynchronizationKey, Digest], RefusedParcel] = field(default_factory=dict)
    travelling: dict[TravellingFile, FileInPieces] = field(default_factory=dict)
    octets: dict[TravellingFile, dict[int, bytes]] = field(default_factory=dict)
    queued: dict[ConnectorTurn, None] = field(default_factory=dict)
    jobs: dict[ConnectorTurn, float] = field(default_factory=dict)
    creations: dict[str, CreateAttempt] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    problems: dict[str, OpenProblem] = field(default_factory=dict)
    journal: dict[int, JournalEntry] = field(default_factory=dict)
    losers: dict[int, Loser] = field(default_factory=dict)
    removals: dict[int, tuple[ConnectorKey, Millis, int]] = field(default_factory=dict)
    hints: dict[LocalIssue, Millis] = field(default_factory=dict)
    synchronizations: dict[SynchronizationKey, Synchronization] = field(default_factory=dict)
    halves: dict[tuple[ConnectorKey, Revision], HalfConfiguration] = field(default_factory=dict)
    connections: dict[ConnectionName, StoredConnection] = field(default_factory=dict)
    audit: dict[int, AuditEntry] = field(default_factory=dict)


@dataclass(slots=True)
class Committed:
    """The committed tables. ``version`` counts commits, ``number`` the ids given out."""

    tables: Tables = field(default_factory=Tables)
    version: int = 0
    number: int = 0

    def next_id(self) -> int:
        """An id never given before; as in a database, a rollback does not give it back."""
        self.number += 1
        return self.number


Operation = Callable[[Tables], None]


class Session:
    """The changes of one unit of work."""

    def __init__(self, committed: Committed) -> None:
        self.committed = committed
        self._operations: list[tuple[Operation, tuple[str, ...]]] = []
        self._copied: set[str] = set()
        self._rebase()

    @property
    def view(self) -> Tables:
        """What is committed, with our own changes."""
        if self._version != self.committed.version and self._operations:
            self._rebase()
        return self._view

    def change(self, operation: Operation, *tables: str) -> None:
        """Apply an operation that changes these tables, now to our view and later to what is committed."""
        self._apply(operation, tables, self.view)
        self._operations.append((operation, tables))

    def commit(self) -> None:
        """Apply all operations to what is committed; nothing else runs meanwhile."""
        if self._operations:
            for operation, _ in self._operations:
                operation(self.committed.tables)
            self.committed.version += 1
        self.forget()

    def forget(self) -> None:
        self._operations.clear()
        self._rebase()

    def _rebase(self) -> None:
        self._version = self.committed.version
        self._view = copy(self.committed.tables)
        self._copied.clear()
        for operation, tables in self._operations:
            self._apply(operation, tables, self._view)

    def _apply(self, operation: Operation, tables: tuple[str, ...], view: Tables) -> None:
        for name in tables:
            if name not in self._copied:
                setattr(view, name, getattr(view, name).copy())
                self._copied.add(name)
        operation(view)
