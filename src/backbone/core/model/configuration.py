"""What one half of a synchronization exchanges: an immutable document with a revision, names resolved to ids.

The configuration file names fields, options and statuses; resolving them against Jira's metadata gives one
``HalfConfiguration`` a connector. The alias of a mapping is the name under which a value travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.keys import (
    STATUS,
    ConnectionName,
    ConnectorKey,
    FieldId,
    MappingId,
    Millis,
    ProjectId,
    Revision,
    Role,
    SynchronizationKey,
    TypeId,
    jira_of,
)
from backbone.core.model.values import FieldKind, Option


class StartPolicy(StrEnum):
    """Whose value counts when two paired issues differ and nothing was agreed yet (rule 6)."""

    FIRST = "first"
    SECOND = "second"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTable:
    """Which options correspond: several local ones may share to one alias, one is adopted for each alias.

    Keys of ``to_alias`` are local option ids. What is not listed is not shared and competes with nothing (rule 8).
    """

    to_alias: Mapping[str, str]
    from_alias: Mapping[str, Option]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """One local field, the alias it travels under, and what may travel which way.

    Without a ``table`` options correspond by name, as ``options`` lists them for the receiving side.
    ``types`` limits the mapping to issues of these local types; ``None`` means all.
    """

    id: MappingId
    field: FieldId
    name: str
    alias: str
    kind: FieldKind
    sends: bool
    receives: bool
    table: ValueTable | None = None
    options: Mapping[str, Option] | None = None
    children: Mapping[str, Mapping[str, Option]] | None = None
    types: frozenset[TypeId] | None = None
    start: StartPolicy = StartPolicy.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeMapping:
    """A local issue type and its alias."""

    local: Option
    alias: str
    sends: bool
    receives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRules:
    """Which way comments travel, and how a mirror names its original's author.

    ``template`` knows ``{author}``, ``{created}`` and ``{body}``. ``authors`` are the aliases of ours by display name or
    account id; all others are called by ``anonymous``, or by their own names where that is absent.
    """

    sends: bool = False
    receives: bool = False
    template: str = "{author} wrote on {created}:\n{body}"
    authors: Mapping[str, str] = field(default_factory=dict)
    anonymous: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """Which way attachments travel; bigger files than ``largest`` (bytes) stay at home."""

    sends: bool = False
    receives: bool = False
    largest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAll:
    """Every issue that the configuration selects is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartNew:
    """Only issues created after ``since`` (the moment of the first start) are sent."""

    since: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSince:
    """Issues created or changed at or after ``since`` are sent."""

    since: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class StartJql:
    """Existing issues are sent where they match; new ones as usual."""

    jql: str
    since: Millis


StartWith = StartAll | StartNew | StartSince | StartJql


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfConfiguration:
    """All that one connector needs to decide; nothing that is not named here leaves (rule 23).

    ``renders`` tells that this Jira makes texts anew at every write, as Cloud does (rule 9). ``screen_fields`` are texts
    or names of options for fields that the screens of transitions offer.
    """

    synchronization: SynchronizationKey
    connector: ConnectorKey
    connection: ConnectionName
    role: Role
    origin: str
    revision: Revision
    project: ProjectId
    jql: str = ""
    start_with: StartWith = field(default_factory=StartAll)
    types: tuple[TypeMapping, ...] = ()
    fields: tuple[FieldMapping, ...] = ()
    comments: CommentRules = field(default_factory=CommentRules)
    files: FileRules = field(default_factory=FileRules)
    correlation_field: FieldId | None = None
    screen_fields: Mapping[FieldId, str] = field(default_factory=dict)
    renders: bool = False

    def sent_type(self, local: Option) -> TypeMapping | None:
        return next((one for one in self.types if one.local == local and one.sends), None)

    def received_type(self, alias: str) -> TypeMapping | None:
        return next((one for one in self.types if one.alias == alias and one.receives), None)

    def mappings_for(self, issue_type: Option) -> tuple[FieldMapping, ...]:
        return tuple(one for one in self.fields if one.types is None or issue_type.id in one.types)

    @property
    def jira(self) -> ConnectionName:
        """Whose issues these are: halves with the same one share locks, stamps and attempts of an issue."""
        return jira_of(self.connection)

    @property
    def transitions(self) -> bool:
        """Whether this half may change the status of issues."""
        return any(one.field == STATUS and one.receives for one in self.fields)
