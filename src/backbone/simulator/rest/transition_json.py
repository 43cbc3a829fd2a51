"""Transitions as JSON."""

from __future__ import annotations

from backbone.simulator.rest.call import Body
from backbone.simulator.rest.field_meta import Place, screen_json
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import offered_transitions
from backbone.simulator.world.workflows import Transition


def transition_json(renderer: Renderer, issue: Issue, transition: Transition, *, with_fields: bool) -> Body:
    """One transition; only Cloud tells whether it has a screen."""
    shown: Body = {"id": transition.id, "name": transition.name, "to": renderer.status(transition.target)}
    if renderer.cloud:
        shown |= {
            "hasScreen": transition.screen is not None,
            "isGlobal": not transition.sources,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": bool(transition.conditions),
            "looped": transition.target == issue.status_id,
        }
    if with_fields:
        place = Place(project=renderer.world.projects[issue.project_id], type_id=issue.type_id)
        shown["fields"] = screen_json(renderer, place, transition.screen or (), transition.required)
    return shown


def transitions_json(renderer: Renderer, issue: Issue, *, with_fields: bool) -> list[Body]:
    """What the caller may do now."""
    offered = offered_transitions(renderer.world, renderer.call.account, issue)
    return [transition_json(renderer, issue, transition, with_fields=with_fields) for transition in offered]
