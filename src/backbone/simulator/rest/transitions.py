"""Transitions of issues."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.access import demand_unarchived, fresh, get_issue
from backbone.simulator.rest.call import Body, Call, answer, checked, mapping, no_content
from backbone.simulator.rest.edits import BODY_KEYS, Form, Parsed, parse
from backbone.simulator.rest.endpoints import both
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import Place
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.transition_json import transition_json
from backbone.simulator.world.discussion import add_comment, set_issue_properties
from backbone.simulator.world.editing import transition_issue
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import offered_transitions
from backbone.simulator.world.workflows import Transition


async def offered(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/transitions``: nothing without the Transition permission."""
    issue = get_issue(call)
    renderer = Renderer(call)
    wanted = call.query("transitionId")
    with_fields = "transitions.fields" in call.names("expand")
    shown = [
        transition_json(renderer, issue, transition, with_fields=with_fields)
        for transition in offered_transitions(call.world, call.account, issue)
        if not wanted or transition.id == wanted
    ]
    return answer({"expand": "transitions", "transitions": shown})


def _wanted(call: Call, issue: Issue, body: dict[str, object]) -> Transition:
    identity = mapping(body, "transition").get("id")
    if identity is None:
        raise Refused(400, "Missing 'transition' identifier")
    for transition in offered_transitions(call.world, call.account, issue):
        if transition.id == str(identity):
            return transition
    if not str(identity).isdecimal():
        raise Refused(400, f"Transition id '{identity}' is not valid for this issue.")
    raise Refused(
        400,
        "It seems that you have tried to perform a workflow operation "
        f"({identity}) that is not valid for the current state of this issue ({issue.key}). "
        "The likely cause is that somebody has changed the issue recently, please look at the issue history for details.",
    )


def _form(call: Call, issue: Issue, transition: Transition) -> Form:
    project = call.world.projects[issue.project_id]
    return Form(
        place=Place(project=project, type_id=issue.type_id),
        screen=frozenset(transition.screen or ()),
        required=transition.required,
        issue=issue,
    )


async def perform(call: Call) -> web.StreamResponse:
    """``POST issue/{id}/transitions``; Cloud refuses a second one while the first still runs."""
    issue = get_issue(call)
    body = checked(await call.json(), BODY_KEYS)
    demand_unarchived(issue)
    transition = _wanted(call, issue, body)
    _parse(call, issue, transition, body)
    if issue.id in call.site.busy and call.traits.is_cloud:
        raise Refused(409, "The issue is being transitioned by another request. Try again.")
    call.site.busy.add(issue.id)
    try:
        await call.site.faults.before_write(call.request, "issue.transition")
        _perform(call, fresh(call, issue), transition, body)
        await call.site.faults.after_write(call.request, "issue.transition")
    finally:
        call.site.busy.discard(issue.id)
    return no_content()


def _parse(call: Call, issue: Issue, transition: Transition, body: Body) -> Parsed:
    """Read a transition; without a screen its fields and comments are ignored, as Jira does."""
    ignored = {"transition"} if transition.screen is not None else {"transition", "fields", "update"}
    kept = {key: value for key, value in body.items() if key not in ignored}
    return parse(call, _form(call, issue, transition), kept)


def _perform(call: Call, present: Issue, transition: Transition, body: Body) -> None:
    if not transition.starts_at(present.status_id):
        raise Refused(409 if call.traits.is_cloud else 400, "The issue has changed its status meanwhile.")
    parsed = _parse(call, present, transition, body)
    values = dict(parsed.values)
    if "resolution" in (transition.screen or ()) and values.get("resolution") is None:
        values["resolution"] = next(iter(call.world.resolutions), None)
    issue = transition_issue(call.world, present, call.user, transition, values, metadata=parsed.metadata)
    if parsed.properties:
        issue = set_issue_properties(call.world, issue, {**issue.properties, **parsed.properties})
    for words in parsed.comments:
        add_comment(call.world, fresh(call, present), call.user, words)


ENDPOINTS = (
    both(
        "GET",
        "issue/{issue}/transitions",
        offered,
        "expand transitionId",
        "skipRemoteOnlyCondition includeUnavailableTransitions sortByOpsBarAndStatus",
    ),
    both("POST", "issue/{issue}/transitions", perform),
)
