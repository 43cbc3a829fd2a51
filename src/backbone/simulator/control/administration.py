"""What administrators do while others work: rights, screens, workflows, people, projects, validators."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from backbone.simulator.control.commands import Command, Nothing, Order
from backbone.simulator.plan import WorkflowPlan
from backbone.simulator.rest.call import Site
from backbone.simulator.seed import build_workflow, key_of, named
from backbone.simulator.world.fields import Option
from backbone.simulator.world.moving import (
    archive_issue,
    deactivate_user,
    delete_project,
    delete_user,
    rename_project_key,
    rename_user,
    restore_issue,
)
from backbone.simulator.world.people import User
from backbone.simulator.world.permissions import PROJECT_PERMISSIONS, grant, holders, withdraw
from backbone.simulator.world.projects import Project
from backbone.simulator.world.state import Refusal


def project_named(site: Site, text: str) -> Project:
    """A project by key or id; ``LookupError`` if there is none."""
    project = site.world.find_project(text)
    if project is None:
        raise LookupError(f"there is no project {text}")
    return project


def user_named(site: Site, text: str) -> User:
    """A user by any of his names."""
    return site.world.users[key_of(site.world, text)]


class PermissionOrder(Order, frozen=True):
    """Give a permission to a user in a project, or take it from him."""

    project: str
    permission: str
    user: str
    held: bool


def set_permission(site: Site, order: PermissionOrder) -> object:
    project, user = project_named(site, order.project), user_named(site, order.user)
    if order.permission not in PROJECT_PERMISSIONS:
        raise LookupError(f"there is no permission {order.permission}")
    if order.held:
        grant(site.world, project, order.permission, holders(project, order.permission) | {f"user:{user.key}"})
    else:
        withdraw(site.world, project, order.permission, user)
    return {"holders": sorted(holders(site.world.projects[project.id], order.permission))}


class ScreenOrder(Order, frozen=True):
    """Add fields to, or remove them from, the screens of a project; set what is required."""

    project: str
    types: tuple[str, ...] = ()
    create: bool = True
    edit: bool = True
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    required: tuple[str, ...] | None = None


def set_screens(site: Site, order: ScreenOrder) -> object:
    """Change screens; without types, those of every type."""
    world, project = site.world, project_named(site, order.project)
    fields = world.fields.values()
    added = [named(fields, name) for name in order.add]
    removed = {named(fields, name) for name in order.remove}
    wanted = [named(world.issue_types.values(), name) for name in order.types] or list(project.type_ids)

    def changed(screen: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for f in (*screen, *added) if f not in removed))

    screens = dict(project.screens)
    for type_id in wanted:
        old = screens[type_id]
        required = old.required if order.required is None else {named(fields, name) for name in order.required}
        screens[type_id] = replace(
            old,
            create=changed(old.create) if order.create else old.create,
            edit=changed(old.edit) if order.edit else old.edit,
            required=frozenset(required),
        )
    world.projects[project.id] = replace(project, screens=screens)
    return {"changed": len(wanted)}


class WorkflowOrder(Order, frozen=True):
    """Put a new workflow (as in a plan) in force for a project, or for some of its types."""

    project: str
    workflow: dict[str, object]
    types: tuple[str, ...] = ()


def set_workflow(site: Site, order: WorkflowOrder) -> object:
    """Replace a workflow; issues keep their status, known to the new one or not."""
    world, project = site.world, project_named(site, order.project)
    workflow = build_workflow(world, WorkflowPlan.model_validate(order.workflow))
    world.workflows[workflow.name] = workflow
    wanted = [named(world.issue_types.values(), name) for name in order.types] or list(project.type_ids)
    flows = {**project.workflows, **dict.fromkeys(wanted, workflow.name)}
    world.projects[project.id] = replace(project, workflows=flows)
    return {"transitions": {step.name: step.id for step in workflow.transitions}}


class SettingsOrder(Order, frozen=True):
    """Limits and switches of the instance."""

    text_limit: int | msgspec.UnsetType = msgspec.UNSET
    upload_limit: int | msgspec.UnsetType = msgspec.UNSET
    attachments_enabled: bool | msgspec.UnsetType = msgspec.UNSET
    search_maximum: int | msgspec.UnsetType = msgspec.UNSET
    captcha_after: int | msgspec.UnsetType = msgspec.UNSET
    basic_login: bool | msgspec.UnsetType = msgspec.UNSET
    body_limit: int | msgspec.UnsetType = msgspec.UNSET
    wiki_dialect: int | msgspec.UnsetType = msgspec.UNSET


def set_settings(site: Site, order: SettingsOrder) -> object:
    for name, value in msgspec.structs.asdict(order).items():
        if value is not msgspec.UNSET:
            setattr(site.world.settings, name, value)
    return {name: getattr(site.world.settings, name) for name in order.__struct_fields__}


class UserOrder(Order, frozen=True):
    """Change an account: deactivate, rename, other secrets or time zone; forget its wrong passwords."""

    user: str
    active: bool | None = None
    deleted: bool = False
    name: str | None = None
    password: str | None = None
    tokens: tuple[str, ...] | None = None
    time_zone: str | None = None
    locale: str | None = None
    groups: tuple[str, ...] | None = None
    forget_wrong_passwords: bool = False


def set_user(site: Site, order: UserOrder) -> object:
    world, user = site.world, user_named(site, order.user)
    if order.forget_wrong_passwords:
        world.failed_logins.pop(user.name.casefold(), None)
    if order.name is not None:
        user = rename_user(world, user, order.name)
    if order.deleted:
        return {"key": delete_user(world, user).key}
    if order.active is False:
        user = deactivate_user(world, user)
    world.users[user.key] = replace(
        user,
        active=user.active if order.active is None else order.active,
        password=user.password if order.password is None else order.password,
        tokens=user.tokens if order.tokens is None else frozenset(order.tokens),
        time_zone=order.time_zone or user.time_zone,
        locale=order.locale or user.locale,
        groups=user.groups if order.groups is None else frozenset(order.groups),
    )
    return {"key": user.key}


class RenameOrder(Order, frozen=True):
    """Give a project another key."""

    project: str
    key: str


def rename_key(site: Site, order: RenameOrder) -> object:
    project = rename_project_key(site.world, project_named(site, order.project), order.key)
    return {"key": project.key, "former": list(project.former_keys)}


class ProjectOrder(Order, frozen=True):
    """Delete a project with all its issues."""

    project: str


def remove_project(site: Site, order: ProjectOrder) -> object:
    delete_project(site.world, project_named(site, order.project))
    return {"projects": [project.key for project in site.world.projects.values()]}


class ArchiveOrder(Order, frozen=True):
    """Archive an issue, or take it out of the archive."""

    issue: str
    archived: bool = True


def set_archived(site: Site, order: ArchiveOrder) -> object:
    issue = site.world.find_issue(order.issue)
    if issue is None:
        raise LookupError(f"there is no issue {order.issue}")
    (archive_issue if order.archived else restore_issue)(site.world, issue)
    return {"key": issue.key, "archived": order.archived}


class OptionOrder(Order, frozen=True):
    """Disable or enable an option of a field, or rename it."""

    field: str
    option: str
    disabled: bool = False
    value: str = ""


def set_option(site: Site, order: OptionOrder) -> object:
    world = site.world
    field_id = named(world.fields.values(), order.field)

    def changed(option: Option) -> Option:
        children = tuple(changed(child) for child in option.children)
        if order.option not in {option.id, option.value}:
            return replace(option, children=children)
        return replace(option, disabled=order.disabled, value=order.value or option.value, children=children)

    world.contexts[field_id] = tuple(
        replace(context, options=tuple(changed(option) for option in context.options))
        for context in world.contexts.get(field_id, ())
    )
    return {"options": [option.value for option in world.options_of(field_id)]}


class RefusalOrder(Order, frozen=True):
    """A validator: refuse writes to an issue, with a summary, or to a field."""

    message: str
    issue: str | None = None
    summary_contains: str | None = None
    field: str | None = None


def add_refusal(site: Site, order: RefusalOrder) -> object:
    world = site.world
    issue = world.find_issue(order.issue) if order.issue is not None else None
    world.refusals.append(
        Refusal(
            message=order.message,
            issue_id=None if issue is None else issue.id,
            summary_contains=order.summary_contains,
            field_id=named(world.fields.values(), order.field) if order.field is not None else None,
        )
    )
    return {"refusals": len(world.refusals)}


def clear_refusals(site: Site, order: Nothing) -> object:
    del order
    site.world.refusals.clear()
    return {"refusals": 0}


COMMANDS = (
    Command("POST", "permissions", PermissionOrder, set_permission),
    Command("POST", "screens", ScreenOrder, set_screens),
    Command("POST", "workflow", WorkflowOrder, set_workflow),
    Command("PUT", "settings", SettingsOrder, set_settings),
    Command("POST", "user", UserOrder, set_user),
    Command("POST", "project/rename", RenameOrder, rename_key),
    Command("POST", "project/delete", ProjectOrder, remove_project),
    Command("POST", "archive", ArchiveOrder, set_archived),
    Command("POST", "option", OptionOrder, set_option),
    Command("POST", "refusals", RefusalOrder, add_refusal),
    Command("DELETE", "refusals", Nothing, clear_refusals),
)
