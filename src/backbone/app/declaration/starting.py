"""The part of the file that says which existing issues are sent at the first start."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)

from backbone.app.declaration.parts import Part, Word, wrong

WAYS = "Write all, new, {since: 2026-01-01} or {jql: …}"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class HalfQueries(Part):
    """A JQL for each half, where one text can't serve both."""

    first: Word | None = None
    second: Word | None = None


def _start_from_word(given: object) -> object:
    if given in ("all", "new"):
        return {"mode": given}
    if isinstance(given, str):
        raise wrong(f"{given!r} is no way to start", WAYS)
    if isinstance(given, dict) and ("mode" in given or len(given) != 1):
        raise wrong("start_with says one thing", WAYS)
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

    @model_validator(mode="after")
    def something(self) -> Self:
        """A key whose value was forgotten is no choice."""
        queries = self.jql is not None and (self.jql.first or self.jql.second)
        if not (self.mode or self.since or queries):
            raise wrong("does not say which issues are sent", WAYS)
        return self


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
