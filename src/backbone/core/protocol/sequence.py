"""Many messages of one pair become one: the newest of each thing counts (messages are numbered, repeats drop out)."""

from __future__ import annotations

from collections.abc import Iterable

from backbone.core.model.changes import Changes, CommentChange, ElementChange, FieldChange, FileChange
from backbone.core.model.keys import CommentId, FileId


def coalesce(parts: Iterable[Changes]) -> Changes:
    """All changes in one, in any order of the parts; of two values of one field the newer stamp's counts.

    >>> bool(coalesce([]))
    False
    """
    fields: dict[str, FieldChange] = {}
    elements: dict[tuple[str, str], ElementChange] = {}
    comments: dict[CommentId, CommentChange] = {}
    files: dict[FileId, FileChange] = {}
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
    return Changes(
        fields=tuple(fields.values()),
        elements=tuple(elements.values()),
        comments=tuple(sorted(comments.values(), key=lambda one: (one.created, one.original))),
        files=tuple(files.values()),
    )
