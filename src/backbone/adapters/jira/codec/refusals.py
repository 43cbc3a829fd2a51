"""Jira's words when it says no. They are in the language of the account: shown to people, never understood."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backbone.core.model.keys import FieldId
from backbone.ports.tracker import Refusal

_LONGEST = 500


def refusal_from_json(body: bytes, *, gone: bool = False) -> Refusal:
    """What an error body says. Bodies come as collections, as ``{"message": …}``, as text, or not at all."""
    return refusal_from_value(_parsed(body), gone=gone)


def refusal_from_value(value: object, *, gone: bool = False) -> Refusal:
    """The same from a decoded body or a part of one."""
    if not isinstance(value, Mapping):
        return Refusal(messages=_texts(value), gone=gone)
    errors = value.get("errors")
    fields = {FieldId(str(name)): _cut(str(text)) for name, text in errors.items()} if isinstance(errors, dict) else {}
    listed = errors if isinstance(errors, list) else []
    messages = [*_texts(value.get("errorMessages")), *_texts(value.get("message"))]
    messages += [refusal_from_value(each.get("elementErrors", each)).words for each in listed if isinstance(each, dict)]
    return Refusal(fields=fields, messages=tuple(messages), gone=gone)


def words_of(body: bytes) -> str:
    """Jira's words in one line, or nothing."""
    refusal = refusal_from_json(body)
    return refusal.words if refusal.messages or refusal.fields else ""


def failed_elements(body: bytes) -> Mapping[int, Refusal]:
    """Which elements of a bulk request were refused, by their number in it, and why."""
    value = _parsed(body)
    listed = value.get("errors") if isinstance(value, dict) else value
    found: dict[int, Refusal] = {}
    for each in listed if isinstance(listed, list) else []:
        number = each.get("failedElementNumber") if isinstance(each, dict) else None
        if isinstance(number, int):
            found[number] = refusal_from_value(each.get("elementErrors", each))
    return found


def _parsed(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case str() if value:
            return (_cut(value),)
        case list():
            return tuple(_cut(each) for each in value if isinstance(each, str))
        case _:
            return ()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
