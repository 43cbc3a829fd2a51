"""An issue as it was read from Jira at one moment, in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backbone.core.model.keys import (
    CommentId,
    FieldId,
    FileId,
    IssueRef,
    Millis,
    ProjectId,
    TransitionId,
)
from backbone.core.model.values import Option, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in Jira: ``id`` is the account id on Cloud and the name on Data Center."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What we leave on things that we create, to know them again (rule 12).

    ``partner`` is the partner's id of the thing (issue or comment); ``attempt`` names one attempt to create it.
    """

    installation: str
    incarnation: str
    synchronization: str
    partner: str
    attempt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSnapshot:
    """One comment; ``restricted`` if it is not meant for everybody who sees the issue."""

    id: CommentId
    body: str
    author: Person | None
    created: Millis
    updated: Millis
    restricted: bool
    own: bool
    marker: Marker | None = None
    marker_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSnapshot:
    """One attachment. ``digest`` is the SHA-256 of its bytes in hexadecimal, known only where they passed us."""

    id: FileId
    name: str
    size: int
    mime: str
    author: Person | None
    created: Millis
    own: bool
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One field's change as Jira's history has it; ``before`` and ``after`` are absent where they can't be known."""

    entry: int
    field: FieldId
    at: Millis
    own: bool
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A transition that our account may perform now.

    ``required`` names the fields that its screen demands and that have no default, ``offered`` all of its screen;
    ``options`` are those to choose from.
    """

    id: TransitionId
    name: str
    to: Option
    required: frozenset[FieldId] = frozenset()
    offered: frozenset[FieldId] = frozenset()
    options: Mapping[FieldId, tuple[Option, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSnapshot:
    """An issue as read.

    A field that is missing in ``values`` was not part of the answer, which is not the same as empty (rule 21).
    ``comments`` and ``files`` are complete lists, or ``None`` where they were not asked for or could not be completed.
    ``history`` (oldest first) and ``transitions`` are ``None`` unless asked for.
    ``read_at`` is the server's clock when it answered.
    """

    ref: IssueRef
    project: ProjectId
    type: Option
    created: Millis
    updated: Millis
    read_at: Millis
    own: bool = False
    values: Mapping[FieldId, Value] = field(default_factory=dict)
    comments: tuple[CommentSnapshot, ...] | None = None
    files: tuple[FileSnapshot, ...] | None = None
    history: tuple[HistoryItem, ...] | None = None
    transitions: tuple[Transition, ...] | None = None
    marker: Marker | None = None
    marker_known: bool = False


def reached(issues: Sequence[IssueSnapshot]) -> Millis:
    """How far a page that is ordered by ``updated`` leads for certain: to the least instant of its last tenth.

    An issue that was edited a moment ago stands where the index knows it, but may show its newest instant; all that
    lies between would be passed over. 0 where nothing is on the page.
    """
    return min((one.updated for one in issues[-(1 + len(issues) // 10) :]), default=Millis(0))
