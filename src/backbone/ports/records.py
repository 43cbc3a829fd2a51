"""What we remember, as the repositories give and take it: values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType, assert_never

from backbone.core.model.changes import Content
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
    ProjectKey,
    Revision,
    Role,
    SynchronizationKey,
)
from backbone.core.model.problems import Problem
from backbone.core.model.values import Shared

_UNKNOWN = Millis(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who did something, when, and why: ``by`` is what documents show; the program itself signs as ``backbone``."""

    by: str = "backbone"
    at: Millis = _UNKNOWN
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProject:
    """A project as it was called when last seen; ``former`` are keys that it had, which stay valid for callers."""

    id: ProjectId
    key: ProjectKey
    name: str
    former: tuple[ProjectKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronization:
    """Two connectors, a name, whether it is wanted to run, and the revision in force.

    ``here`` is the half that is ours where the other one is the partner's, behind firewalls: of that one the key is all
    there is. ``document`` is its part of the configuration file. ``projects`` are those of ``connectors``, absent where
    they were not looked up yet. ``modified`` is the last change of anything, ``published`` that of the configuration.
    """

    key: SynchronizationKey
    name: str
    description: str
    wanted_running: bool
    revision: Revision
    first: ConnectorKey
    second: ConnectorKey
    document: Mapping[str, object] = field(default_factory=dict)
    projects: tuple[KnownProject, ...] = ()
    created: Signed = field(default_factory=Signed)
    modified: Signed = field(default_factory=Signed)
    published: Signed = field(default_factory=Signed)
    here: Role | None = None

    @property
    def connectors(self) -> tuple[ConnectorKey, ...]:
        """Those that are ours, the first one first."""
        match self.here:
            case None:
                return (self.first, self.second)
            case Role.FIRST:
                return (self.first,)
            case Role.SECOND:
                return (self.second,)
            case _:
                assert_never(self.here)

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
class OutboxMessage:
    """A message that waits to be put into a parcel; it has no number on the way before it is sealed."""

    synchronization: SynchronizationKey
    pair: PairUid
    revision: Revision
    sent: Millis
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAttempt:
    """Issues that we asked Jira to create and whose outcome is not committed yet.

    ``started`` is by Jira's clock. ``doubted`` is when the outcome was first found to be unknown, by ours: the request
    may have been made long after the start, since calls wait for their budget. ``revision`` is that of the
    configuration by which their values were made (rule 10); None means the one in force. ``told`` is the sequence of
    the last message that the values of each pair's issue contain: what came later is still to be applied.
    """

    id: str
    connector: ConnectorKey
    project: ProjectId
    highest: IssueKey | None
    started: Millis
    pairs: tuple[PairUid, ...]
    revision: Revision | None = None
    doubted: Millis | None = None
    told: Mapping[PairUid, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTurn:
    """Somebody has to look after this pair: apply its messages, mirror its comments."""

    connector: ConnectorKey
    pair: PairUid


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTurn:
    """Somebody has to create the issues that wait in this connector."""

    connector: ConnectorKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyManyTurn:
    """Somebody has to look after these pairs, which have something to do at the same time: one job for all of them.

    ``noting`` tells that no call is expected: the partner created its issues, and that is all there is to note.
    """

    connector: ConnectorKey
    pairs: tuple[PairUid, ...]
    noting: bool = False


TaskId = NewType("TaskId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTurn:
    """Somebody has to go on with an asynchronous task."""

    task: TaskId


ConnectorTurn = ApplyTurn | ApplyManyTurn | CreateTurn
"""What the engine does by itself."""

Turn = ConnectorTurn | TaskTurn


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
    """A value that lost against a newer one; a person can see and restore it (rule 5).

    ``value`` is shown and may be shortened; ``shared`` is all of it, absent where the partner has no counterpart.
    """

    at: Millis
    connector: ConnectorKey
    pair: PairUid
    mapping: MappingId
    value: str
    winner: str
    shared: Shared | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProblem:
    """A problem as it is stored: how often and when it was seen."""

    id: int
    problem: Problem
    first_seen: Millis
    last_seen: Millis
    count: int
