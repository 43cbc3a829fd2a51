"""Metadata of both products."""

from __future__ import annotations

import msgspec
import pytest

from backbone.adapters.jira.codec.kinds import kind_of
from backbone.adapters.jira.codec.metadata import (
    CreateMetaJson,
    FieldJson,
    PermissionsJson,
    ProjectJson,
    ScreenFieldJson,
    ServerJson,
    field_from_json,
    project_from_json,
    screen_field_from_json,
)
from backbone.adapters.jira.codec.transitions import TransitionsJson, transition_from_json
from backbone.adapters.jira.flavour import flavour_of
from backbone.core.model.keys import FieldId
from backbone.core.model.values import FieldKind, Option
from tests.unit.adapters.jira.samples_read import sample

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"


def test_cloud_is_told_by_its_deployment() -> None:
    server = msgspec.json.decode(sample("cloud-serverinfo.json"), type=ServerJson)

    assert flavour_of(server.deployment_type, tuple(server.version_numbers)).cloud


@pytest.mark.parametrize("deployment", ["Server", "DataCenter", "Data Center", ""])
def test_everything_else_is_data_center(deployment: str) -> None:
    assert not flavour_of(deployment, (10, 3, 17)).cloud


def test_recorded_fields_have_their_kinds() -> None:
    fields = {each.id: each for each in msgspec.json.decode(sample("server-fields.json"), type=list[FieldJson])}

    kinds = {ident: field_from_json(each).kind for ident, each in fields.items()}

    assert kinds["summary"] is FieldKind.TEXT
    assert kinds["labels"] is FieldKind.LABELS
    assert kinds["duedate"] is FieldKind.DATE
    assert kinds["progress"] is None


@pytest.mark.parametrize(
    ("custom", "kind"),
    [
        ("float", FieldKind.NUMBER),
        ("radiobuttons", FieldKind.OPTION),
        ("multicheckboxes", FieldKind.OPTIONS),
        ("cascadingselect", FieldKind.CASCADE),
        ("userpicker", None),
    ],
)
def test_custom_fields_have_the_kind_of_their_type(custom: str, kind: FieldKind | None) -> None:
    assert kind_of(FieldId("customfield_1"), CUSTOM + custom) is kind


def test_a_custom_field_of_an_app_has_no_kind() -> None:
    assert kind_of(FieldId("customfield_1"), "com.example:select") is None


@pytest.mark.parametrize("envelope", ["values", "fields"])
def test_both_envelopes_of_the_creation_screen_are_understood(envelope: str) -> None:
    body = {envelope: [{"fieldId": "summary", "name": "Summary", "required": True}], "total": 1}

    [found] = msgspec.convert(body, CreateMetaJson).found

    assert screen_field_from_json("summary", found).required


def test_allowed_values_nested_too_deep_are_found() -> None:
    screen = msgspec.json.decode(sample("server-createmeta-nested-values.json"), type=dict[str, ScreenFieldJson])

    options = screen_field_from_json("x", screen["customfield_10020"]).options

    assert options == (Option("10001", "1"), Option("10000", "1.1"))
    assert options is not None
    assert [option.name for option in options] == ["1", "1.1"]


def test_disabled_options_are_left_out_and_children_belong_to_their_parent() -> None:
    allowed = [
        {"id": "1", "value": "EU", "children": [{"id": "3", "value": "Rome"}]},
        {"id": "2", "value": "Old", "disabled": True},
        {"unknown": []},
    ]
    found = msgspec.convert({"name": "Place", "required": False}, ScreenFieldJson)
    found.allowed = [msgspec.Raw(msgspec.json.encode(each)) for each in allowed]

    field = screen_field_from_json("customfield_1", found)

    assert field.options == (Option("1", "EU"),)
    assert field.children == {"1": (Option("3", "Rome"),)}


def test_recorded_transitions_name_the_fields_of_their_screen() -> None:
    found = msgspec.json.decode(sample("server-transitions.json"), type=TransitionsJson)

    steps = [transition_from_json(each) for each in found.transitions]

    assert (steps[0].id, steps[0].name, steps[0].to.id) == ("2", "Close Issue", "10000")
    assert steps[0].offered == {"summary"}
    assert steps[0].required == frozenset()


def test_a_required_field_with_a_default_asks_for_nothing() -> None:
    body = {
        "transitions": [
            {
                "id": "1",
                "name": "Close",
                "to": {"id": "6", "name": "Closed"},
                "fields": {"resolution": {"required": True, "hasDefaultValue": True}, "duedate": {"required": True}},
            }
        ]
    }

    [step] = msgspec.convert(body, TransitionsJson).transitions

    assert transition_from_json(step).required == {"duedate"}


def test_recorded_permissions_are_held_or_not() -> None:
    found = msgspec.json.decode(sample("server-mypermissions.json"), type=PermissionsJson)

    assert found.permissions["EDIT_ISSUE"].have
    assert not found.permissions["WORKLOG_DELETE_OWN"].have


def test_a_project_tells_its_former_keys() -> None:
    info = project_from_json(ProjectJson(id=10000, key="PB", name="B", project_keys=["PA", "PB"]))

    assert (info.id, info.key, info.former) == ("10000", "PB", ("PA",))
