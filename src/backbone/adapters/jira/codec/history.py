"""The history of an issue: who changed which field when, from what to what.

Cloud names fields by id. Data Center has names only: those of system fields are their ids with few exceptions, those
of custom fields are what people called them, so that a name may stand for several fields or for none any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from backbone.adapters.jira.codec.instants import canonical_instant, millis_from_json
from backbone.adapters.jira.codec.kinds import SYSTEM
from backbone.adapters.jira.codec.numbers import canonical_number
from backbone.adapters.jira.codec.people import Identity, UserJson
from backbone.adapters.jira.codec.values import members, text_value
from backbone.core.model.keys import FieldId
from backbone.core.model.snapshot import HistoryItem
from backbone.core.model.values import EMPTY, Cascade, FieldKind, Option, Scalar, Value, labels

FieldNames = Mapping[str, tuple[FieldId, ...]]
"""Fields by the names that people gave them."""


Told = str | int | float | dict[str, msgspec.Raw] | list[msgspec.Raw] | None
"""What an entry has as an id; the odd ones are accepted, since one of them would make the whole history unreadable."""


class ItemJson(msgspec.Struct):
    """One field's part in an entry: ids and texts, before and after."""

    field: str
    field_id: str | None = msgspec.field(default=None, name="fieldId")
    fieldtype: str = ""
    before: Told = msgspec.field(default=None, name="from")
    before_text: str | None = msgspec.field(default=None, name="fromString")
    after: Told = msgspec.field(default=None, name="to")
    after_text: str | None = msgspec.field(default=None, name="toString")


class EntryJson(msgspec.Struct):
    """What one action changed. ``author`` is missing for anonymous actions and deleted users."""

    id: str | int
    created: str | int | float
    items: list[ItemJson]
    author: UserJson | None = None


class ChangelogJson(msgspec.Struct):
    """An embedded list of entries: complete on Data Center, the newest few on Cloud."""

    histories: list[EntryJson] = []
    total: int | None = None

    @property
    def complete(self) -> bool:
        return self.total is None or self.total <= len(self.histories)


class ChangelogPageJson(msgspec.Struct):
    """A page of Cloud's resource for the history, oldest first."""

    values: list[EntryJson]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What is needed to understand a history."""

    me: Identity
    kinds: Mapping[FieldId, FieldKind]
    names: FieldNames = field(default_factory=dict)


_ODD_NAMES = {
    "Attachment": "attachment",
    "Comment": "comment",
    "Component": "components",
    "Fix Version": "fixVersions",
    "Key": "issuekey",
    "Link": "issuelinks",
    "Version": "versions",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_IDS = re.compile(r"\d+")
_LEVELS = re.compile(r"[^:]*values: (.*?)\((\d+)\)(?:Level 1 values: (.*)\((\d+)\))?\s*", re.DOTALL)
"""Both levels of a cascade; the name of an option may hold a number in brackets, too."""


def history_from_json(entries: list[EntryJson], legend: Legend) -> tuple[HistoryItem, ...]:
    """All changes of fields that can be told apart, oldest first. Raises ValueError for an odd instant."""
    dated = sorted(
        ((millis_from_json(entry.created), int(entry.id), entry) for entry in entries), key=lambda it: it[:2]
    )
    return tuple(
        HistoryItem(
            entry=ident,
            field=name,
            at=at,
            own=legend.me.owns(entry.author),
            before=_value(item.before, item.before_text, kind),
            after=_value(item.after, item.after_text, kind),
        )
        for at, ident, entry in dated
        for item in entry.items
        for name, kind in _fields(item, legend)
    )


def _fields(item: ItemJson, legend: Legend) -> list[tuple[FieldId, FieldKind | None]]:
    """The field of an item with its kind; several, without kinds, where a name is ambiguous."""
    if item.field_id:
        name = FieldId(item.field_id)
        return [(name, _kind(name, legend))]
    if item.fieldtype != "custom":
        name = FieldId(_ODD_NAMES.get(item.field, item.field))
        return [(name, _kind(name, legend))]
    candidates = legend.names.get(item.field, ())
    if len(candidates) == 1:
        return [(candidates[0], _kind(candidates[0], legend))]
    return [(name, None) for name in candidates]


def _kind(name: FieldId, legend: Legend) -> FieldKind | None:
    return legend.kinds.get(name) or SYSTEM.get(name)


def _value(ident: Told, text: str | None, kind: FieldKind | None) -> Value | None:
    """The value, or None where the history does not tell it."""
    words = text or ""
    odd = isinstance(ident, dict | list)
    if kind is None or (odd and not words):
        return None
    key = "" if ident is None or odd else str(ident)
    if not key.strip("[] ") and not words:
        return EMPTY
    with suppress(ValueError):
        return _told(key, words, kind)
    return None


def _told(key: str, words: str, kind: FieldKind) -> Value | None:
    match kind:
        case FieldKind.TEXT | FieldKind.MULTILINE | FieldKind.URL:
            return text_value(words)
        case FieldKind.NUMBER:
            return Scalar(canonical_number(words))
        case FieldKind.DATE:
            found = _DATE.match(key) or _DATE.match(words)
            return Scalar(found[0]) if found else None
        case FieldKind.INSTANT:
            return Scalar(canonical_instant(key))
        case FieldKind.OPTION | FieldKind.STATUS:
            return Option(key, words or key) if key else None
        case FieldKind.CASCADE:
            return _cascade(words) or _cascade(key)
        case FieldKind.LABELS:
            return labels(*words.split())
        case FieldKind.OPTIONS:
            return _options(key, words)
        case _:
            assert_never(kind)


def _cascade(text: str) -> Value | None:
    found = _LEVELS.fullmatch(text)
    if found is None:
        return None
    name, ident, child_name, child = found.groups()
    return Cascade(Option(ident, name), None if child is None else Option(child, child_name))


def _options(key: str, words: str) -> Value | None:
    ids = _IDS.findall(key)
    if not ids:
        return None
    names = [name.strip() for name in words.split(",")]
    shown = names if len(names) == len(ids) else ids
    return members([Option(ident, name) for ident, name in zip(ids, shown, strict=True)])
