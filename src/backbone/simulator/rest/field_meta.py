"""Metadata of fields on screens: createmeta, editmeta, and the fields of transitions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backbone.simulator.rest.call import Body
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.fields import MULTI_CHOICES, OPTION_KINDS, Field, FieldKind
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.projects import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field is set: a project and an issue type decide what is allowed."""

    project: Project
    type_id: str


OPERATIONS: dict[FieldKind, list[str]] = {
    FieldKind.LABELS: ["add", "set", "remove"],
    FieldKind.MULTISELECT: ["add", "set", "remove"],
    FieldKind.CHECKBOXES: ["add", "set", "remove"],
    FieldKind.COMMENT: ["add", "edit", "remove"],
    FieldKind.ISSUETYPE: [],
}


def operations(field: Field) -> list[str]:
    """The verbs a field takes."""
    return OPERATIONS.get(field.kind, ["set"])


def _option_values(renderer: Renderer, field: Field, place: Place) -> list[object]:
    context = renderer.world.contexts_of(field.id, place.project.id, place.type_id)
    shown: list[object] = []
    for option in context.options if context is not None else ():
        if option.disabled:
            continue
        body = renderer.option(option)
        if option.children:
            body["children"] = [renderer.option(child) for child in option.children if not child.disabled]
        shown.append(body)
    return shown


def allowed_values(renderer: Renderer, field: Field, place: Place) -> list[object] | None:
    """What may be chosen; ``None`` where Jira does not list it (text, users, labels)."""
    if field.kind in OPTION_KINDS:
        return _option_values(renderer, field, place)
    match field.kind:
        case FieldKind.PRIORITY:
            return [renderer.priority(p) for p in place.project.priority_ids]
        case FieldKind.RESOLUTION:
            return [renderer.resolution(r) for r in renderer.world.resolutions]
        case FieldKind.ISSUETYPE:
            return [renderer.issue_type(t) for t in place.project.type_ids]
        case FieldKind.PROJECT:
            return [renderer.project(place.project.id)]
        case _:
            return None


def field_meta(renderer: Renderer, field: Field, place: Place, required: Collection[str]) -> Body:
    """One field on a screen."""
    shown: Body = {"required": field.id in required, "schema": field.schema(), "name": field.name}
    if renderer.cloud:
        shown["key"] = field.id
    else:
        shown["fieldId"] = field.id
    if field.kind is FieldKind.USER:
        search = "user/assignable/search?" if field.id == "assignee" else "user/search?"
        shown["autoCompleteUrl"] = f"{renderer.rest}/{search}{'query' if renderer.cloud else 'username'}="
    if field.kind is FieldKind.LABELS:
        shown["autoCompleteUrl"] = f"{renderer.base}/rest/api/1.0/labels/suggest?query="
    shown["hasDefaultValue"] = field.kind is FieldKind.PRIORITY
    if field.kind is FieldKind.PRIORITY:
        shown["defaultValue"] = renderer.priority(place.project.default_priority)
    shown["operations"] = operations(field)
    allowed = allowed_values(renderer, field, place)
    if allowed is not None:
        shown["allowedValues"] = allowed
    return shown


def on_screen(renderer: Renderer, place: Place, screen: Iterable[str]) -> list[Field]:
    """The fields of a screen that exist for the project and issue type."""
    world = renderer.world
    found = []
    for field_id in screen:
        field = world.fields[field_id]
        if not field.custom or world.contexts_of(field_id, place.project.id, place.type_id) is not None:
            found.append(field)
    return found


def screen_json(renderer: Renderer, place: Place, screen: Iterable[str], required: Collection[str]) -> Body:
    """Field metadata by field id."""
    return {f.id: field_meta(renderer, f, place, required) for f in on_screen(renderer, place, screen)}


def editmeta_json(renderer: Renderer, issue: Issue) -> Body:
    """The fields that the edit screen has now; none where the status forbids editing."""
    project = renderer.world.projects[issue.project_id]
    if not renderer.world.statuses[issue.status_id].editable:
        return {}
    screens = project.screens[issue.type_id]
    place = Place(project=project, type_id=issue.type_id)
    screen = (*screens.edit, "comment")
    return screen_json(renderer, place, screen, screens.required)


MULTI_VERBS = frozenset({FieldKind.LABELS}) | MULTI_CHOICES
