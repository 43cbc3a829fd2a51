"""What changes identity or existence: moves, renames, deletion, archiving, leaving users."""

from __future__ import annotations

from dataclasses import replace

from backbone.simulator.world.editing import record, touch_silently
from backbone.simulator.world.history import changed
from backbone.simulator.world.issues import HistoryItem, Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import World


def _item(field: str, field_id: str | None, old: tuple[str | None, str], new: tuple[str | None, str]) -> HistoryItem:
    return HistoryItem(
        field=field, field_id=field_id, custom=False, old=old[0], old_text=old[1], new=new[0], new_text=new[1]
    )


def _type_in(world: World, issue: Issue, target: Project) -> str:
    if issue.type_id in target.type_ids:
        return issue.type_id
    level = world.issue_types[issue.type_id].subtask
    return next(t for t in target.type_ids if world.issue_types[t].subtask is level)


def move_issue(world: World, issue: Issue, actor: User, target: Project) -> Issue:
    """Move to another project: the id stays, the key changes, the old key keeps resolving."""
    origin = world.projects[issue.project_id]
    type_id = _type_in(world, issue, target)
    workflow = world.workflows[target.workflows[type_id]]
    status_id = issue.status_id if issue.status_id in workflow.status_ids() else workflow.initial
    key = f"{target.key}-{world.sequences.next_issue_number(target.id)}"
    items = [
        _item("project", "project", (origin.id, origin.name), (target.id, target.name)),
        _item("Key", None, (None, issue.key), (None, key)),
    ]
    if type_id != issue.type_id:
        items.append(changed(world, world.fields["issuetype"], issue.type_id, type_id))
    if status_id != issue.status_id:
        items.append(changed(world, world.fields["status"], issue.status_id, status_id))
    old_flow = world.workflow_of(issue).name
    if old_flow != workflow.name:
        items.append(_item("Workflow", None, (None, old_flow), (None, workflow.name)))
    moved = replace(issue, key=key, project_id=target.id, type_id=type_id, status_id=status_id)
    return record(world, moved, actor, tuple(items))


def rename_project_key(world: World, project: Project, key: str) -> Project:
    """Give a project another key: every issue key changes at once, without history."""
    renamed = replace(project, key=key, former_keys=(*project.former_keys, project.key))
    world.projects[project.id] = renamed
    for issue in [i for i in world.issues.values() if i.project_id == project.id]:
        number = issue.key.rpartition("-")[2]
        touch_silently(world, replace(issue, key=f"{key}-{number}"))
    for observer in world.observers:
        observer.project_changed(project, renamed)
    return renamed


def delete_project(world: World, project: Project) -> None:
    """Delete a project with its issues; observers hear of the project only, not of every issue."""
    for issue in [i for i in world.issues.values() if i.project_id == project.id]:
        world.forget(issue.id)
    del world.projects[project.id]
    for observer in world.observers:
        observer.project_changed(project, None)


def delete_issue(world: World, issue: Issue, actor: User | None = None) -> None:
    """Delete an issue and its sub-tasks."""
    for gone in (*world.children_of(str(issue.id)), issue):
        world.forget(gone.id)
        for observer in world.observers:
            observer.issue_deleted(gone, None if actor is None else actor.key)


def archive_issue(world: World, issue: Issue) -> Issue:
    """Archive: out of the search, read-only, still readable by key."""
    return touch_silently(world, replace(issue, archived=True))


def restore_issue(world: World, issue: Issue) -> Issue:
    """Take an issue out of the archive."""
    return touch_silently(world, replace(issue, archived=False))


def deactivate_user(world: World, user: User) -> User:
    """Deactivate an account: it can neither log in nor be assigned."""
    gone = replace(user, active=False)
    world.users[user.key] = gone
    return gone


def delete_user(world: World, user: User) -> User:
    """Delete an account: what it made stays, but little is told about it any more."""
    gone = replace(user, active=False, deleted=True, password=None, tokens=frozenset())
    world.users[user.key] = gone
    return gone


def rename_user(world: World, user: User, name: str) -> User:
    """Change a login name; the key stays."""
    renamed = replace(user, name=name)
    world.users[user.key] = renamed
    return renamed
