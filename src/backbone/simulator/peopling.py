"""Fills a world with the issues of its plan, each as its people would have written it."""

from __future__ import annotations

from datetime import timedelta

from backbone.simulator.flavour import Traits
from backbone.simulator.person import Person, person_named
from backbone.simulator.plan import IssuePlan, WorldPlan
from backbone.simulator.seed import build_world, traits_of
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.state import World


def make_world(plan: WorldPlan, clock: Clock | None = None) -> World:
    """The world of a plan, issues included."""
    world = build_world(plan, clock)
    traits = traits_of(plan)
    start = world.clock() - timedelta(days=plan.history_days)
    step = timedelta(days=plan.history_days) / max(len(plan.issues), 1)
    for number, issue in enumerate(plan.issues):
        with world.clock.at(start + number * step):
            _add_issue(world, traits, issue, step / 10)
    return world


def _add_issue(world: World, traits: Traits, plan: IssuePlan, pause: timedelta) -> None:
    project = world.find_project(plan.project)
    lead = world.users[project.lead].name if project is not None else ""
    author = person_named(world, traits, plan.reporter or lead)
    issue = author.create(plan.project, plan.type, plan.summary, **plan.fields)
    for name, content in plan.attachments.items():
        author.attach(issue.key, name, content.encode())
    for comment in plan.comments:
        world.clock.advance(pause)
        writer = person_named(world, traits, comment.author)
        if comment.internal:
            writer.comment_internally(issue.key, comment.body)
        else:
            writer.comment(issue.key, comment.body, role=comment.role, group=comment.group)
    if plan.status:
        world.clock.advance(pause)
        _walk_to(world, author, issue.id, plan.status)


def _walk_to(world: World, author: Person, issue_id: int, status: str) -> None:
    """Take the shortest path of transitions, whatever their conditions."""
    issue = world.issues[issue_id]
    steps = world.workflow_of(issue).transitions
    paths: dict[str, tuple[str, ...]] = {issue.status_id: ()}
    frontier = [issue.status_id]
    while frontier:
        present = frontier.pop(0)
        for step in steps:
            if step.starts_at(present) and step.target not in paths:
                paths[step.target] = (*paths[present], step.name)
                frontier.append(step.target)
    target = next(s.id for s in world.statuses.values() if s.name == status)
    for name in paths[target]:
        author.transition(issue_id, name)
