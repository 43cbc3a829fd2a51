"""What may still leave by our half's configuration as it is now: decided once more when a parcel is sealed."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.changes import (
    Changes,
    Content,
    ElementChange,
    FieldChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
)
from backbone.core.model.configuration import FieldMapping, HalfConfiguration


def still_sent(content: Content, half: HalfConfiguration) -> Content | None:
    """What of it the half still sends; nothing where nothing is left."""
    match content:
        case IssueCreated():
            return content
        case IssueAppeared():
            if not any(one.sends and one.alias == content.type_alias for one in half.types):
                return None
            return replace(content, changes=_left(content.changes, half))
        case IssueChanged():
            changes = _left(content.changes, half)
            return replace(content, changes=changes) if changes or not content.changes else None


def _left(changes: Changes, half: HalfConfiguration) -> Changes:
    fields = {one.alias: one for one in half.fields if one.sends}
    return Changes(
        fields=tuple(one for one in changes.fields if _sent(one, fields.get(one.alias))),
        elements=tuple(one for one in changes.elements if _sent(one, fields.get(one.alias))),
        members=tuple(one for one in changes.members if one.alias in fields),
        comments=changes.comments if half.comments.sends else (),
        files=changes.files if half.files.sends else (),
    )


def _sent(change: FieldChange | ElementChange, mapping: FieldMapping | None) -> bool:
    """Whether the value is one that the mapping still sends: of a table, only what it names."""
    if mapping is None:
        return False
    if mapping.table is None or isinstance(change, ElementChange):
        return True
    return not change.value or change.value[0] in mapping.table.to_alias.values()
