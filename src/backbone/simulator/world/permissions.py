"""Who may do what: permissions of a project for an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backbone.simulator.world.issues import Comment, Issue, Visibility
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import World
from backbone.simulator.world.workflows import (
    Condition,
    OnlyAssignee,
    OnlyGroup,
    OnlyReporter,
    Transition,
)

EVERYBODY_LOGGED_IN = frozenset({"logged-in"})
NOBODY: frozenset[str] = frozenset()

PROJECT_PERMISSIONS: dict[str, str] = {
    "BROWSE_PROJECTS": "Browse Projects",
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "TRANSITION_ISSUES": "Transition Issues",
    "ASSIGN_ISSUES": "Assign Issues",
    "ASSIGNABLE_USER": "Assignable User",
    "MODIFY_REPORTER": "Modify Reporter",
    "RESOLVE_ISSUES": "Resolve Issues",
    "CLOSE_ISSUES": "Close Issues",
    "LINK_ISSUES": "Link Issues",
    "DELETE_ISSUES": "Delete Issues",
    "MOVE_ISSUES": "Move Issues",
    "SET_ISSUE_SECURITY": "Set Issue Security",
    "SCHEDULE_ISSUES": "Schedule Issues",
    "ADD_COMMENTS": "Add Comments",
    "EDIT_ALL_COMMENTS": "Edit All Comments",
    "EDIT_OWN_COMMENTS": "Edit Own Comments",
    "DELETE_ALL_COMMENTS": "Delete All Comments",
    "DELETE_OWN_COMMENTS": "Delete Own Comments",
    "CREATE_ATTACHMENTS": "Create Attachments",
    "DELETE_ALL_ATTACHMENTS": "Delete All Attachments",
    "DELETE_OWN_ATTACHMENTS": "Delete Own Attachments",
    "WORK_ON_ISSUES": "Work On Issues",
    "EDIT_OWN_WORKLOGS": "Edit Own Worklogs",
    "EDIT_ALL_WORKLOGS": "Edit All Worklogs",
    "DELETE_OWN_WORKLOGS": "Delete Own Worklogs",
    "DELETE_ALL_WORKLOGS": "Delete All Worklogs",
    "MANAGE_WATCHERS": "Manage Watchers",
    "VIEW_VOTERS_AND_WATCHERS": "View Voters and Watchers",
    "ADMINISTER_PROJECTS": "Administer Projects",
}
GLOBAL_PERMISSIONS: dict[str, str] = {
    "ADMINISTER": "Administer Jira",
    "SYSTEM_ADMIN": "Jira System Administrators",
    "USER_PICKER": "Browse Users",
    "BULK_CHANGE": "Bulk Change",
}
# Held only where a grant names the holder; everything else defaults to every account.
RESERVED = frozenset(
    {
        "EDIT_ALL_COMMENTS",
        "DELETE_ALL_COMMENTS",
        "DELETE_ALL_ATTACHMENTS",
        "EDIT_ALL_WORKLOGS",
        "DELETE_ALL_WORKLOGS",
        "ADMINISTER_PROJECTS",
        "DELETE_ISSUES",
    }
)


def holders(project: Project, permission: str) -> frozenset[str]:
    """The holders named by the project's permission scheme."""
    default = NOBODY if permission in RESERVED else EVERYBODY_LOGGED_IN
    return project.grants.get(permission, default)


def may(user: User | None, permission: str, project: Project, issue: Issue | None = None) -> bool:
    """Whether an account (``None``: anonymous) holds a permission in a project.

    Without an issue, a permission that depends on the issue counts as held if it could be
    held for some issue, as Jira documents for ``mypermissions``.
    """
    granted = holders(project, permission)
    if "anyone" in granted:
        return True
    if user is None or not user.active:
        return False
    if "logged-in" in granted or f"user:{user.key}" in granted:
        return True
    if any(f"group:{group}" in granted for group in user.groups):
        return True
    if "lead" in granted and project.lead == user.key:
        return True
    return _may_by_issue(granted, user, issue)


def _may_by_issue(granted: frozenset[str], user: User, issue: Issue | None) -> bool:
    roles = granted & {"reporter", "assignee"}
    if issue is None:
        return bool(roles)
    return any(issue.value(role) == user.key for role in roles)


def may_globally(user: User | None, permission: str) -> bool:
    """Whether an account holds a global permission."""
    if user is None or not user.active:
        return False
    return user.admin or permission in {"USER_PICKER", "BULK_CHANGE"}


def sees_issue(world: World, user: User | None, issue: Issue) -> bool:
    """Whether the account may browse the issue."""
    return may(user, "BROWSE_PROJECTS", world.projects[issue.project_id], issue)


def issue_filter(world: World, user: User | None) -> Callable[[Issue], bool]:
    """``sees_issue`` for many issues: asked once a project where the issue does not matter."""
    verdicts = {
        project.id: may(user, "BROWSE_PROJECTS", project)
        for project in world.projects.values()
        if not holders(project, "BROWSE_PROJECTS") & {"reporter", "assignee"}
    }

    def sees(issue: Issue) -> bool:
        verdict = verdicts.get(issue.project_id)
        return sees_issue(world, user, issue) if verdict is None else verdict

    return sees


def in_visibility(world: World, user: User | None, visibility: Visibility | None) -> bool:
    """Whether the account belongs to the role or group that a comment is restricted to."""
    if visibility is None:
        return True
    if user is None:
        return False
    if visibility.type == "group":
        return visibility.value in user.groups
    return user.key in world.roles.get(visibility.value, NOBODY)


def sees_comment(world: World, user: User | None, comment: Comment) -> bool:
    """Whether a comment appears for the account at all."""
    return in_visibility(world, user, comment.visibility)


def _fulfils(condition: Condition, user: User, issue: Issue) -> bool:
    match condition:
        case OnlyAssignee():
            return issue.value("assignee") == user.key
        case OnlyReporter():
            return issue.value("reporter") == user.key
        case OnlyGroup(group=group):
            return group in user.groups


def offered_transitions(world: World, user: User | None, issue: Issue) -> list[Transition]:
    """What the account may do now: nothing at all without the Transition permission."""
    project = world.projects[issue.project_id]
    if user is None or not may(user, "TRANSITION_ISSUES", project, issue):
        return []
    return [
        transition
        for transition in world.workflow_of(issue).transitions
        if transition.starts_at(issue.status_id)
        and all(_fulfils(condition, user, issue) for condition in transition.conditions)
    ]


def grant(world: World, project: Project, permission: str, granted: frozenset[str]) -> Project:
    """Replace the holders of a permission in a project."""
    changed = replace(project, grants={**project.grants, permission: granted})
    world.projects[project.id] = changed
    return changed


def withdraw(world: World, project: Project, permission: str, user: User) -> Project:
    """Take a permission from one account: everybody else that is known keeps it."""
    present = [other for other in world.users.values() if other.key != user.key and may(other, permission, project)]
    named = holders(project, permission) - EVERYBODY_LOGGED_IN - {"anyone", f"user:{user.key}"}
    kept = {entry for entry in named if not entry.startswith("group:")}
    return grant(world, project, permission, frozenset(kept | {f"user:{other.key}" for other in present}))
