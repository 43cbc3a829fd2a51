"""Two small worlds that the tests of the simulator share."""

from __future__ import annotations

from backbone.simulator.plan import WorldPlan

PEOPLE = [
    {"name": "sync", "password": "sync", "tokens": ["sync-token"], "time_zone": "Europe/Berlin"},
    {"name": "anna", "display_name": "Anna Arendt", "password": "anna", "tokens": ["anna-token"]},
    {"name": "bert", "display_name": "Bert Brecht", "password": "bert", "groups": ["jira-users", "staff"]},
    {"name": "root", "password": "root", "tokens": ["root-token"], "admin": True},
]
FIELDS = [
    {"name": "Customer", "kind": "textfield"},
    {"name": "Analysis", "kind": "textarea"},
    {"name": "Site", "kind": "url"},
    {"name": "Points", "kind": "float"},
    {"name": "Start", "kind": "datepicker"},
    {"name": "Meeting", "kind": "datetime"},
    {"name": "Severity", "kind": "select", "options": ["Minor", "Major", {"value": "Gone", "disabled": True}]},
    {"name": "Answer", "kind": "radiobuttons", "options": ["Yes", "No"]},
    {"name": "Colors", "kind": "multiselect", "options": ["Red", "Green", "Blue"]},
    {"name": "Teams", "kind": "multicheckboxes", "options": ["A", "B"]},
    {"name": "Place", "kind": "cascadingselect", "options": [{"value": "EU", "children": ["Rome", "Oslo"]}]},
    {"name": "Tags", "kind": "labels"},
    {"name": "Tester", "kind": "userpicker"},
    {"name": "Only OT", "kind": "textfield", "projects": ["OT"]},
]
WORKFLOW = {
    "name": "plain",
    "initial": "Open",
    "transitions": [
        {"name": "Start", "start": ["Open"], "to": "In Progress", "assign_to": "actor"},
        {
            "name": "Finish",
            "start": ["In Progress"],
            "to": "Done",
            "screen": ["resolution", "Customer"],
            "required": ["resolution"],
        },
        {"name": "Close at once", "start": ["Open"], "to": "Done", "conditions": ["group:staff"]},
        {"name": "Reopen", "start": ["Done"], "to": "Open", "sets": {"resolution": None}},
        {"name": "Lock", "to": "Locked"},
    ],
}


def world_plan(flavour: str, version: str = "10.3.17") -> WorldPlan:
    """A world with two projects, every kind of field and no issues."""
    return WorldPlan.model_validate(
        {
            "flavour": flavour,
            "version": version,
            "users": PEOPLE,
            "roles": {"Developers": ["sync", "bert"]},
            "statuses": [
                {"name": "Open", "category": "new"},
                {"name": "In Progress"},
                {"name": "Done", "category": "done"},
                {"name": "Locked", "category": "done", "editable": False},
            ],
            "types": ["Bug", "Task", {"name": "Sub-task", "subtask": True}],
            "fields": FIELDS,
            "workflows": [WORKFLOW],
            "projects": [
                {"key": "PA", "name": "Project A", "lead": "anna", "workflow": "plain", "grants": GRANTS},
                {
                    "key": "OT",
                    "name": "Other",
                    "lead": "bert",
                    "workflow": "plain",
                    "required": ["summary", "Customer"],
                },
                {"key": "SEC", "name": "Secret", "lead": "bert", "workflow": "plain", "grants": SECRET},
            ],
        }
    )


GRANTS = {"DELETE_ISSUES": ["user:root", "lead"]}
SECRET = {"BROWSE_PROJECTS": ["user:bert"]}
