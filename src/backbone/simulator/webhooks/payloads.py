"""The bodies of deliveries, in the shapes of both products.

Sources: recorded deliveries in the test data of mattermost/mattermost-plugin-jira, mobitel-ltd/jira-to-matrix
and zulip/zulip. Texts are wiki text on both products, and everything is shown, restricted comments included.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from backbone.simulator.flavour import Traits
from backbone.simulator.rest.attachment_json import attachment_json
from backbone.simulator.rest.changelog_json import item_json
from backbone.simulator.rest.comment_json import comment_json
from backbone.simulator.rest.issue_json import View, fields_json, selected_fields
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.times import epoch_milliseconds
from backbone.simulator.webhooks.happenings import Event, Happening
from backbone.simulator.world.history import changed
from backbone.simulator.world.issues import HistoryItem, Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import World

Body = dict[str, object]
SLIM = ("summary", "issuetype", "project", "assignee", "priority", "status")
ISSUE_EVENTS = frozenset({Event.ISSUE_CREATED, Event.ISSUE_UPDATED, Event.ISSUE_DELETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How the receivers of webhooks see a Jira: by version 2 of the interface, at its own base address."""

    world: World
    traits: Traits
    base: str
    account: User | None = None
    api: str = "2"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the instance."""
        return ZoneInfo(self.world.settings.time_zone)

    @property
    def rest(self) -> str:
        """The address of the REST interface."""
        return f"{self.base}/rest/api/{self.api}"


def payload(outlook: Outlook, happening: Happening, now: datetime) -> Body:
    """The body of a delivery."""
    renderer = Renderer(outlook)
    body: Body = {"timestamp": epoch_milliseconds(now), "webhookEvent": str(happening.event)}
    if happening.event in ISSUE_EVENTS:
        return body | _issue_event(renderer, happening)
    if happening.comment is not None and happening.issue is not None:
        return body | _comment_event(renderer, happening.issue, happening)
    if happening.attachment is not None:
        return body | {"attachment": attachment_json(renderer, happening.attachment)}
    if happening.project is not None:
        return body | {"project": _project(renderer, happening.project)}
    raise AssertionError(f"nothing to tell about {happening.event}")


def _issue_event(renderer: Renderer, happening: Happening) -> Body:
    issue = happening.issue
    assert issue is not None  # every event of an issue has one
    body: Body = {} if happening.kind is None else {"issue_event_type_name": happening.kind}
    if happening.actor is not None:
        body["user"] = renderer.user(happening.actor)
    with_lists = not renderer.cloud or happening.event is Event.ISSUE_DELETED
    body["issue"] = full_issue(renderer, issue, with_lists=with_lists)
    changelog = _changelog(renderer, issue, happening)
    if changelog is not None:
        body["changelog"] = changelog
    if happening.comment is not None and happening.kind != "issue_comment_deleted":
        body["comment"] = comment_json(renderer, issue, happening.comment)
    return body


def _changelog(renderer: Renderer, issue: Issue, happening: Happening) -> Body | None:
    """What was changed; Cloud also tells the values that an issue was created with."""
    if happening.history is not None:
        items = [item_json(renderer, item) for item in happening.history.items]
        return {"id": str(happening.history.id), "items": items}
    if happening.event is Event.ISSUE_CREATED and renderer.cloud:
        number = renderer.world.sequences.next("history")
        return {"id": str(number), "items": [item_json(renderer, item) for item in _first_values(renderer, issue)]}
    return None


def _first_values(renderer: Renderer, issue: Issue) -> list[HistoryItem]:
    world = renderer.world
    values = [
        changed(world, world.fields[field_id], None, value)
        for field_id, value in issue.values.items()
        if field_id != "parent"
    ]
    return [*values, changed(world, world.fields["status"], None, issue.status_id)]


def full_issue(renderer: Renderer, issue: Issue, *, with_lists: bool) -> Body:
    """An issue with all fields; comments and worklogs only where the product embeds them."""
    wanted = ["*all", "-comment", "-worklog"]
    if with_lists:
        wanted.remove("-worklog")
    fields = _fields(renderer, issue, wanted)
    if with_lists:
        shown = [comment_json(renderer, issue, comment) for comment in issue.comments]
        fields["comment"] = {"comments": shown, "maxResults": len(shown), "total": len(shown), "startAt": 0}
    return {**_identity(renderer, issue), "fields": fields}


def _fields(renderer: Renderer, issue: Issue, wanted: Collection[str]) -> Body:
    view = View(fields=wanted)
    return fields_json(renderer, issue, view, selected_fields(renderer, issue, wanted))


def _identity(renderer: Renderer, issue: Issue) -> Body:
    return {"id": str(issue.id), "self": f"{renderer.rest}/issue/{issue.id}", "key": issue.key}


def _comment_event(renderer: Renderer, issue: Issue, happening: Happening) -> Body:
    """Data Center names no issue: its id stands only in the address of the comment."""
    assert happening.comment is not None  # the caller has looked
    body: Body = {}
    if happening.event is Event.COMMENT_DELETED and not renderer.cloud and happening.actor is not None:
        body["user"] = renderer.user(happening.actor)
    body["comment"] = comment_json(renderer, issue, happening.comment)
    if renderer.cloud:
        body["issue"] = {**_identity(renderer, issue), "fields": _fields(renderer, issue, SLIM)}
    return body


def _project(renderer: Renderer, project: Project) -> Body:
    return {
        "self": f"{renderer.rest}/project/{project.id}",
        "id": int(project.id),
        "key": project.key,
        "name": project.name,
        "avatarUrls": renderer.avatars("/secure/projectavatar", pid=project.id),
        "projectLead": renderer.lead(project.lead),
        "assigneeType": "admin.assignee.type.project.lead",
    }


def variables(outlook: Outlook, happening: Happening) -> dict[str, str]:
    """What the variables in the address of a webhook stand for."""
    issue, world = happening.issue, outlook.world
    values: dict[str, str] = {}
    project = happening.project
    if issue is not None:
        values |= {"issue.id": str(issue.id), "issue.key": issue.key}
        project = project or world.projects.get(issue.project_id)
    if project is not None:
        values |= {"project.id": project.id, "project.key": project.key}
    if happening.comment is not None:
        values["comment.id"] = str(happening.comment.id)
    if happening.attachment is not None:
        values["attachment.id"] = str(happening.attachment.id)
    if happening.actor is not None:
        user = world.users[happening.actor]
        shown = {"accountId": user.account_id} if outlook.traits.is_cloud else {"key": user.key, "name": user.name}
        values |= {f"modifiedUser.{name}": value for name, value in shown.items()}
    return values
