"""What may still leave by our half's configuration as it is now: decided once more when a parcel is sealed."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.changes import (
    Changes,
    Content,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
    MembersAsserted,
)
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.values import SEPARATOR, Shared


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
        fields=tuple(one for one in changes.fields if _value_is_sent(fields.get(one.alias), one.value)),
        elements=tuple(one for one in changes.elements if _is_sent(fields.get(one.alias), one.element)),
        members=tuple(_members(fields[one.alias], one) for one in changes.members if one.alias in fields),
        comments=changes.comments if half.comments.sends else (),
        files=changes.files if half.files.sends else (),
    )


def _value_is_sent(mapping: FieldMapping | None, value: Shared) -> bool:
    return _is_sent(mapping, SEPARATOR.join(value)) if value else mapping is not None


def _is_sent(mapping: FieldMapping | None, alias: str) -> bool:
    """Whether the mapping still sends what has this alias: of a table, only what it names."""
    return mapping is not None and (mapping.table is None or alias in mapping.table.to_alias.values())


def _members(mapping: FieldMapping, whole: MembersAsserted) -> MembersAsserted:
    return replace(whole, elements=frozenset(one for one in whole.elements if _is_sent(mapping, one)))
