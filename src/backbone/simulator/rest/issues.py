"""Issues: create, read, edit, assign, delete, archive."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from backbone.simulator.rest.access import demand, demand_unarchived, fresh, get_issue
from backbone.simulator.rest.call import Body, Call, answer, checked, mapping, no_content, texts
from backbone.simulator.rest.edits import BODY_KEYS, Form, Parsed, parse
from backbone.simulator.rest.endpoints import both, only_cloud, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import Place
from backbone.simulator.rest.inputs import Reader, Unacceptable, off_screen
from backbone.simulator.rest.issue_json import View, check_expand, check_fields, issue_json
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.discussion import add_comment, set_issue_properties
from backbone.simulator.world.editing import Draft, create_issue, edit_issue, transition_issue
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.moving import archive_issue, delete_issue, restore_issue
from backbone.simulator.world.permissions import may
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import World
from backbone.simulator.world.workflows import Transition

ARCHIVE_LIMIT = 1000


def _place(call: Call, fields: Mapping[str, object]) -> Place:
    wanted = mapping(fields, "project")
    text = wanted.get("id") or wanted.get("key")
    project = call.world.find_project(str(text)) if text else None
    if project is None or not may(call.account, "BROWSE_PROJECTS", project):
        word = "valid project is required" if call.traits.is_cloud else "project is required"
        raise Refused(400, errors={"project": word})
    if not may(call.account, "CREATE_ISSUES", project):
        text = "You do not have permission to create issues in this project."
        raise Refused(403 if call.traits.is_cloud else 400, errors={"project": text})
    return Place(project=project, type_id=_type(call, project, mapping(fields, "issuetype")))


def _type(call: Call, project: Project, wanted: Body) -> str:
    types = call.world.issue_types
    for type_id in project.type_ids:
        if wanted.get("id") is not None:
            if str(wanted["id"]) == type_id:
                return type_id
        elif types[type_id].name == wanted.get("name"):
            return type_id
    if not wanted:
        raise Refused(400, errors={"issuetype": "issue type is required"})
    cloud = "Specify an issue type" if call.traits.is_cloud else "issue type is required"
    raise Refused(400, errors={"issuetype": cloud})


def _initial_transition(call: Call, place: Place, body: Mapping[str, object]) -> Transition | None:
    wanted = mapping(body, "transition").get("id")
    if wanted is None:
        return None
    workflow = call.world.workflows[place.project.workflows[place.type_id]]
    for transition in workflow.transitions:
        if transition.id == str(wanted) and transition.starts_at(workflow.initial):
            return transition
    raise Refused(400, errors={"transition": f"Transition id '{wanted}' is not valid for this issue."})


def prepare_create(call: Call, raw: object) -> tuple[Place, Parsed, Transition | None]:
    """Check a whole create request."""
    body = checked(raw, BODY_KEYS)
    fields = dict(mapping(body, "fields"))
    place = _place(call, fields)
    fields = {name: value for name, value in fields.items() if name not in {"project", "issuetype"}}
    screens = place.project.screens[place.type_id]
    screen = set(screens.create) - {"project", "issuetype"}
    required = set(screens.required)
    if call.world.issue_types[place.type_id].subtask:
        screen.add("parent")
        required.add("parent")
    form = Form(place=place, screen=frozenset(screen), required=frozenset(required))
    parsed = parse(call, form, {**body, "fields": fields})
    _guard_people(call, place.project, None, parsed)
    return place, parsed, _initial_transition(call, place, body)


def _guard_people(call: Call, project: Project, issue: Issue | None, parsed: Parsed) -> None:
    for field_id, permission in (("assignee", "ASSIGN_ISSUES"), ("reporter", "MODIFY_REPORTER")):
        if field_id in parsed.values and not may(call.account, permission, project, issue):
            raise Refused(400, errors={field_id: off_screen(field_id)})


def run_create(call: Call, place: Place, parsed: Parsed, transition: Transition | None) -> Issue:
    """Create the issue of a checked request."""
    draft = Draft(project=place.project, type_id=place.type_id, values=parsed.values, properties=parsed.properties)
    issue = create_issue(call.world, call.user, draft)
    if transition is not None:
        issue = transition_issue(call.world, issue, call.user, transition, {}, metadata=parsed.metadata)
    for words in parsed.comments:
        add_comment(call.world, fresh(call, issue), call.user, words)
    return fresh(call, issue)


def created_json(call: Call, issue: Issue) -> Body:
    """What a create answers."""
    return {"id": str(issue.id), "key": issue.key, "self": f"{Renderer(call).rest}/issue/{issue.id}"}


async def create(call: Call) -> web.StreamResponse:
    """``POST issue``."""
    prepared = prepare_create(call, await call.json())
    await call.site.faults.before_write(call.request, "issue.create")
    issue = run_create(call, *prepared)
    await call.site.faults.after_write(call.request, "issue.create")
    return answer(created_json(call, issue), 201)


def read_view(call: Call) -> View:
    """How a single read wants to see the issue: all fields by default."""
    check_fields(Renderer(call), call.names("fields"))
    return View(
        fields=call.names("fields") or ["*all"],
        expand=check_expand(call.names("expand")),
        properties=call.names("properties"),
        comments=call.traits.comments_on_read,
        changelog=call.traits.changelog_on_read,
    )


async def read(call: Call) -> web.StreamResponse:
    """``GET issue/{id}``: a former key is resolved silently."""
    issue = get_issue(call)
    return answer(issue_json(Renderer(call), issue, read_view(call)))


def edit_form(world: World, issue: Issue) -> Form:
    """The edit screen of an issue."""
    project = world.projects[issue.project_id]
    screens = project.screens[issue.type_id]
    return Form(
        place=Place(project=project, type_id=issue.type_id),
        screen=frozenset(screens.edit),
        required=screens.required,
        issue=issue,
        asks_untouched=False,
    )


def guard_edit(call: Call, issue: Issue) -> None:
    """Refuse an edit for lack of rights or because the status forbids it."""
    demand_unarchived(issue)
    demand(call, "EDIT_ISSUES", issue, "You do not have permission to edit issues in this project.")
    if not call.world.statuses[issue.status_id].editable:
        raise Refused(400, "You do not have permission to edit this issue as its status does not allow editing.")


def is_quiet_allowed(call: Call, issue: Issue) -> bool:
    """Whether ``notifyUsers=false`` may be used: only administrators of Jira or the project."""
    project = call.world.projects[issue.project_id]
    user = call.user
    return user.admin or may(user, "ADMINISTER_PROJECTS", project, issue)


async def edit(call: Call) -> web.StreamResponse:
    """``PUT issue/{id}``: the whole request or nothing."""
    issue = get_issue(call)
    body = checked(await call.json(), BODY_KEYS)
    guard_edit(call, issue)
    quiet_refused = call.says_no("notifyUsers") and not is_quiet_allowed(call, issue)
    if quiet_refused and not call.traits.is_cloud:
        raise Refused(403, "To discard the user notification either admin or project admin permissions are required.")
    if call.says_yes("overrideScreenSecurity") or call.says_yes("overrideEditableFlag"):
        raise Refused(403, "Only Connect and Forge app users can override screens and the editable flag.")
    parsed = _parse_edit(call, issue, body)
    if not quiet_refused:
        await call.site.faults.before_write(call.request, "issue.edit")
        parsed = _parse_edit(call, fresh(call, issue), body)
        apply_edit(call, issue, parsed)
        await call.site.faults.after_write(call.request, "issue.edit")
    if not call.says_yes("returnIssue"):
        return no_content()
    return answer(issue_json(Renderer(call), fresh(call, issue), read_view(call)))


def _parse_edit(call: Call, issue: Issue, body: Body) -> Parsed:
    """Read an edit; Cloud silently ignores a status in it."""
    fields = mapping(body, "fields")
    if call.traits.is_cloud:
        fields = {name: value for name, value in fields.items() if name != "status"}
    parsed = parse(call, edit_form(call.world, issue), {**body, "fields": fields})
    project = call.world.projects[issue.project_id]
    _guard_people(call, project, issue, parsed)
    type_id = str(parsed.values.get("issuetype", issue.type_id))
    types = call.world.issue_types
    same_kind = types[type_id].subtask is types[issue.type_id].subtask
    if not same_kind or project.workflows[type_id] != project.workflows[issue.type_id]:
        raise Refused(400, errors={"issuetype": "The issue type selected is invalid."})
    return parsed


def apply_edit(call: Call, present: Issue, parsed: Parsed) -> None:
    """Apply a checked edit to the issue as it is now."""
    issue = edit_issue(call.world, fresh(call, present), call.user, parsed.values, parsed.metadata)
    if parsed.properties:
        issue = set_issue_properties(call.world, issue, {**issue.properties, **parsed.properties})
    for words in parsed.comments:
        add_comment(call.world, fresh(call, issue), call.user, words)


async def assign(call: Call) -> web.StreamResponse:
    """``PUT issue/{id}/assignee``: ``-1`` is the project's default, here its lead.

    Who may not assign gets 401 from Data Center (so its description of this resource) and 403 from Cloud.
    """
    issue = get_issue(call)
    body = await call.body(("accountId",) if call.traits.is_cloud else ("name",))
    demand_unarchived(issue)
    refused = 403 if call.traits.is_cloud else 401
    demand(call, "ASSIGN_ISSUES", issue, "You do not have permission to assign issues.", refused)
    project = call.world.projects[issue.project_id]
    place = Place(project=project, type_id=issue.type_id)
    reader = Reader(world=call.world, traits=call.traits, place=place, adf=False)
    try:
        wanted = reader.read(call.world.fields["assignee"], body)
    except Unacceptable as refusal:
        raise Refused(400, errors={"assignee": refusal.text}) from None
    await call.site.faults.before_write(call.request, "issue.edit")
    edit_issue(call.world, fresh(call, issue), call.user, {"assignee": wanted})
    await call.site.faults.after_write(call.request, "issue.edit")
    return no_content()


async def delete(call: Call) -> web.StreamResponse:
    """``DELETE issue/{id}``: sub-tasks only go along when asked for."""
    issue = get_issue(call)
    demand(call, "DELETE_ISSUES", issue, "You do not have permission to delete issues in this project.")
    if call.world.children_of(str(issue.id)) and not call.says_yes("deleteSubtasks"):
        text = f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks."
        raise Refused(400, text)
    await call.site.faults.before_write(call.request, "issue.delete")
    delete_issue(call.world, issue, call.user)
    await call.site.faults.after_write(call.request, "issue.delete")
    return no_content()


async def archive(call: Call) -> web.StreamResponse:
    """``PUT issue/{id}/archive`` of Data Center."""
    issue = get_issue(call)
    if not call.user.admin:
        raise Refused(403, "You do not have permission to archive issues.")
    archive_issue(call.world, issue)
    return no_content()


async def _change_archive(call: Call, *, into: bool) -> web.StreamResponse:
    body = await call.body(("issueIdsOrKeys",))
    wanted = texts(body, "issueIdsOrKeys")
    if len(wanted) > ARCHIVE_LIMIT:
        raise Refused(
            412, "The number of issues to archive or unarchive exceeds the hard limit of 1000. Precondition failed."
        )
    if not call.user.admin:
        raise Refused(403, "You do not have permission to archive issues.")
    found = [issue for issue in map(call.world.find_issue, wanted) if issue is not None]
    for issue in found:
        (archive_issue if into else restore_issue)(call.world, issue)
    return answer({"numberOfIssuesUpdated": len(found), "errors": {}})


async def archive_many(call: Call) -> web.StreamResponse:
    """``PUT issue/archive`` of Cloud."""
    return await _change_archive(call, into=True)


async def restore_many(call: Call) -> web.StreamResponse:
    """``PUT issue/unarchive`` of Cloud."""
    return await _change_archive(call, into=False)


READ = "fields expand properties updateHistory"
ENDPOINTS = (
    both("POST", "issue", create, "updateHistory"),
    only_cloud("PUT", "issue/archive", archive_many),
    only_cloud("PUT", "issue/unarchive", restore_many),
    both("GET", "issue/{issue}", read, READ, "fieldsByKeys failFast"),
    both("PUT", "issue/{issue}", edit, "notifyUsers", "overrideScreenSecurity overrideEditableFlag returnIssue expand"),
    both("DELETE", "issue/{issue}", delete, "deleteSubtasks"),
    both("PUT", "issue/{issue}/assignee", assign),
    only_data_center("PUT", "issue/{issue}/archive", archive, "notifyUsers"),
)
