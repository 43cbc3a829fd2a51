"""Which fields there are, by which names, and which operators each kind of field takes.

Facts: Atlassian, "Advanced searching - fields reference" (Data Center and Cloud).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backbone.simulator.jql.tree import FieldReference, NamedField, NumberedField, Operator
from backbone.simulator.jql.world import FieldInfo, FieldKind, JqlWorld

_EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.IN, Operator.NOT_IN})
_EMPTINESS = frozenset({Operator.IS, Operator.IS_NOT})
_ORDER = frozenset({Operator.GREATER, Operator.GREATER_EQUALS, Operator.LESS, Operator.LESS_EQUALS})
_LIKENESS = frozenset({Operator.LIKE, Operator.NOT_LIKE})

OPERATORS: Mapping[FieldKind, frozenset[Operator]] = MappingProxyType(
    {
        FieldKind.ISSUE: _EQUALITY | _ORDER,
        FieldKind.OPTION: _EQUALITY | _EMPTINESS,
        FieldKind.ORDERED_OPTION: _EQUALITY | _EMPTINESS | _ORDER,
        FieldKind.LABELS: _EQUALITY | _EMPTINESS,
        FieldKind.TEXT: _LIKENESS | _EMPTINESS,
        FieldKind.TEXTS: _LIKENESS,
        FieldKind.ALL_TEXT: frozenset({Operator.LIKE}),
        FieldKind.EXACT_TEXT: _EQUALITY | _EMPTINESS,
        FieldKind.INSTANT: _EQUALITY | _EMPTINESS | _ORDER,
        FieldKind.DAY: _EQUALITY | _EMPTINESS | _ORDER,
        FieldKind.NUMBER: _EQUALITY | _EMPTINESS | _ORDER,
        FieldKind.USER: _EQUALITY | _EMPTINESS,
        FieldKind.PRESENCE: _EMPTINESS,
        FieldKind.UNSEARCHABLE: frozenset(),
    }
)


def _system(field_id: str, kind: FieldKind, *names: str, catalogue: str = "") -> dict[str, FieldInfo]:
    info = FieldInfo(id=field_id, name=names[0] if names else field_id, kind=kind, catalogue=catalogue)
    return {name.lower(): info for name in names or (field_id,)}


SYSTEM_FIELDS: Mapping[str, FieldInfo] = MappingProxyType(
    _system("key", FieldKind.ISSUE, "key", "id", "issue", "issuekey")
    | _system("parent", FieldKind.ISSUE)
    | _system("project", FieldKind.OPTION, catalogue="project")
    | _system("issuetype", FieldKind.OPTION, "issuetype", "type", catalogue="issuetype")
    | _system("status", FieldKind.OPTION, catalogue="status")
    | _system("statusCategory", FieldKind.OPTION, "statusCategory", catalogue="statusCategory")
    | _system("priority", FieldKind.ORDERED_OPTION, catalogue="priority")
    | _system("resolution", FieldKind.ORDERED_OPTION, catalogue="resolution")
    | _system("components", FieldKind.OPTION, "component", catalogue="component")
    | _system("fixVersions", FieldKind.OPTION, "fixVersion", catalogue="version")
    | _system("versions", FieldKind.OPTION, "affectedVersion", catalogue="version")
    | _system("security", FieldKind.OPTION, "level", catalogue="security")
    | _system("labels", FieldKind.LABELS)
    | _system("summary", FieldKind.TEXT)
    | _system("description", FieldKind.TEXT)
    | _system("environment", FieldKind.TEXT)
    | _system("comment", FieldKind.TEXTS)
    | _system("text", FieldKind.ALL_TEXT)
    | _system("created", FieldKind.INSTANT, "created", "createdDate")
    | _system("updated", FieldKind.INSTANT, "updated", "updatedDate")
    | _system("resolutiondate", FieldKind.INSTANT, "resolved", "resolutionDate")
    | _system("duedate", FieldKind.DAY, "due", "duedate")
    | _system("creator", FieldKind.USER)
    | _system("reporter", FieldKind.USER)
    | _system("assignee", FieldKind.USER)
    | _system("attachment", FieldKind.PRESENCE, "attachments")
)


def find_fields(reference: FieldReference, world: JqlWorld) -> tuple[FieldInfo, ...]:
    """All fields that a reference may mean: none, one, or several custom fields of one name."""
    if isinstance(reference, NumberedField):
        wanted = f"customfield_{reference.number}"
        return tuple(info for info in world.custom_fields() if info.id == wanted)
    if isinstance(reference, NamedField):
        return _find_named(reference.name.lower(), world)
    return ()


def _find_named(name: str, world: JqlWorld) -> tuple[FieldInfo, ...]:
    system = SYSTEM_FIELDS.get(name)
    if system is not None:
        return (system,)
    return tuple(info for info in world.custom_fields() if info.name.lower() == name)
