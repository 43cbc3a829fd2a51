"""Differences and findings of configurations as the public interface shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from backbone.app.declaration.difference import Change
from backbone.app.usecases.configuring.checking import Conflict
from backbone.web.api.documents import Asked, Shown


class Message(Asked):
    """Why something is done; shown in the list of revisions."""

    message: Annotated[str, Field(max_length=1000)] = ""


class ChangeDocument(Shown):
    """One statement that comes (`before` is absent), goes (`after` is absent) or becomes another."""

    about: str
    """What it is about, such as `fields, priority <> priority, direction`."""
    before: str | None = None
    after: str | None = None


class ConflictDocument(Shown):
    """Something that is wrong or doubtful."""

    serious: bool
    """Whether it keeps something from working."""
    place: str
    """Where it is: in the configuration, such as `configuration.fields[3].first`, or in a Jira."""
    message: str
    cure: str


def change_documents(changes: Iterable[Change]) -> list[ChangeDocument]:
    return [ChangeDocument(about=one.about, before=one.before, after=one.after) for one in changes]


def conflict_documents(conflicts: Iterable[Conflict]) -> list[ConflictDocument]:
    return [
        ConflictDocument(serious=one.serious, place=one.wrong.place, message=one.wrong.message, cure=one.wrong.cure)
        for one in conflicts
    ]
