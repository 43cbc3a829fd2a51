"""What the query language needs to know of a Jira, as Protocols that the simulator's state fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | float | date | datetime | Sequence[str] | None
"""A field's value: text, number, date, aware datetime, or strings (ids, labels, texts); None or () is EMPTY."""


class FieldKind(StrEnum):
    """What a field holds; decides which operators and operands it takes.

    The value an issue returns for each: ISSUE an issue id (int); OPTION one id or several ids of its
    catalogue (cascading select: parent's and child's id); LABELS texts; TEXT one text; TEXTS several
    texts; EXACT_TEXT one text compared as a whole; INSTANT an aware datetime; DAY a date; NUMBER an
    int or float; USER one account or several; PRESENCE anything of which only emptiness can be asked.
    """

    ISSUE = "issue"
    OPTION = "option"
    ORDERED_OPTION = "ordered option"
    LABELS = "labels"
    TEXT = "text"
    TEXTS = "texts"
    ALL_TEXT = "all text"
    EXACT_TEXT = "exact text"
    INSTANT = "instant"
    DAY = "day"
    NUMBER = "number"
    USER = "user"
    PRESENCE = "presence"
    UNSEARCHABLE = "unsearchable"


class PropertyKind(StrEnum):
    """As what an app indexes a value inside an entity property."""

    NUMBER = "number"
    STRING = "string"
    TEXT = "text"
    DATE = "date"


class MissingIssues(StrEnum):
    """What an id or key does that no visible issue has."""

    REFUSE = "refuse"
    IGNORE = "ignore"


MISSING_ISSUES_DEFAULT = MissingIssues.REFUSE
"""Jira answers 400 for a numeric id too: "A value with ID '1' does not exist for the field 'id'."

Seen by two independent clients that had to work around it: Apache Camel's camel-jira
(NewIssuesConsumer, "the last issue may be deleted") and salsaflow (listStoriesById, which repeats its
search without the ids named in the messages). So ``id in (…)`` with one deleted, moved-away or
invisible issue fails as a whole; whoever asks must ask again without it. Set IGNORE to rehearse a
Jira that merely finds nothing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A field that can be searched: its id, as in REST, its display name and what it holds.

    ``catalogue`` names the set of values of an OPTION field (``status``, ``customfield_10001`` …).
    """

    id: str
    name: str
    kind: FieldKind
    catalogue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedValue:
    """A member of a catalogue. ``rank`` orders it: the greater comes later in ``ORDER BY … ASC``.

    For priorities the most important one has the greatest rank, as ``priority > Low`` finds High.
    """

    id: str
    name: str
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReference:
    """An issue that exists and that the searching account may see, under its present key."""

    id: int
    key: str


class IssueView(Protocol):
    """An issue as the index knows it."""

    @property
    def id(self) -> int: ...

    @property
    def key(self) -> str: ...

    def value(self, field_id: str) -> Value:
        """The value of a field by its id: ``status``, ``duedate``, ``comment``, ``customfield_10001`` and so on."""
        ...

    def property_value(self, key: str) -> object:
        """The JSON value of an entity property, None where it has none."""
        ...


class JqlWorld(Protocol):
    """The names that exist, as the searching account may know them."""

    def custom_fields(self) -> Sequence[FieldInfo]:
        """All custom fields the account can see; names may repeat."""
        ...

    def named(self, catalogue: str, text: str) -> Sequence[NamedValue]:
        """Members of a catalogue by name, ignoring case; a project also by its present or a former key."""
        ...

    def numbered(self, catalogue: str, value_id: str) -> NamedValue | None:
        """A member of a catalogue by id."""
        ...

    def users(self, text: str) -> Sequence[str]:
        """Accounts meant by a user name, key, account id, display name or address; as the issue's values name them."""
        ...

    def user_name(self, account: str) -> str:
        """The display name, by which users are sorted."""
        ...

    def issue(self, id_or_key: str) -> IssueReference | None:
        """A visible issue by numeric id, present key or former key, indexed or not."""
        ...

    def property_kind(self, key: str, path: str) -> PropertyKind | None:
        """How this path of this property is indexed, None where no app indexes it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JqlContext:
    """Who searches, when, where.

    ``time_zone`` is the searching account's; date literals are read in it.
    ``account`` is None for an anonymous search.
    ``validate`` is Data Center's ``validateQuery``: without it, values nobody knows are left out of their lists,
    and other faulty clauses match nothing (atlassian-python-api#752 uses it to look for deleted issues).
    ``index_step`` is how finely the index keeps instants: Jira's keeps seconds; a minute rehearses the worst.
    """

    now: datetime
    time_zone: tzinfo
    account: str | None
    cloud: bool
    world: JqlWorld
    validate: bool = True
    missing_issues: MissingIssues = MISSING_ISSUES_DEFAULT
    index_step: timedelta = field(default=timedelta(seconds=1))
