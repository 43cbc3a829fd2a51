"""The port to what we remember: a unit of work over repositories, and locks with fences.

A unit of work is one transaction: state, messages and the jobs that carry them on become visible together or not at
all. Leaving it without :meth:`UnitOfWork.commit` rolls everything back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import (
    ConnectionName,
    ConnectorKey,
    IssueId,
    IssueRef,
    Millis,
    PairUid,
    ProjectId,
    Revision,
    SynchronizationKey,
)
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Problem
from backbone.core.model.stamps import IssueStamps
from backbone.ports.access import Audit
from backbone.ports.channels import Channels, Outbox, Pieces, ReceivedParcels, SentParcels
from backbone.ports.hints import Hints
from backbone.ports.records import (
    CreateAttempt,
    Cursor,
    InboxMessage,
    JournalEntry,
    KnownProject,
    Loser,
    OpenProblem,
    StoredConnection,
    Synchronization,
    Turn,
)


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


class Pairs(Protocol):
    async def get(self, connector: ConnectorKey, uid: PairUid) -> Pair | None: ...

    async def get_all(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, Pair]: ...

    async def local_of(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, IssueRef | None]:
        """The local issues of those pairs that there are."""

    async def find_by_issue(self, connector: ConnectorKey, issue: IssueId) -> Pair | None: ...

    async def find_by_issues(self, connector: ConnectorKey, issues: Sequence[IssueId]) -> Mapping[IssueId, Pair]: ...

    async def save(self, pair: Pair) -> None:
        """Insert or replace."""

    async def save_all(self, pairs: Sequence[Pair]) -> None:
        """The same for many at once, each named once; new ones are born in the order given."""

    async def creating(self, connector: ConnectorKey, limit: int) -> Sequence[Pair]:
        """Pairs without a local issue that are in no open attempt and not held back, oldest first."""

    async def hold(self, connector: ConnectorKey, uid: PairUid, until: Millis | None) -> None:
        """Leave a creating pair out of :meth:`creating` until then (None: until released by a retry)."""

    async def count(self, connector: ConnectorKey) -> int: ...

    def all(self, connector: ConnectorKey) -> AsyncIterator[Pair]:
        """Every pair of the connector but for buried ones, in the order of its birth, streamed."""


class Stamps(Protocol):
    async def get(self, connection: ConnectionName, issue: IssueId) -> IssueStamps:
        """What is known of the issue's fields; locked until the end of the transaction."""

    async def get_all(self, connection: ConnectionName, issues: Sequence[IssueId]) -> Mapping[IssueId, IssueStamps]:
        """The same of many issues, for whoever holds the locks of these issues; of every one something is known."""

    async def save(self, connection: ConnectionName, issue: IssueId, stamps: IssueStamps) -> None: ...

    async def save_all(self, connection: ConnectionName, stamps: Mapping[IssueId, IssueStamps]) -> None: ...


class Dirty(Protocol):
    """Issues that have to be looked at: written in the transaction of the watermark (rule 17)."""

    async def add(self, connector: ConnectorKey, issues: Sequence[IssueId], at: Millis) -> None: ...

    async def clear(self, connector: ConnectorKey, issue: IssueId, seen: Millis) -> None:
        """Looked at: removed unless it was marked again later than ``seen``."""

    async def clear_all(self, connector: ConnectorKey, seen: Mapping[IssueId, Millis]) -> None:
        """The same for many issues at once."""

    async def take(self, connector: ConnectorKey, before: Millis, limit: int) -> Sequence[IssueId]:
        """Issues marked before then that no open attempt concerns, oldest first."""

    async def mark_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        """An attempt on the issue is open: nobody decides on it but who closes it."""

    async def mark_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None: ...

    async def close_attempt(self, connection: ConnectionName, issue: IssueId) -> None: ...

    async def close_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None: ...

    async def has_attempt(self, connection: ConnectionName, issue: IssueId) -> bool: ...

    async def with_attempt(self, connection: ConnectionName, issues: Sequence[IssueId]) -> frozenset[IssueId]:
        """Those of the issues on which an attempt is open."""


class Inbox(Protocol):
    async def put(self, message: InboxMessage) -> bool:
        """Store a message unless its (connector, pair, sequence) is there already; False for a repeat."""

    async def put_all(self, messages: Sequence[InboxMessage]) -> None:
        """Store those of the messages that are not there already; all are for one connector."""

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        """Messages not yet applied, in order of their sequence."""

    async def pending_of(
        self, connector: ConnectorKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[InboxMessage]]:
        """The same of many pairs; those for which nothing waits are left out."""

    async def last_of(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        """The greatest sequence known of each pair, applied or not; pairs without a message are left out."""

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None: ...

    async def done_all(self, connector: ConnectorKey, up_to: Mapping[PairUid, int]) -> None: ...

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

    async def due_since(self, connector: ConnectorKey) -> Millis | None:
        """Since when the oldest turn of the connector is due that nobody has begun."""

    async def many_due(self, connector: ConnectorKey) -> int:
        """How many turns of many of its pairs are due that nobody has begun, and that others could begin meanwhile."""


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

    async def resolve_pairs(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> None:
        """The same as :meth:`resolve_pair` for many pairs."""

    async def resolve_pair(self, connector: ConnectorKey, pair: PairUid) -> None:
        """What held back the pair is over; problems that are ``LASTING`` stay."""

    async def find(self, identity: str) -> OpenProblem | None: ...

    async def numbered(self, number: int) -> OpenProblem | None: ...

    async def of_code(self, code: Code) -> Sequence[OpenProblem]: ...

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

    async def lock(self, key: SynchronizationKey) -> Synchronization | None:
        """The same, and nobody else changes it before the end of the transaction."""

    async def by_name(self, name: str) -> Synchronization | None: ...

    async def hold_new(self) -> None:
        """Once this returns, nobody else who calls it makes a synchronization before the end of the transaction.

        Whoever makes one calls it before looking whether there is one already, and before locking any.
        """

    async def next_number(self) -> int:
        """A number never used before, for keys."""

    async def save(self, one: Synchronization, halves: Sequence[HalfConfiguration]) -> None:
        """Insert or replace the synchronization, and keep the halves under their revision for ever."""

    async def save_projects(self, key: SynchronizationKey, projects: Sequence[KnownProject]) -> None:
        """How its projects are called now, the first one's first. Nothing else of it changes."""

    async def half(self, connector: ConnectorKey, revision: Revision | None = None) -> HalfConfiguration:
        """The half in force, or the one of a revision."""

    async def running(self) -> Sequence[HalfConfiguration]:
        """The halves in force of all synchronizations that are wanted to run."""

    async def remove(self, key: SynchronizationKey) -> None: ...

    async def connections(self) -> Sequence[StoredConnection]: ...

    async def save_connection(self, connection: StoredConnection) -> None: ...

    async def remove_connection(self, name: ConnectionName) -> None: ...

    async def reconnect(self, connectors: Sequence[ConnectorKey], connection: ConnectionName) -> None:
        """From now on these connectors reach their Jira by another connection, in every revision."""


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
    def outbox(self) -> Outbox: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def sent(self) -> SentParcels: ...
    @property
    def received(self) -> ReceivedParcels: ...
    @property
    def pieces(self) -> Pieces: ...
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
    def hints(self) -> Hints: ...
    @property
    def synchronizations(self) -> Synchronizations: ...
    @property
    def audit(self) -> Audit: ...

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
        none, ``create:CONNECTOR``, ``look:CONNECTION``, ``channel:SYNCHRONIZATION``.
        """

    def hold_all(self, names: Sequence[str]) -> AbstractAsyncContextManager[Mapping[str, Fence]]:
        """Those of the locks that nobody holds, each with its epoch raised; the others are left out at once."""

    @property
    def installation(self) -> str:
        """Opaque text of this installation."""

    @property
    def original(self) -> bool:
        """Whether this database was never restored or cloned: what it does not know to have been done, was not."""

    @property
    def incarnation(self) -> str:
        """Changes when a database is restored or cloned (rule 24)."""
