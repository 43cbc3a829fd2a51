"""The whole file as models: what may be written where, before any name is looked up in a Jira."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)

from backbone.app.declaration.channel import ChannelPart
from backbone.app.declaration.connection import ConnectionPart
from backbone.app.declaration.parts import Direction, Part, Word, wrong
from backbone.app.declaration.starting import StartChoice
from backbone.core.model.configuration import CommentRules, StartPolicy
from backbone.core.model.keys import Role

_INTERVAL = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[smh]?)")
_PROJECT = re.compile(r"\w+", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_BY_NAME = "by_name"
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


class TypePart(Part):
    """Issue types that correspond."""

    first: Word
    """Issue type of the first project; where that one is the partner's, its alias."""
    second: Word
    """Issue type of the second project; where that one is the partner's, its alias."""
    direction: Direction = Direction.BOTH
    """For which side's issues the other side creates one; of several rows for one type the first counts."""


def _values_from_rows(given: object) -> object:
    if given == _BY_NAME:
        return {"by_name": True}
    return _from_rows(given)


def _from_rows(given: object) -> object:
    for key in ("rows", _BY_NAME):
        if isinstance(given, dict) and key in given:
            raise wrong(f"{key!r} is not known here", "Write the rows right below values:")
    return {"rows": given} if isinstance(given, list) else given


class ValuesPart(Part):
    """Which values correspond: rows of pairs for both ways, a table for each way, or `by_name`."""

    by_name: bool = False
    rows: tuple[tuple[Word, Word], ...] = ()
    first_to_second: dict[str, Word] = Field(default_factory=dict)
    """What the second gets for a value of the first."""
    second_to_first: dict[str, Word] = Field(default_factory=dict)
    """What the first gets for a value of the second."""

    @model_serializer(mode="wrap")
    def as_written(self, write: SerializerFunctionWrapHandler) -> object:
        return _BY_NAME if self.by_name else [list(row) for row in self.rows] or write(self)

    @model_validator(mode="after")
    def something(self) -> Self:
        if not (self.by_name or self.rows or self.first_to_second or self.second_to_first):
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
_VALUES_SCHEMA = {
    "description": "Rows [first, second], or a table for each way; by_name where equal names correspond.",
    "oneOf": [_ROWS, _WAYS, {"const": _BY_NAME}],
}
Values = Annotated[ValuesPart, BeforeValidator(_values_from_rows), WithJsonSchema(_VALUES_SCHEMA)]


class FieldPart(Part):
    """Two fields that correspond, by name or id."""

    first: Word
    """Field of the first Jira: its id (`customfield_10010`) or its name; where that Jira is the partner's, its alias."""
    second: Word
    """Field of the second Jira, or its alias."""
    id: Word | None = None
    """Identity of this mapping; only needed to keep what is remembered when both fields are replaced."""
    direction: Direction = Direction.BOTH
    """Which way the value travels."""
    values: Values | None = None
    """Without it, or `by_name`, options of equal name correspond; with a partner behind firewalls it must be written."""
    issue_types: tuple[Word, ...] | None = None
    """First side's issue types that this applies to; all without it."""
    start: StartPolicy | None = None
    """Whose value counts when two issues are paired that differ already; in one direction the sender's."""

    @field_validator("issue_types")
    @classmethod
    def some_issue_type(cls, issue_types: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if issue_types is not None and not issue_types:
            raise wrong("is empty", "Name at least one, or leave the key out")
        return issue_types


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
    BeforeValidator(_from_rows),
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
    authors: dict[str, Word] = Field(default_factory=dict)
    """What the other side calls authors of ours, by their display names or account ids."""
    hide_authors: bool | None = None
    """Whether all other authors are called *Somebody*; without it only where the other side is behind firewalls."""

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
    first: SidePart | None = None
    """Must be written, unless the first half is a partner's behind firewalls."""
    second: SidePart | None = None
    """Must be written, unless the second half is a partner's behind firewalls."""
    channel: ChannelPart | None = None
    """How the other half is reached where it is a partner's behind firewalls."""
    start_with: StartChoice
    issue_types: tuple[TypePart, ...] = ()
    """Must be written, unless the master behind firewalls has published nothing yet."""
    fields: tuple[FieldPart, ...] = ()
    status: Status | None = None
    comments: CommentsPart | None = None
    """Without it no comment travels."""
    attachments: AttachmentsPart | None = None
    """Without it no attachment travels."""
    correlation_field: CorrelationPart | None = None
    interval: Interval | None = None
    """How often changes are looked for: `5s`, `2m`, `1h`."""

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Both halves, or one of them and the channel to the other."""
        missing = [role for role in Role if self.side(role) is None]
        if self.channel is None and missing:
            cure = "Write it, or channel: where that half is a partner's behind firewalls"
            raise wrong(f"{missing[0].value!r} is missing", cure)
        if self.channel is not None and len(missing) != 1:
            cure = "Leave out the partner's half: first is the master's, second the slave's"
            raise wrong("exactly one half is here where the other one is behind a channel", cure, ("channel",))
        if self.channel is not None and self.name is None:
            raise wrong("'name' is missing", "Write one: the keys of both projects are not known here")
        if not self.issue_types and self.here is not Role.SECOND:
            cure = "Name at least one pair of issue types"
            if "issue_types" in self.model_fields_set:
                raise wrong("is empty", cure, ("issue_types",))
            raise wrong("'issue_types' is missing", cure)
        return self

    def side(self, role: Role) -> SidePart | None:
        """A half that is here."""
        return self.first if role is Role.FIRST else self.second

    @property
    def sides(self) -> tuple[tuple[Role, SidePart], ...]:
        """The halves that are here, the first one first."""
        found = ((role, self.side(role)) for role in Role)
        return tuple((role, side) for role, side in found if side is not None)

    @property
    def here(self) -> Role | None:
        """The half that is here where the other one is a partner's: the first is the master's."""
        return self.sides[0][0] if self.channel is not None else None

    @property
    def title(self) -> str:
        """The name, also where none is written."""
        return self.name or " <> ".join(side.project for _, side in self.sides)

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
