"""The small world of a pretend Jira that was given none: one project, two people, and an account for Backbone."""

from __future__ import annotations


def small_world(flavour: str, project: str) -> dict[str, object]:
    """A plan as :func:`backbone.simulator.seed.read_plan` takes it."""
    return {
        "flavour": flavour,
        "users": [
            {"name": "sync", "display_name": "Backbone", "password": "sync", "tokens": ["sync-token"]},
            {"name": "anna", "display_name": "Anna Arendt", "password": "anna", "tokens": ["anna-token"]},
            {"name": "ben", "display_name": "Ben Bauer", "password": "ben", "tokens": ["ben-token"]},
        ],
        "roles": {"Developers": ["sync", "anna", "ben"]},
        "statuses": [
            {"name": "Open", "category": "new"},
            {"name": "In Progress"},
            {"name": "Done", "category": "done"},
        ],
        "types": ["Bug", "Task"],
        "workflows": [
            {
                "name": "plain",
                "initial": "Open",
                "transitions": [
                    {"name": "Start", "start": ["Open"], "to": "In Progress"},
                    {"name": "Finish", "start": ["In Progress"], "to": "Done"},
                    {"name": "Reopen", "start": ["Done"], "to": "Open"},
                ],
            }
        ],
        "projects": [{"key": project, "name": f"Project {project}", "lead": "anna", "workflow": "plain"}],
    }
