"""Projects and what hangs on them: issue types, screens, priorities, permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType:
    """``hierarchy_level`` is -1 for sub-tasks, 0 for standard types, 1 for epics."""

    id: str
    name: str
    description: str = ""
    subtask: bool = False
    hierarchy_level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """A level of urgency of the instance."""

    id: str
    name: str
    description: str = ""
    color: str = "#ffab00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How an issue was finished."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens:
    """Field ids a person may set when creating and when editing, and those that may not be empty."""

    create: tuple[str, ...]
    edit: tuple[str, ...]
    required: frozenset[str] = frozenset({"summary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; mappings are keyed by issue type id. ``kind`` is its ``projectTypeKey``.

    ``grants`` says who holds a permission: ``user:KEY``, ``group:NAME``, ``reporter``,
    ``assignee``, ``lead``, ``logged-in`` or ``anyone``. A permission without an entry is
    held by everybody who is logged in.
    """

    id: str
    key: str
    name: str
    lead: str
    kind: str = "software"
    description: str = ""
    type_ids: tuple[str, ...]
    workflows: Mapping[str, str]
    screens: Mapping[str, Screens]
    priority_ids: tuple[str, ...]
    default_priority: str
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    former_keys: tuple[str, ...] = ()
    archived: bool = False
