"""What a caller may see and do; what is invisible is answered like what does not exist."""

from __future__ import annotations

from backbone.simulator.rest.call import Call
from backbone.simulator.rest.errors import INVISIBLE_CLOUD, INVISIBLE_DATA_CENTER, Refused
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import may, sees_issue
from backbone.simulator.world.projects import Project


def no_issue(call: Call) -> Refused:
    """404 for an issue that is absent or invisible; Data Center asks the anonymous to log in."""
    if call.traits.is_cloud:
        return Refused(404, INVISIBLE_CLOUD)
    if call.account is None:
        return Refused(401, "You do not have the permission to see the specified issue.", "Login Required")
    return Refused(404, INVISIBLE_DATA_CENTER)


def get_issue(call: Call, id_or_key: str | None = None) -> Issue:
    """The issue of the path (or of a body), or 404."""
    wanted = call.path("issue") if id_or_key is None else id_or_key
    issue = call.world.find_issue(wanted)
    if issue is None or not sees_issue(call.world, call.account, issue):
        raise no_issue(call)
    return issue


def fresh(call: Call, issue: Issue) -> Issue:
    """The issue as it is now: others may have changed or deleted it since it was read."""
    found = call.world.issues.get(issue.id)
    if found is None:
        raise no_issue(call)
    return found


def get_project(call: Call, id_or_key: str | None = None) -> Project:
    """The project of the path (or of a body), or 404."""
    wanted = call.path("project") if id_or_key is None else id_or_key
    project = call.world.find_project(wanted)
    if project is None or not may(call.account, "BROWSE_PROJECTS", project):
        raise Refused(404, f"No project could be found with {'id' if wanted.isdecimal() else 'key'} '{wanted}'.")
    return project


def demand(call: Call, permission: str, issue: Issue, message: str, status: int = 403) -> None:
    """Refuse unless the caller holds a permission for the issue."""
    if not may(call.account, permission, call.world.projects[issue.project_id], issue):
        raise Refused(status, message)


def demand_room(present: int, added: int, limit: int | None, things: str) -> None:
    """Refuse what would exceed Cloud's limits of things an issue."""
    if limit is not None and present + added > limit:
        raise Refused(413, f"The issue has reached the limit of {limit} {things}.")


def demand_unarchived(issue: Issue) -> None:
    """Archived issues are read-only."""
    if issue.archived:
        raise Refused(403, f"Issue {issue.key} is archived. You can't edit archived issues.")
