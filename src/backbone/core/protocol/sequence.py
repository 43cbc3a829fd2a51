"""Many messages of one pair become one: the newest of each thing counts (messages are numbered, repeats drop out)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    ElementChange,
    FieldChange,
    FileChange,
    MembersAsserted,
)
from backbone.core.model.keys import CommentId, FileId


class Numbered(Protocol):
    """Anything that carries its number in the sequence of a pair and direction."""

    @property
    def sequence(self) -> int: ...


_N = TypeVar("_N", bound=Numbered)


def admit(messages: Iterable[_N], done: int) -> Sequence[_N]:
    """The messages that may be applied now: those that follow ``done`` without a gap, in order; repeats drop out."""
    admitted: list[_N] = []
    for message in sorted(messages, key=lambda one: one.sequence):
        if message.sequence == done + len(admitted) + 1:
            admitted.append(message)
    return admitted


def coalesce(parts: Iterable[Changes]) -> Changes:
    """All changes in one, in any order of the parts; of two values of one field the newer stamp's counts.

    >>> bool(coalesce([]))
    False
    """
    fields: dict[str, FieldChange] = {}
    elements: dict[tuple[str, str], ElementChange] = {}
    comments: dict[CommentId, CommentChange] = {}
    files: dict[FileId, FileChange] = {}
    members: dict[str, MembersAsserted] = {}
    for part in parts:
        for field in part.fields:
            if field.alias not in fields or fields[field.alias].stamp < field.stamp:
                fields[field.alias] = field
        for element in part.elements:
            key = (element.alias, element.element)
            if key not in elements or elements[key].stamp < element.stamp:
                elements[key] = element
        for comment in part.comments:
            if comment.original not in comments or comments[comment.original].version < comment.version:
                comments[comment.original] = comment
        for file in part.files:
            if file.original not in files or files[file.original].present:
                files[file.original] = file
        for whole in part.members:
            if whole.alias not in members or members[whole.alias].stamp < whole.stamp:
                members[whole.alias] = whole
    return Changes(
        fields=tuple(fields.values()),
        elements=tuple(elements.values()),
        comments=tuple(sorted(comments.values(), key=lambda one: (one.created, one.original))),
        files=tuple(files.values()),
        members=tuple(members.values()),
    )
