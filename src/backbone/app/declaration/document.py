"""The whole file as models: what may be written where, before any name is looked up in a Jira."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)

from backbone.app.declaration.connection import ConnectionPart
from backbone.app.declaration.parts import Direction, Part, Word, wrong
from backbone.core.model.configuration import CommentRules, StartPolicy

_INTERVAL = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[smh]?)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PROJECT = re.compile(r"\w+", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_PLACEHOLDERS = frozenset({"author", "created", "body"})


class SynchronizationType(StrEnum):
    """Where the two Jiras are: both on Server or Data Center, at least one on Cloud, or the same one."""

    SERVER = "server"
    CLOUD = "cloud"
    LOCAL = "local"


class SidePart(Part):
    """One half: a project of a connection, and which of its issues are sent."""

    connection: Word
    """Name of a connection above."""
    project: Word
    """Key of the project."""
    jql: str = ""
    """Issues that match are sent; without it all issues of the project are."""

    @field_validator("project")
    @classmethod
    def key_or_id(cls, project: str) -> str:
        """Also keeps what is no key out of the addresses that are built from it."""
        if _PROJECT.fullmatch(project) is None:
            raise wrong(f"{project!r} is no key of a project", "Write the capitals before the dash of an issue's key")
        return project


class HalfQueries(Part):
    """A JQL for each half, where one text can't serve both."""

    first: Word | None = None
    second: Word | None = None


def _start_from_word(given: object) -> object:
    if given in ("all", "new"):
        return {"mode": given}
    if isinstance(given, str):
        raise wrong(f"{given!r} is no way to start", "Write all, new, {since: 2026-01-01} or {jql: …}")
    if isinstance(given, dict) and ("mode" in given or len(given) != 1):
        raise wrong("start_with says one thing", "Write all, new, {since: 2026-01-01} or {jql: …}")
    return given


def _queries_from_text(given: object) -> object:
    return {"first": given, "second": given} if isinstance(given, str) else given


class StartPart(Part):
    """Which existing issues are sent when the synchronization starts for the first time."""

    mode: Literal["all", "new"] | None = None
    since: dt.datetime | None = None
    jql: Annotated[HalfQueries, BeforeValidator(_queries_from_text)] | None = None

    @model_serializer(mode="wrap")
    def as_written(self, write: SerializerFunctionWrapHandler) -> object:
        return self.mode or write(self)

    @field_validator("since", mode="before")
    @classmethod
    def written_as_date(cls, since: object) -> object:
        """A bare number is no moment, although it could be read as seconds."""
        if not _DATE.match(str(since)):
            raise wrong(f"{since!r} is no date", "Write such as 2026-01-31 or 2026-01-31T08:00:00+01:00")
        return since

    @field_validator("since", mode="after")
    @classmethod
    def in_utc(cls, since: dt.datetime | None) -> dt.datetime | None:
        """A moment without a zone is meant in UTC."""
        return since.replace(tzinfo=dt.UTC) if since is not None and since.tzinfo is None else since


_START_SCHEMA = {
    "description": "all, new ones only, changed since a moment (UTC unless it names its zone), or those of a JQL.",
    "oneOf": [
        {"enum": ["all", "new"]},
        {"type": "object", "properties": {"since": {"type": "string"}}, "required": ["since"]}
        | {"additionalProperties": False},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["jql"],
            "properties": {
                "jql": {
                    "oneOf": [
                        {"type": "string"},
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {"first": {"type": "string"}, "second": {"type": "string"}},
                        },
                    ]
                }
            },
        },
    ],
}
StartChoice = Annotated[StartPart, BeforeValidator(_start_from_word), WithJsonSchema(_START_SCHEMA)]


class TypePart(Part):
    """Issue types that correspond."""

    first: Word
    """Issue type of the first project."""
    second: Word
    """Issue type of the second project."""
    direction: Direction = Direction.BOTH
    """For which side's issues the other side creates one; of several rows for one type the first counts."""


def _values_from_rows(given: object) -> object:
    if isinstance(given, dict) and "rows" in given:
        raise wrong("'rows' is not known here", "Write the rows right below values:")
    return {"rows": given} if isinstance(given, list) else given


class ValuesPart(Part):
    """Which values correspond: rows of pairs for both ways, or a table for each way."""

    rows: tuple[tuple[Word, Word], ...] = ()
    first_to_second: dict[str, Word] = Field(default_factory=dict)
    """What the second gets for a value of the first."""
    second_to_first: dict[str, Word] = Field(default_factory=dict)
    """What the first gets for a value of the second."""

    @model_serializer(mode="wrap")
    def as_written(self, write: SerializerFunctionWrapHandler) -> object:
        return [list(row) for row in self.rows] or write(self)

    @model_validator(mode="after")
    def something(self) -> Self:
        if not (self.rows or self.first_to_second or self.second_to_first):
            raise wrong("no value is named", "Write rows such as [[High, P1]], or leave the key out")
        return self


_WAY = {"type": "object", "additionalProperties": {"type": "string"}}
_ROWS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": ["string", "number"]}},
}
_WAYS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"first_to_second": _WAY, "second_to_first": _WAY},
}
_VALUES_SCHEMA = {"description": "Rows [first, second], or a table for each way.", "oneOf": [_ROWS, _WAYS]}
Values = Annotated[ValuesPart, BeforeValidator(_values_from_rows), WithJsonSchema(_VALUES_SCHEMA)]


class FieldPart(Part):
    """Two fields that correspond, by name or id."""

    first: Word
    """Field of the first Jira: its id (`customfield_10010`) or its name."""
    second: Word
    """Field of the second Jira."""
    id: Word | None = None
    """Identity of this mapping; only needed to keep what is remembered when both fields are replaced."""
    direction: Direction = Direction.BOTH
    """Which way the value travels."""
    values: Values | None = None
    """Without it, options of equal name correspond."""
    issue_types: tuple[Word, ...] | None = None
    """First side's issue types that this applies to; all without it."""
    start: StartPolicy | None = None
    """Whose value counts when two issues are paired that differ already; in one direction the sender's."""


class ScreenFieldsPart(Part):
    """What to write into fields that screens of transitions offer, such as a resolution."""

    first: dict[str, Word] = Field(default_factory=dict)
    """Fields of the first Jira, by name or id, and what a transition there gets: text, or the name of an option."""
    second: dict[str, Word] = Field(default_factory=dict)
    """The same for the second."""


class StatusPart(ValuesPart):
    """Which statuses correspond. A way that is left out is not travelled."""

    start: StartPolicy | None = None
    """Whose status counts when two issues are paired that differ already."""
    screen_fields: ScreenFieldsPart | None = None
    """What our account fills in where a transition has a screen."""


Status = Annotated[
    StatusPart,
    BeforeValidator(_values_from_rows),
    WithJsonSchema(
        {
            "description": "Which statuses correspond. A way that is left out is not travelled.",
            "oneOf": [
                _ROWS,
                _WAYS
                | {
                    "properties": {
                        "first_to_second": _WAY,
                        "second_to_first": _WAY,
                        "start": {"enum": [one.value for one in StartPolicy]},
                        "screen_fields": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {"first": _WAY, "second": _WAY},
                        },
                    }
                },
            ],
        }
    ),
]


class CommentsPart(Part):
    """Comments; restricted and internal ones never leave."""

    direction: Direction = Direction.BOTH
    """Which side's comments are copied to the other."""
    template: str = CommentRules().template
    """Text of the copy, with `{author}`, `{created}` and `{body}`."""

    @field_validator("template")
    @classmethod
    def known_placeholders(cls, template: str) -> str:
        used = set(re.findall(r"\{([^{}]*)\}", template))
        if unknown := used - _PLACEHOLDERS:
            raise wrong(f"the template names {{{min(unknown)}}}", "It knows {author}, {created} and {body}")
        if "body" not in used:
            raise wrong("the template has no {body}", "Write {body} where the comment's text belongs")
        return template


class AttachmentsPart(Part):
    """Attachments."""

    direction: Direction = Direction.BOTH
    """Which side's attachments are copied to the other."""
    largest_mb: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    """Bigger files stay at home (1 MB is 1,000,000 bytes)."""


class CorrelationPart(Part):
    """Text fields that show the key of the partner issue."""

    first: Word | None = None
    """Text field of the first Jira, by name or id."""
    second: Word | None = None
    """Text field of the second Jira."""


def _seconds(given: object) -> object:
    found = _INTERVAL.fullmatch(str(given).strip())
    if found is None:
        raise wrong(f"{given!r} is no interval", "Write such as 5s, 2m or 1h")
    return int(found["count"]) * _SECONDS[found["unit"]]


Interval = Annotated[
    int,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[1-9][0-9]{0,5}[smh]?$"}),
]


class SynchronizationPart(Part):
    """Two projects that stay in step."""

    name: Word | None = None
    """Name of the synchronization; without it the two project keys: `PA <> PB`."""
    id: Word | None = None
    """Identity of the synchronization; only needed to change its name, to the one that it had at first."""
    description: str | None = None
    """For people; without it a sentence with both projects."""
    type: SynchronizationType | None = None
    """`server`, `cloud` or `local`; found out when it is not written, checked when it is."""
    first: SidePart
    second: SidePart
    start_with: StartChoice
    issue_types: Annotated[tuple[TypePart, ...], Field(min_length=1)]
    fields: tuple[FieldPart, ...] = ()
    status: Status | None = None
    comments: CommentsPart | None = None
    """Without it no comment travels."""
    attachments: AttachmentsPart | None = None
    """Without it no attachment travels."""
    correlation_field: CorrelationPart | None = None
    interval: Interval | None = None
    """How often changes are looked for: `5s`, `2m`, `1h`."""

    @property
    def title(self) -> str:
        """The name, also where none is written."""
        return self.name or f"{self.first.project} <> {self.second.project}"

    @property
    def identity(self) -> str:
        """What the synchronization is known by: two of a file differ in it, and the identity of mappings comes from it."""
        return self.id or self.title


ConnectionKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class Document(Part):
    """Connections, and the synchronizations between them."""

    connections: Annotated[dict[ConnectionKey, ConnectionPart], Field(min_length=1)]
    """Each Jira under a name of your choice."""
    synchronizations: tuple[SynchronizationPart, ...] = ()
