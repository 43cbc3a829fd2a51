"""Fields, types, projects, screens and the server itself as Jira's metadata shows them."""

from __future__ import annotations

import msgspec

from backbone.adapters.jira.codec.kinds import kind_of
from backbone.adapters.jira.codec.values import OptionJson, option_from_json
from backbone.core.model.keys import FieldId, ProjectId, ProjectKey
from backbone.core.model.values import Option
from backbone.ports.tracker import CreateField, FieldInfo, ProjectInfo, TypeInfo


class ServerJson(msgspec.Struct, rename="camel"):
    """serverInfo: it can be asked without logging in."""

    version: str = ""
    version_numbers: list[int] = []
    deployment_type: str = "Server"
    base_url: str = ""


class MyselfJson(msgspec.Struct, rename="camel"):
    """The account that asks."""

    account_id: str | None = None
    name: str | None = None
    key: str | None = None
    display_name: str = ""
    time_zone: str = ""


class SchemaJson(msgspec.Struct):
    """The type of a field."""

    type: str = ""
    custom: str = ""


class FieldJson(msgspec.Struct):
    """One of all fields."""

    id: str
    name: str
    custom: bool = False
    schema: SchemaJson | None = None


class ProjectJson(msgspec.Struct):
    """A project with all keys that it has and had."""

    id: str | int
    key: str
    name: str = ""
    project_keys: list[str] = msgspec.field(default_factory=list, name="projectKeys")


class TypeJson(msgspec.Struct):
    """An issue type with the statuses of its workflow."""

    id: str | int
    name: str
    subtask: bool = False
    statuses: list[OptionJson] = []


class AllowedJson(msgspec.Struct):
    """A value that a field accepts."""

    id: str | int | None = None
    value: str | None = None
    name: str | None = None
    disabled: bool = False
    children: list[AllowedJson] = []


class ScreenFieldJson(msgspec.Struct):
    """A field of a screen for creating or editing. Old versions nested the allowed values in one list too many."""

    name: str = ""
    required: bool = False
    key: str | None = None
    field_id: str | None = msgspec.field(default=None, name="fieldId")
    has_default: bool = msgspec.field(default=False, name="hasDefaultValue")
    allowed: list[msgspec.Raw] | None = msgspec.field(default=None, name="allowedValues")


class CreateMetaJson(msgspec.Struct):
    """A page of the fields for creating: Data Center calls them values, Cloud fields."""

    values: list[ScreenFieldJson] | None = None
    fields: list[ScreenFieldJson] | None = None
    total: int | None = None
    is_last: bool | None = msgspec.field(default=None, name="isLast")

    @property
    def found(self) -> list[ScreenFieldJson]:
        return self.values if self.values is not None else self.fields or []


class EditMetaJson(msgspec.Struct):
    """The fields for editing, by id."""

    fields: dict[str, ScreenFieldJson] = {}


class PermissionJson(msgspec.Struct):
    """Whether a permission is held."""

    have: bool = msgspec.field(default=False, name="havePermission")


class PermissionsJson(msgspec.Struct):
    """Permissions by key."""

    permissions: dict[str, PermissionJson]


def field_from_json(found: FieldJson) -> FieldInfo:
    ident = FieldId(found.id)
    schema = found.schema or SchemaJson()
    return FieldInfo(
        id=ident,
        name=found.name,
        kind=kind_of(ident, schema.custom),
        custom=found.custom,
        schema=schema.custom or schema.type,
    )


def project_from_json(found: ProjectJson) -> ProjectInfo:
    former = tuple(ProjectKey(key) for key in found.project_keys if key != found.key)
    return ProjectInfo(id=ProjectId(str(found.id)), key=ProjectKey(found.key), name=found.name, former=former)


def type_from_json(found: TypeJson) -> TypeInfo:
    statuses = tuple(option_from_json(each) for each in found.statuses)
    return TypeInfo(type=Option(str(found.id), found.name), subtask=found.subtask, statuses=statuses)


def screen_field_from_json(ident: str, found: ScreenFieldJson) -> CreateField:
    """Options that were disabled are shown on issues but refused, hence left out."""
    allowed = None if found.allowed is None else [each for each in _flat(found.allowed) if not each.disabled]
    return CreateField(
        id=FieldId(ident),
        name=found.name,
        required=found.required,
        has_default=found.has_default,
        options=None if allowed is None else tuple(_option(each) for each in allowed),
        children={
            _option(each).id: tuple(_option(child) for child in each.children if not child.disabled)
            for each in allowed or []
            if each.children
        },
    )


def _flat(allowed: list[msgspec.Raw]) -> list[AllowedJson]:
    """The allowed values that have an identity; what has none, such as a list of projects' issues, is no option."""
    return [each for raw in allowed for each in _allowed(raw) if each.id is not None or each.value or each.name]


def _allowed(raw: msgspec.Raw) -> list[AllowedJson]:
    try:
        found = msgspec.json.decode(raw, type=AllowedJson | str | list[AllowedJson])
    except msgspec.MsgspecError:
        return []
    match found:
        case list():
            return found
        case str():
            return [AllowedJson(id=found, name=found)]
        case _:
            return [found]


def _option(found: AllowedJson) -> Option:
    return option_from_json(OptionJson(id=found.id, value=found.value, name=found.name))
