"""Values of the world as JSON."""

from __future__ import annotations

from datetime import datetime

from backbone.simulator import adf
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.fields import Field, FieldKind, Value

MULTIPLE = frozenset({FieldKind.MULTISELECT, FieldKind.CHECKBOXES, FieldKind.LABELS})
PLAIN = frozenset({FieldKind.SUMMARY, FieldKind.TEXT, FieldKind.URL, FieldKind.DATE})


def text_json(renderer: Renderer, text: str) -> object:
    """Wiki text, or a document in version 3."""
    if renderer.adf:
        return adf.to_adf(text)
    return dialect(text, renderer.world.settings.wiki_dialect) if renderer.cloud else text


def dialect(text: str, number: int) -> str:
    """Cloud's wiki text in another of its spellings: dashes escaped, lists indented, wider gaps."""
    if number == 0:
        return text
    gap = "\n" * (2 + number)
    return text.replace(" - ", " \\- ").replace("\n* ", "\n * ").replace("\n\n", gap)


def empty_json(field: Field) -> object:
    """What stands for an empty value: system labels are an empty array, all else is null."""
    return [] if field.id == "labels" else None


def value_json(renderer: Renderer, field: Field, value: Value) -> object:
    """The JSON of a value that a person can set."""
    if value is None:
        return empty_json(field)
    if isinstance(value, datetime):
        return renderer.time(value)
    if isinstance(value, float):
        return value
    if isinstance(value, tuple):
        return _many_json(renderer, field, value)
    return _one_json(renderer, field, value)


def _one_json(renderer: Renderer, field: Field, value: str) -> object:
    if field.kind in PLAIN:
        return value
    match field.kind:
        case FieldKind.TEXTAREA:
            return text_json(renderer, value)
        case FieldKind.USER:
            return renderer.user(value)
        case FieldKind.PRIORITY:
            return renderer.priority(value)
        case FieldKind.RESOLUTION:
            return renderer.resolution(value)
        case FieldKind.SELECT | FieldKind.RADIO:
            option = renderer.world.find_option(field.id, value)
            return None if option is None else renderer.option(option)
        case _:
            return value


def _many_json(renderer: Renderer, field: Field, value: tuple[str, ...]) -> object:
    if field.kind is FieldKind.LABELS:
        return list(value)
    found = [option for option in (renderer.world.find_option(field.id, i) for i in value) if option]
    if field.kind is FieldKind.CASCADE:
        shown = renderer.option(found[0])
        return {**shown, "child": renderer.option(found[1])} if len(found) > 1 else shown
    return [renderer.option(option) for option in found]
