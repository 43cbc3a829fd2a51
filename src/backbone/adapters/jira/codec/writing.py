"""Actions as the bodies of Jira's requests."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.adapters.jira.codec.markers import marker_to_json
from backbone.adapters.jira.codec.values import Json, element_to_json, guessed_kind, value_to_json
from backbone.core.model.actions import EditFields, ElementEdit, MoveAlong, NewIssue
from backbone.core.model.keys import FieldId
from backbone.core.model.values import FieldKind, Members, Option, Value

Kinds = Mapping[FieldId, FieldKind]


def create_to_json(new: NewIssue, kinds: Kinds) -> dict[str, object]:
    """One element of a bulk creation, marked as ours."""
    fields = {"project": {"id": new.project}, "issuetype": {"id": new.type.id}, **_fields(new.values, kinds)}
    return {"fields": fields, "properties": [marker_to_json(new.marker)]}


def edit_to_json(edit: EditFields, kinds: Kinds) -> dict[str, object]:
    """Fields that are set, and elements that are added and removed so that others' stay."""
    body: dict[str, object] = {}
    if edit.values:
        body["fields"] = _fields(edit.values, kinds)
    if edit.elements:
        body["update"] = {
            name: _verbs(elements, kinds.get(name) or _kind_of(elements)) for name, elements in edit.elements.items()
        }
    return body


def move_to_json(step: MoveAlong, kinds: Kinds) -> dict[str, object]:
    body: dict[str, object] = {"transition": {"id": step.transition}}
    if step.values:
        body["fields"] = _fields(step.values, kinds)
    return body


def _fields(values: Mapping[FieldId, Value], kinds: Kinds) -> dict[str, Json]:
    return {name: value_to_json(value, kinds.get(name) or guessed_kind(value)) for name, value in values.items()}


def _verbs(elements: ElementEdit, kind: FieldKind) -> list[dict[str, Json]]:
    adds: list[dict[str, Json]] = [{"add": element_to_json(each, kind)} for each in _sorted(elements.add)]
    removes: list[dict[str, Json]] = [{"remove": element_to_json(each, kind)} for each in _sorted(elements.remove)]
    return adds + removes


def _sorted(options: frozenset[Option]) -> list[Option]:
    return sorted(options, key=lambda option: option.id)


def _kind_of(elements: ElementEdit) -> FieldKind:
    return guessed_kind(Members(elements.add | elements.remove))
