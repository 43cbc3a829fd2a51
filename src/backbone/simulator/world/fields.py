"""Fields: kinds, definitions, contexts and options.

Values inside the world are small and canonical: text, dates (``YYYY-MM-DD``), users
(their key) and single choices (the id) are ``str``; numbers ``float``; instants
``datetime`` in UTC; everything multiple, and the cascading select, a tuple of strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Value = str | float | datetime | tuple[str, ...] | None

CUSTOM_PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"


class FieldKind(StrEnum):
    """What a field holds; custom kinds are named as in Jira's ``schema.custom``."""

    SUMMARY = "summary"
    TEXT = "textfield"
    TEXTAREA = "textarea"
    URL = "url"
    NUMBER = "float"
    DATE = "datepicker"
    DATETIME = "datetime"
    SELECT = "select"
    RADIO = "radiobuttons"
    MULTISELECT = "multiselect"
    CHECKBOXES = "multicheckboxes"
    CASCADE = "cascadingselect"
    LABELS = "labels"
    USER = "userpicker"
    PRIORITY = "priority"
    RESOLUTION = "resolution"
    ISSUETYPE = "issuetype"
    PROJECT = "project"
    STATUS = "status"
    PARENT = "parent"
    COMMENT = "comment"
    COMPUTED = "computed"


CHOICES = frozenset({FieldKind.SELECT, FieldKind.RADIO})
MULTI_CHOICES = frozenset({FieldKind.MULTISELECT, FieldKind.CHECKBOXES})
OPTION_KINDS = CHOICES | MULTI_CHOICES | {FieldKind.CASCADE}
RICH_KINDS = frozenset({FieldKind.TEXTAREA})

# kind -> (schema.type, schema.items)
SCHEMA_TYPES: Mapping[FieldKind, tuple[str, str | None]] = {
    FieldKind.SUMMARY: ("string", None),
    FieldKind.TEXT: ("string", None),
    FieldKind.TEXTAREA: ("string", None),
    FieldKind.URL: ("string", None),
    FieldKind.NUMBER: ("number", None),
    FieldKind.DATE: ("date", None),
    FieldKind.DATETIME: ("datetime", None),
    FieldKind.SELECT: ("option", None),
    FieldKind.RADIO: ("option", None),
    FieldKind.MULTISELECT: ("array", "option"),
    FieldKind.CHECKBOXES: ("array", "option"),
    FieldKind.CASCADE: ("option-with-child", None),
    FieldKind.LABELS: ("array", "string"),
    FieldKind.USER: ("user", None),
    FieldKind.PRIORITY: ("priority", None),
    FieldKind.RESOLUTION: ("resolution", None),
    FieldKind.ISSUETYPE: ("issuetype", None),
    FieldKind.PROJECT: ("project", None),
    FieldKind.STATUS: ("status", None),
    FieldKind.PARENT: ("issuelink", None),
    FieldKind.COMMENT: ("comments-page", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the instance; ``schema_type`` and ``schema_items`` only where the kind does not tell."""

    id: str
    name: str
    kind: FieldKind
    custom: bool = False
    navigable: bool = True
    searchable: bool = True
    orderable: bool = True
    clause_names: tuple[str, ...] = ()
    schema_type: str = ""
    schema_items: str | None = None

    @property
    def number(self) -> int:
        """The number in ``customfield_NNNNN``."""
        return int(self.id.rpartition("_")[2])

    def schema(self) -> dict[str, object]:
        """The ``schema`` object that Jira shows for this field."""
        kind_type, kind_items = SCHEMA_TYPES.get(self.kind, (self.schema_type, self.schema_items))
        schema: dict[str, object] = {"type": kind_type}
        if kind_items is not None:
            schema["items"] = kind_items
        if self.custom:
            schema["custom"] = CUSTOM_PREFIX + self.kind.value
            schema["customId"] = self.number
        else:
            schema["system"] = self.id
        return schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice of a select field; a disabled one is still shown where it is set."""

    id: str
    value: str
    disabled: bool = False
    children: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldContext:
    """Where a custom field exists and with which options; empty sets mean everywhere."""

    id: str
    field_id: str
    project_ids: frozenset[str] = frozenset()
    type_ids: frozenset[str] = frozenset()
    options: tuple[Option, ...] = ()

    def covers(self, project_id: str, type_id: str) -> bool:
        """Whether the field exists for this project and issue type by this context."""
        in_project = not self.project_ids or project_id in self.project_ids
        return in_project and (not self.type_ids or type_id in self.type_ids)


def _computed(field_id: str, name: str, schema_type: str, items: str | None = None) -> Field:
    return Field(
        id=field_id,
        name=name,
        kind=FieldKind.COMPUTED,
        orderable=False,
        clause_names=(field_id,),
        schema_type=schema_type,
        schema_items=items,
    )


def _system(field_id: str, name: str, kind: FieldKind, *clauses: str) -> Field:
    return Field(id=field_id, name=name, kind=kind, clause_names=clauses or (field_id,))


SYSTEM_FIELDS: tuple[Field, ...] = (
    _system("summary", "Summary", FieldKind.SUMMARY),
    _system("issuetype", "Issue Type", FieldKind.ISSUETYPE, "issuetype", "type"),
    _system("project", "Project", FieldKind.PROJECT),
    _system("status", "Status", FieldKind.STATUS),
    _system("priority", "Priority", FieldKind.PRIORITY),
    _system("resolution", "Resolution", FieldKind.RESOLUTION),
    _system("labels", "Labels", FieldKind.LABELS),
    _system("description", "Description", FieldKind.TEXTAREA),
    _system("environment", "Environment", FieldKind.TEXTAREA),
    _system("duedate", "Due date", FieldKind.DATE, "due", "duedate"),
    _system("assignee", "Assignee", FieldKind.USER),
    _system("reporter", "Reporter", FieldKind.USER),
    _system("parent", "Parent", FieldKind.PARENT),
    Field(
        id="comment",
        name="Comment",
        kind=FieldKind.COMMENT,
        navigable=False,
        clause_names=("comment",),
    ),
    Field(
        id="attachment",
        name="Attachment",
        kind=FieldKind.COMPUTED,
        navigable=False,
        clause_names=("attachments",),
        schema_type="array",
        schema_items="attachment",
    ),
    Field(
        id="worklog",
        name="Log Work",
        kind=FieldKind.COMPUTED,
        navigable=False,
        schema_type="array",
        schema_items="worklog",
    ),
    _computed("issuelinks", "Linked Issues", "array", "issuelinks"),
    _computed("subtasks", "Sub-Tasks", "array", "issuelinks"),
    _computed("creator", "Creator", "user"),
    _computed("created", "Created", "datetime"),
    _computed("updated", "Updated", "datetime"),
    _computed("resolutiondate", "Resolved", "datetime"),
    _computed("lastViewed", "Last Viewed", "datetime"),
    _computed("components", "Component/s", "array", "component"),
    _computed("fixVersions", "Fix Version/s", "array", "version"),
    _computed("versions", "Affects Version/s", "array", "version"),
    _computed("votes", "Votes", "votes"),
    _computed("watches", "Watchers", "watches"),
    _computed("workratio", "Work Ratio", "number"),
    _computed("timespent", "Time Spent", "number"),
    _computed("timeestimate", "Remaining Estimate", "number"),
    _computed("timeoriginalestimate", "Original Estimate", "number"),
    _computed("timetracking", "Time Tracking", "timetracking"),
    _computed("progress", "Progress", "progress"),
    _computed("aggregateprogress", "Σ Progress", "progress"),
    _computed("aggregatetimespent", "Σ Time Spent", "number"),
    _computed("aggregatetimeestimate", "Σ Remaining Estimate", "number"),
    _computed("aggregatetimeoriginalestimate", "Σ Original Estimate", "number"),
)
