"""Which kind a field has: by its id where Jira made it, else by the type of the custom field."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.core.model.keys import STATUS, SUMMARY, FieldId
from backbone.core.model.values import FieldKind

SYSTEM: Mapping[FieldId, FieldKind] = {
    SUMMARY: FieldKind.TEXT,
    FieldId("description"): FieldKind.MULTILINE,
    FieldId("environment"): FieldKind.MULTILINE,
    FieldId("priority"): FieldKind.OPTION,
    FieldId("resolution"): FieldKind.OPTION,
    FieldId("labels"): FieldKind.LABELS,
    FieldId("duedate"): FieldKind.DATE,
    STATUS: FieldKind.STATUS,
}

_CUSTOM: Mapping[str, FieldKind] = {
    "textfield": FieldKind.TEXT,
    "textarea": FieldKind.MULTILINE,
    "url": FieldKind.URL,
    "float": FieldKind.NUMBER,
    "datepicker": FieldKind.DATE,
    "datetime": FieldKind.INSTANT,
    "select": FieldKind.OPTION,
    "radiobuttons": FieldKind.OPTION,
    "multiselect": FieldKind.OPTIONS,
    "multicheckboxes": FieldKind.OPTIONS,
    "cascadingselect": FieldKind.CASCADE,
    "labels": FieldKind.LABELS,
}
_JIRA = "com.atlassian.jira.plugin.system.customfieldtypes:"


def kind_of(field: FieldId, custom_type: str) -> FieldKind | None:
    """The kind of a field, or None where we can't carry it; ``custom_type`` is ``schema.custom``."""
    if custom_type.startswith(_JIRA):
        return _CUSTOM.get(custom_type.removeprefix(_JIRA))
    return SYSTEM.get(field)
