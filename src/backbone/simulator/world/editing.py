"""Changes of issues: create, edit, transition. Every change is one changelog entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from backbone.simulator.world.fields import Value
from backbone.simulator.world.history import changed
from backbone.simulator.world.issues import History, HistoryItem, Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import World
from backbone.simulator.world.workflows import AssignToActor, AssignToReporter, PostFunction, SetValue, Transition

EMPTY: tuple[Value, ...] = (None, (), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a create asks for; ``values`` are canonical and complete with defaults."""

    project: Project
    type_id: str
    values: Mapping[str, Value]
    properties: Mapping[str, object]


def tidy(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values without the empty ones: empty text, no label and ``None`` are all "empty"."""
    return {field_id: value for field_id, value in values.items() if value not in EMPTY}


def create_issue(world: World, actor: User, draft: Draft) -> Issue:
    """Add an issue in the initial status of its workflow."""
    now = world.clock()
    number = world.sequences.next_issue_number(draft.project.id)
    workflow = world.workflows[draft.project.workflows[draft.type_id]]
    values = tidy({"priority": draft.project.default_priority, "reporter": actor.key, **draft.values})
    issue = Issue(
        id=world.sequences.next("issue"),
        key=f"{draft.project.key}-{number}",
        project_id=draft.project.id,
        type_id=draft.type_id,
        status_id=workflow.initial,
        creator=actor.key,
        created=now,
        updated=now,
        status_since=now,
        values=values,
        properties=dict(draft.properties),
    )
    world.put(issue, now, actor.key)
    return issue


def _history(
    world: World, actor: User, now: datetime, items: tuple[HistoryItem, ...], metadata: Mapping[str, object] | None
) -> History:
    return History(id=world.sequences.next("history"), author=actor.key, created=now, items=items, metadata=metadata)


def record(
    world: World,
    issue: Issue,
    actor: User,
    items: tuple[HistoryItem, ...],
    metadata: Mapping[str, object] | None = None,
) -> Issue:
    """Store a changed state of an issue with its changelog entry and a later ``updated``."""
    now = world.clock()
    histories = issue.histories
    if items:
        histories = (*histories, _history(world, actor, now, items, metadata))
    stored = replace(issue, updated=max(now, issue.updated), histories=histories, version=issue.version + 1)
    world.put(stored, now, actor.key)
    return stored


def touch_silently(world: World, issue: Issue) -> Issue:
    """Store a state that differs only in what does not move ``updated`` (properties)."""
    stored = replace(issue, version=issue.version + 1)
    world.put(stored, world.clock())
    return stored


def _differences(world: World, issue: Issue, values: Mapping[str, Value]) -> tuple[HistoryItem, ...]:
    items = []
    for field_id, value in values.items():
        old = issue.type_id if field_id == "issuetype" else issue.value(field_id)
        if old != value and not (old in EMPTY and value in EMPTY):
            items.append(changed(world, world.fields[field_id], old, value))
    return tuple(items)


def _with_values(issue: Issue, values: Mapping[str, Value]) -> Issue:
    rest = {field_id: value for field_id, value in values.items() if field_id != "issuetype"}
    type_id = values.get("issuetype", issue.type_id)
    return replace(issue, type_id=str(type_id), values=tidy({**issue.values, **rest}))


def edit_issue(
    world: World,
    issue: Issue,
    actor: User,
    values: Mapping[str, Value],
    metadata: Mapping[str, object] | None = None,
) -> Issue:
    """Set fields; without a difference nothing happens: no entry, no new ``updated``."""
    items = _differences(world, issue, values)
    if not items:
        return issue
    return record(world, _with_values(issue, values), actor, items, metadata)


def _post(issue: Issue, actor: User, function: PostFunction) -> dict[str, Value]:
    match function:
        case SetValue(field_id=field_id, value=value):
            return {field_id: value}
        case AssignToReporter():
            return {"assignee": issue.value("reporter")}
        case AssignToActor():
            return {"assignee": actor.key}


def transition_issue(
    world: World,
    issue: Issue,
    actor: User,
    transition: Transition,
    values: Mapping[str, Value],
    *,
    metadata: Mapping[str, object] | None = None,
) -> Issue:
    """Walk a transition: screen fields, post functions and the status in one entry."""
    wanted = dict(values)
    for function in transition.post_functions:
        wanted |= _post(issue, actor, function)
    items = _differences(world, issue, wanted)
    if transition.target != issue.status_id:
        items += (changed(world, world.fields["status"], issue.status_id, transition.target),)
    now = world.clock()
    moved = _with_values(issue, wanted)
    resolved = moved.resolved if moved.value("resolution") == issue.value("resolution") else now
    moved = replace(
        moved,
        status_id=transition.target,
        status_since=issue.status_since if transition.target == issue.status_id else now,
        resolved=resolved if moved.value("resolution") is not None else None,
    )
    return record(world, moved, actor, items, metadata)
