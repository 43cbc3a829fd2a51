"""The port to what we remember: a unit of work over repositories, and locks with fences.

A unit of work is one transaction: state, messages and the jobs that carry them on become visible together or not at
all. Leaving it without :meth:`UnitOfWork.commit` rolls everything back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import (
    ConnectionName,
    ConnectorKey,
    IssueId,
    IssueKey,
    IssueRef,
    MappingId,
    Millis,
    PairUid,
    ProjectId,
    Revision,
    SynchronizationKey,
)
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Problem
from backbone.core.model.stamps import IssueStamps


class LockLost(Exception):
    """Somebody else holds the lock now: nothing of ours may be committed or written any more (rule 14)."""


class Fence(Protocol):
    """A held lock. Every commit under it names its epoch."""

    @property
    def name(self) -> str: ...

    @property
    def epoch(self) -> int: ...

    async def check(self) -> None:
        """Raise LockLost unless the lock is still ours; called right before every write to Jira."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronization:
    """Two connectors, a name, whether it is wanted to run, and the revision in force."""

    key: SynchronizationKey
    name: str
    description: str
    wanted_running: bool
    revision: Revision
    first: ConnectorKey
    second: ConnectorKey
    document: Mapping[str, object] = field(default_factory=dict)

    def partner_of(self, connector: ConnectorKey) -> ConnectorKey:
        return self.second if connector == self.first else self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConnection:
    """A Jira that connectors share. ``document`` is the declared connection: its secrets are references or sealed."""

    name: ConnectionName
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a look has come: the greatest ``updated`` seen, and the versions seen near it (rule 17).

    ``edge`` maps issue ids to the ``updated`` that was read two seconds or more after it.
    """

    watermark: Millis
    edge: Mapping[IssueId, Millis] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message that waits to be applied by ``connector``; ``sequence`` counts per pair and direction."""

    connector: ConnectorKey
    pair: PairUid
    sequence: int
    revision: Revision
    sent: Millis
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAttempt:
    """Issues that we asked Jira to create and whose outcome is not committed yet.

    ``started`` is by Jira's clock. ``doubted`` is when the outcome was first found to be unknown, by ours: the request
    may have been made long after the start, since calls wait for their budget. ``revision`` is that of the
    configuration by which their values were made (rule 10); None means the one in force.
    """

    id: str
    connector: ConnectorKey
    project: ProjectId
    highest: IssueKey | None
    started: Millis
    pairs: tuple[PairUid, ...]
    revision: Revision | None = None
    doubted: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTurn:
    """Somebody has to look after this pair: apply its messages, mirror its comments."""

    connector: ConnectorKey
    pair: PairUid


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTurn:
    """Somebody has to create the issues that wait in this connector."""

    connector: ConnectorKey


Turn = ApplyTurn | CreateTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """What was done to an issue and why; ``explain`` answers from these.

    ``what`` is an event name such as ``field-written``; ``before`` and ``after`` are shown values, shortened.
    """

    at: Millis
    connector: ConnectorKey
    pair: PairUid | None
    issue: IssueRef | None
    what: str
    mapping: MappingId | None = None
    rule: str = ""
    before: str = ""
    after: str = ""
    because: str = ""
    revision: Revision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loser:
    """A value that lost against a newer one; a person can see and restore it (rule 5)."""

    at: Millis
    connector: ConnectorKey
    pair: PairUid
    mapping: MappingId
    value: str
    winner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProblem:
    """A problem as it is stored: how often and when it was seen."""

    id: int
    problem: Problem
    first_seen: Millis
    last_seen: Millis
    count: int


class Pairs(Protocol):
    async def get(self, connector: ConnectorKey, uid: PairUid) -> Pair | None: ...

    async def find_by_issue(self, connector: ConnectorKey, issue: IssueId) -> Pair | None: ...

    async def find_by_issues(self, connector: ConnectorKey, issues: Sequence[IssueId]) -> Mapping[IssueId, Pair]: ...

    async def save(self, pair: Pair) -> None:
        """Insert or replace."""

    async def creating(self, connector: ConnectorKey, limit: int) -> Sequence[Pair]:
        """Pairs without a local issue that are in no open attempt and not held back, oldest first."""

    async def hold(self, connector: ConnectorKey, uid: PairUid, until: Millis | None) -> None:
        """Leave a creating pair out of :meth:`creating` until then (None: until released by a retry)."""

    async def count(self, connector: ConnectorKey) -> int: ...

    def all(self, connector: ConnectorKey) -> AsyncIterator[Pair]:
        """Every pair of the connector in the order of its birth, streamed."""


class Stamps(Protocol):
    async def get(self, connection: ConnectionName, issue: IssueId) -> IssueStamps:
        """What is known of the issue's fields; locked until the end of the transaction."""

    async def save(self, connection: ConnectionName, issue: IssueId, stamps: IssueStamps) -> None: ...


class Dirty(Protocol):
    """Issues that have to be looked at: written in the transaction of the watermark (rule 17)."""

    async def add(self, connector: ConnectorKey, issues: Sequence[IssueId], at: Millis) -> None: ...

    async def clear(self, connector: ConnectorKey, issue: IssueId, seen: Millis) -> None:
        """Looked at: removed unless it was marked again later than ``seen``."""

    async def take(self, connector: ConnectorKey, before: Millis, limit: int) -> Sequence[IssueId]:
        """Issues marked before then that no open attempt concerns, oldest first."""

    async def mark_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        """An attempt on the issue is open: nobody decides on it but who closes it."""

    async def close_attempt(self, connection: ConnectionName, issue: IssueId) -> None: ...

    async def has_attempt(self, connection: ConnectionName, issue: IssueId) -> bool: ...


class Inbox(Protocol):
    async def put(self, message: InboxMessage) -> bool:
        """Store a message unless its (connector, pair, sequence) is there already; False for a repeat."""

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        """Messages not yet applied, in order of their sequence."""

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None: ...

    async def waiting(self, connector: ConnectorKey) -> int:
        """How many messages are not applied yet."""

    async def oldest(self, connector: ConnectorKey) -> Millis | None:
        """When the oldest message that still waits was sent."""


class Turns(Protocol):
    """Whose turn it is: at most one queued job a pair, made in the same transaction as its cause."""

    async def wake(self, turn: Turn, *, after: float = 0.0) -> None:
        """Queue a turn unless one is queued already. ``after`` is a delay in seconds."""

    async def begun(self, turn: Turn) -> None:
        """The queued turn runs now: from here on a new cause queues another."""

    async def queued(self) -> int: ...


class Creations(Protocol):
    async def open(self, attempt: CreateAttempt) -> None: ...

    async def close(self, attempt_id: str) -> None: ...

    async def of_connector(self, connector: ConnectorKey) -> Sequence[CreateAttempt]: ...

    async def of_project(self, connection: ConnectionName, project: ProjectId) -> Sequence[CreateAttempt]: ...


class Cursors(Protocol):
    async def get(self, name: str) -> Cursor | None: ...

    async def save(self, name: str, cursor: Cursor) -> None: ...

    async def advance(self, name: str, known: Cursor, to: Cursor | None) -> bool:
        """Save or remove the cursor unless it is not the known one any more; whether it was."""

    async def remove(self, name: str) -> None: ...


class Problems(Protocol):
    async def report(self, problem: Problem, at: Millis) -> None:
        """Store a problem, or count it once more where the same one is open."""

    async def resolve(self, identity: str) -> None:
        """The cause is gone."""

    async def resolve_pair(self, connector: ConnectorKey, pair: PairUid) -> None: ...

    async def open(self, synchronization: SynchronizationKey | None = None) -> Sequence[OpenProblem]: ...


class Journal(Protocol):
    async def write(self, entries: Sequence[JournalEntry]) -> None: ...

    async def lose(self, losers: Sequence[Loser]) -> None: ...

    async def of_issue(self, issue_key_or_id: str) -> Sequence[JournalEntry]:
        """Oldest first; entries of both halves of the pair."""

    async def losers_of(self, connector: ConnectorKey, pair: PairUid) -> Sequence[Loser]: ...


class Removals(Protocol):
    """The mass-change guard's memory (rule 21)."""

    async def note(self, connector: ConnectorKey, at: Millis, count: int) -> None: ...

    async def since(self, connector: ConnectorKey, at: Millis) -> int: ...


class Synchronizations(Protocol):
    async def all(self) -> Sequence[Synchronization]: ...

    async def get(self, key: SynchronizationKey) -> Synchronization | None: ...

    async def by_name(self, name: str) -> Synchronization | None: ...

    async def next_number(self) -> int:
        """A number never used before, for keys."""

    async def save(self, one: Synchronization, halves: Sequence[HalfConfiguration]) -> None:
        """Insert or replace the synchronization, and keep the halves under their revision for ever."""

    async def half(self, connector: ConnectorKey, revision: Revision | None = None) -> HalfConfiguration:
        """The half in force, or the one of a revision."""

    async def running(self) -> Sequence[HalfConfiguration]:
        """The halves in force of all synchronizations that are wanted to run."""

    async def remove(self, key: SynchronizationKey) -> None: ...

    async def connections(self) -> Sequence[StoredConnection]: ...

    async def save_connection(self, connection: StoredConnection) -> None: ...


class UnitOfWork(Protocol):
    """One transaction."""

    @property
    def pairs(self) -> Pairs: ...
    @property
    def stamps(self) -> Stamps: ...
    @property
    def dirty(self) -> Dirty: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def creations(self) -> Creations: ...
    @property
    def cursors(self) -> Cursors: ...
    @property
    def problems(self) -> Problems: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def removals(self) -> Removals: ...
    @property
    def synchronizations(self) -> Synchronizations: ...

    async def commit(self, *fences: Fence, lasting: bool = True) -> None:
        """Make everything permanent. Raises LockLost, and commits nothing, if one of the fences is not ours.

        A commit that need not be ``lasting`` may be forgotten by a crash of the database, with all that came after it
        and nothing that came before. It is enough where the same would be found and done again: what must be known
        before something is written to a Jira has to last.
        """


class Store(Protocol):
    """Where units of work and locks come from."""

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def hold(self, name: str) -> AbstractAsyncContextManager[Fence | None]:
        """The lock of that name, or None at once if somebody holds it. Raises the epoch of the lock.

        Names: ``issue:CONNECTION:ID`` for everything that concerns a local issue, ``pair:CONNECTOR:UID`` while it has
        none, ``create:CONNECTOR``, ``look:CONNECTION``.
        """

    @property
    def installation(self) -> str:
        """Opaque text of this installation."""

    @property
    def original(self) -> bool:
        """Whether this database was never restored or cloned: what it does not know to have been done, was not."""

    @property
    def incarnation(self) -> str:
        """Changes when a database is restored or cloned (rule 24)."""
