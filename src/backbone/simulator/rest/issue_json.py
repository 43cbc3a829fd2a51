"""Issues as JSON: which fields, which expansions, which limits of embedded lists."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from backbone.simulator.rest.attachment_json import attachment_json
from backbone.simulator.rest.call import Body
from backbone.simulator.rest.changelog_json import expanded_changelog
from backbone.simulator.rest.comment_json import embedded_comments
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import editmeta_json
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.transition_json import transitions_json
from backbone.simulator.rest.values import value_json
from backbone.simulator.world.fields import Field
from backbone.simulator.world.issues import Issue

EXPANDABLE = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
KNOWN_EXPANSIONS = frozenset([*EXPANDABLE.split(","), "transitions", "transitions.fields", "properties"])
# Clients ask for ``*none``, a field that no Jira has, so that they get none.
SELECTORS = frozenset({"*all", "*navigable", "*none", "id", "key", "issuekey"})
FieldRender = Callable[[Renderer, Issue], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a caller wants to see issues, with the limits that hold in this place."""

    fields: Collection[str]
    expand: frozenset[str] = frozenset()
    properties: Collection[str] = ()
    comments: int | None = None
    changelog: int | None = None


def selected_fields(renderer: Renderer, issue: Issue, wanted: Collection[str]) -> list[Field]:
    """The fields named by ``*all``, ``*navigable``, ids and exclusions (``-comment``)."""
    world = renderer.world
    excluded = {name[1:] for name in wanted if name.startswith("-")}
    included = [name for name in wanted if not name.startswith("-")]
    if excluded and not included:
        included = ["*all"]
    chosen: dict[str, Field] = {}
    for name in included:
        if name == "*all":
            chosen.update(world.fields)
        elif name == "*navigable":
            chosen.update({f.id: f for f in world.fields.values() if f.navigable})
        elif name in world.fields:
            chosen[name] = world.fields[name]
    return [f for f in chosen.values() if f.id not in excluded and _exists(renderer, issue, f)]


def _exists(renderer: Renderer, issue: Issue, field: Field) -> bool:
    if not field.custom:
        return field.id != "parent" or issue.value("parent") is not None
    return renderer.world.contexts_of(field.id, issue.project_id, issue.type_id) is not None


def _worklog(renderer: Renderer, issue: Issue) -> object:
    del issue
    return {"startAt": 0, "maxResults": renderer.traits.worklogs_embedded, "total": 0, "worklogs": []}


def _votes(renderer: Renderer, issue: Issue) -> object:
    return {"self": f"{renderer.rest}/issue/{issue.key}/votes", "votes": 0, "hasVoted": False}


def _watches(renderer: Renderer, issue: Issue) -> object:
    return {"self": f"{renderer.rest}/issue/{issue.key}/watchers", "watchCount": 0, "isWatching": False}


def _brief(renderer: Renderer, issue: Issue) -> Body:
    priority = issue.value("priority")
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": f"{renderer.rest}/issue/{issue.id}",
        "fields": {
            "summary": issue.value("summary"),
            "status": renderer.status(issue.status_id),
            "priority": renderer.priority(priority) if isinstance(priority, str) else None,
            "issuetype": renderer.issue_type(issue.type_id),
        },
    }


def _subtasks(renderer: Renderer, issue: Issue) -> object:
    if renderer.world.issue_types[issue.type_id].subtask:
        return []
    own = str(issue.id)
    return [_brief(renderer, child) for child in renderer.world.children_of(own)]


def _parent(renderer: Renderer, issue: Issue) -> object:
    parent = renderer.world.find_issue(str(issue.value("parent")))
    return None if parent is None else _brief(renderer, parent)


def _nothing(*_: object) -> object:
    return None


def _no_things(*_: object) -> object:
    return []


def _no_tracking(*_: object) -> object:
    return {}


def _no_progress(*_: object) -> object:
    return {"progress": 0, "total": 0}


def _no_ratio(*_: object) -> object:
    return -1


COMPUTED: dict[str, FieldRender] = {
    "issuetype": lambda r, i: r.issue_type(i.type_id),
    "project": lambda r, i: r.project(i.project_id),
    "status": lambda r, i: r.status(i.status_id),
    "creator": lambda r, i: r.user(i.creator),
    "created": lambda r, i: r.issue_time(i.created),
    "updated": lambda r, i: r.issue_time(i.updated),
    "resolutiondate": lambda r, i: r.issue_time(i.resolved) if i.resolved else None,
    "lastViewed": _nothing,
    "attachment": lambda r, i: [attachment_json(r, a) for a in i.attachments],
    "worklog": _worklog,
    "votes": _votes,
    "watches": _watches,
    "subtasks": _subtasks,
    "parent": _parent,
    "issuelinks": _no_things,
    "components": _no_things,
    "fixVersions": _no_things,
    "versions": _no_things,
    "workratio": _no_ratio,
    "timespent": _nothing,
    "timeestimate": _nothing,
    "timeoriginalestimate": _nothing,
    "aggregatetimespent": _nothing,
    "aggregatetimeestimate": _nothing,
    "aggregatetimeoriginalestimate": _nothing,
    "timetracking": _no_tracking,
    "progress": _no_progress,
    "aggregateprogress": _no_progress,
}


def fields_json(renderer: Renderer, issue: Issue, view: View, chosen: Collection[Field]) -> Body:
    """The ``fields`` object."""
    shown: Body = {}
    for field in chosen:
        if field.id == "comment":
            shown["comment"] = embedded_comments(renderer, issue, view.comments)
            continue
        computed = COMPUTED.get(field.id)
        if computed is not None:
            shown[field.id] = computed(renderer, issue)
        else:
            shown[field.id] = value_json(renderer, field, issue.values.get(field.id))
    return shown


def _rendered(shown: Body) -> Body:
    return {name: f"<p>{value}</p>" if isinstance(value, str) else None for name, value in shown.items()}


def _expansions(renderer: Renderer, issue: Issue, view: View, chosen: Collection[Field], shown: Body) -> Body:
    extra: Body = {}
    if "renderedFields" in view.expand:
        extra["renderedFields"] = _rendered(shown)
    if "names" in view.expand:
        extra["names"] = {f.id: f.name for f in chosen}
    if "schema" in view.expand:
        extra["schema"] = {f.id: f.schema() for f in chosen}
    if view.expand & {"transitions", "transitions.fields"}:
        with_fields = "transitions.fields" in view.expand
        extra["transitions"] = transitions_json(renderer, issue, with_fields=with_fields)
    if "operations" in view.expand:
        extra["operations"] = {"linkGroups": []}
    if "editmeta" in view.expand:
        extra["editmeta"] = {"fields": editmeta_json(renderer, issue)}
    if "changelog" in view.expand:
        extra["changelog"] = expanded_changelog(renderer, issue, view.changelog)
    return extra


def issue_json(renderer: Renderer, issue: Issue, view: View) -> Body:
    """One issue."""
    shown: Body = {
        "expand": EXPANDABLE,
        "id": str(issue.id),
        "self": f"{renderer.rest}/issue/{issue.id}",
        "key": issue.key,
    }
    chosen = selected_fields(renderer, issue, view.fields)
    fields = fields_json(renderer, issue, view, chosen) if view.fields else {}
    if fields or not _only_identity(view.fields):
        shown["fields"] = fields
    if view.properties:
        every = "*all" in view.properties
        wanted = {k: v for k, v in issue.properties.items() if every or k in view.properties}
        shown["properties"] = wanted
    if view.expand:
        shown |= _expansions(renderer, issue, view, chosen, fields)
    return shown


def _only_identity(wanted: Collection[str]) -> bool:
    return all(name in {"id", "key", "*none"} for name in wanted)


def check_fields(renderer: Renderer, names: Collection[str]) -> None:
    """400 for a field that does not exist: Jira ignores it, which hides typing errors."""
    known = renderer.world.fields
    unknown = [name for name in names if name.removeprefix("-") not in known and name not in SELECTORS]
    if unknown:
        raise Refused(400, f"Unknown fields: {', '.join(unknown)} (the simulator refuses what Jira ignores)")


def check_expand(names: Collection[str]) -> frozenset[str]:
    """The expansions, or 400: Jira ignores an unknown one, which hides typing errors."""
    unknown = [name for name in names if name not in KNOWN_EXPANSIONS]
    if unknown:
        raise Refused(400, f"Unknown expand: {', '.join(unknown)} (the simulator refuses what Jira ignores)")
    return frozenset(names)
