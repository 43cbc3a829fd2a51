"""Values of fields: Jira's JSON into canonical values and back, by the kind of the field."""

from __future__ import annotations

from typing import assert_never

import msgspec

from backbone.adapters.jira.codec.instants import canonical_instant, instant_to_json
from backbone.adapters.jira.codec.numbers import canonical_number
from backbone.core.model.values import EMPTY, Cascade, Empty, FieldKind, Members, Option, Scalar, Value, labels

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"] | msgspec.Raw


class OptionJson(msgspec.Struct):
    """An option of a field, a priority, a status: some have a value, others a name."""

    id: str | int | None = None
    value: str | None = None
    name: str | None = None
    child: OptionJson | None = None


_NULL = b"null"


def value_from_json(raw: msgspec.Raw | bytes, kind: FieldKind) -> Value | None:
    """The value, or None where the JSON is not what such a field holds: then it was not read (rule 21)."""
    data = bytes(raw)
    if data.strip() in (_NULL, b""):
        return EMPTY
    try:
        return _decoded(data, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def option_from_json(found: OptionJson) -> Option:
    """Raises ValueError for an option without an identity."""
    name = found.value if found.value is not None else found.name
    ident = found.id if found.id is not None else name
    if ident is None:
        raise ValueError("an option without id and name")
    return Option(str(ident), str(ident) if name is None else name)


def value_to_json(value: Value, kind: FieldKind) -> Json:
    """What is written into ``fields``; emptying a field is null, emptying a set is an empty list."""
    match value:
        case Empty():
            return [] if kind.multi else None
        case Scalar(text):
            return _scalar_to_json(text, kind)
        case Option():
            return option_to_json(value)
        case Cascade(parent, child):
            return option_to_json(parent) | ({} if child is None else {"child": option_to_json(child)})
        case Members(options):
            return [element_to_json(each, kind) for each in sorted(options, key=lambda option: option.id)]
        case _:
            assert_never(value)


def element_to_json(option: Option, kind: FieldKind) -> Json:
    """One element of a set: labels are texts, others options."""
    return option.id if kind is FieldKind.LABELS else option_to_json(option)


def option_to_json(option: Option) -> dict[str, Json]:
    return {"id": option.id}


def guessed_kind(value: Value) -> FieldKind:
    """The kind of a value whose field is unknown: enough to write it."""
    match value:
        case Members(options):
            return FieldKind.LABELS if all(each.id == each.name for each in options) else FieldKind.OPTIONS
        case Cascade():
            return FieldKind.CASCADE
        case Option():
            return FieldKind.OPTION
        case Scalar() | Empty():
            return FieldKind.TEXT
        case _:
            assert_never(value)


def text_value(text: str | None) -> Value:
    plain = plain_text(text or "")
    return Scalar(plain) if plain else EMPTY


def plain_text(text: str) -> str:
    """A text with line feeds as its only line ends, and without NUL, which few databases hold."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def members(options: list[Option]) -> Value:
    return Members(frozenset(options)) if options else EMPTY


def _decoded(data: bytes, kind: FieldKind) -> Value | None:
    match kind:
        case FieldKind.TEXT | FieldKind.MULTILINE | FieldKind.URL:
            return text_value(msgspec.json.decode(data, type=str))
        case FieldKind.NUMBER:
            return Scalar(canonical_number(data.decode()))
        case FieldKind.DATE:
            return text_value(msgspec.json.decode(data, type=str)[:10])
        case FieldKind.INSTANT:
            return Scalar(canonical_instant(msgspec.json.decode(data, type=str)))
        case FieldKind.OPTION | FieldKind.STATUS:
            return option_from_json(msgspec.json.decode(data, type=OptionJson))
        case FieldKind.CASCADE:
            found = msgspec.json.decode(data, type=OptionJson)
            return Cascade(option_from_json(found), None if found.child is None else option_from_json(found.child))
        case FieldKind.LABELS:
            texts = msgspec.json.decode(data, type=list[str])
            return labels(*texts) if texts else EMPTY
        case FieldKind.OPTIONS:
            return members([option_from_json(each) for each in msgspec.json.decode(data, type=list[OptionJson])])
        case _:
            assert_never(kind)


def _scalar_to_json(text: str, kind: FieldKind) -> Json:
    match kind:
        case FieldKind.NUMBER:
            return msgspec.Raw(canonical_number(text).encode())
        case FieldKind.INSTANT:
            return instant_to_json(text)
        case _:
            return text
