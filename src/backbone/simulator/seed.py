"""Builds a world from its plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ruamel.yaml import YAML

from backbone.simulator.flavour import Flavour, Traits, cloud, data_center
from backbone.simulator.plan import (
    FieldPlan,
    OptionPlan,
    ProjectPlan,
    TransitionPlan,
    TypePlan,
    UserPlan,
    WorkflowPlan,
    WorldPlan,
)
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.fields import Field, FieldContext, Option
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import IssueType, Priority, Project, Resolution, Screens
from backbone.simulator.world.state import World
from backbone.simulator.world.workflows import (
    AssignToActor,
    AssignToReporter,
    Condition,
    OnlyAssignee,
    OnlyGroup,
    OnlyReporter,
    PostFunction,
    SetValue,
    Status,
    Transition,
    Workflow,
)

EVERYWHERE = ("summary", "description", "environment", "labels", "priority", "duedate", "assignee", "reporter")


def read_plan(raw: Mapping[str, object]) -> WorldPlan:
    """A plan from plain dictionaries; pydantic's error names what is wrong."""
    return WorldPlan.model_validate(raw)


def read_plan_file(path: Path) -> WorldPlan:
    """A plan from a YAML file."""
    return WorldPlan.model_validate(YAML(typ="safe").load(path))


def traits_of(plan: WorldPlan) -> Traits:
    """The product and version that a plan names."""
    return cloud() if plan.flavour == "cloud" else data_center(plan.version)


def account_id(name: str) -> str:
    """An account id that looks like Cloud's and is always the same for a name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"557058:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def build_world(plan: WorldPlan, clock: Clock | None = None) -> World:
    """The configuration of a world; ``peopling.make_world`` adds the issues of the plan."""
    world = World(flavour=Flavour(plan.flavour), clock=clock or Clock())
    world.settings.title = plan.title
    world.settings.time_zone = plan.time_zone
    for user in plan.users:
        _add_user(world, user)
    for role, members in plan.roles.items():
        world.roles[role] = frozenset(key_of(world, name) for name in members)
    _add_lists(world, plan)
    for workflow in plan.workflows:
        world.workflows[workflow.name] = build_workflow(world, workflow)
    for key, paths in plan.indexed_properties.items():
        world.indexed_properties |= {(key, path): kind for path, kind in paths.items()}
    for number, project in enumerate(plan.projects):
        _add_project(world, str(10000 + number), project)
    for field in plan.fields:
        _add_context(world, field)
    return world


def _add_user(world: World, plan: UserPlan) -> None:
    number = world.sequences.next("user")
    user = User(
        key=f"JIRAUSER{number}",
        name=plan.name,
        account_id=plan.account_id or account_id(plan.name),
        display_name=plan.display_name or plan.name.title(),
        email=plan.email or f"{plan.name}@example.com",
        time_zone=plan.time_zone,
        locale=plan.locale,
        password=plan.password,
        tokens=frozenset(plan.tokens),
        groups=frozenset(plan.groups),
        admin=plan.admin,
        account_type=plan.account_type,
        email_visible=plan.email_visible,
    )
    world.users[user.key] = user


def _add_lists(world: World, plan: WorldPlan) -> None:
    for number, status in enumerate(plan.statuses):
        key = str(10000 + number)
        world.statuses[key] = Status(id=key, name=status.name, category=status.category, editable=status.editable)
    for number, entry in enumerate(plan.types):
        kind = entry if isinstance(entry, TypePlan) else TypePlan(name=entry)
        level = -1 if kind.subtask else kind.hierarchy_level
        world.issue_types[str(10001 + number)] = IssueType(
            id=str(10001 + number),
            name=kind.name,
            description=kind.description,
            subtask=kind.subtask,
            hierarchy_level=level,
        )
    for number, name in enumerate(plan.priorities, start=1):
        world.priorities[str(number)] = Priority(id=str(number), name=name)
    for number, name in enumerate(plan.resolutions):
        world.resolutions[str(10000 + number)] = Resolution(id=str(10000 + number), name=name)
    for number, custom in enumerate(plan.fields):
        key = f"customfield_{10100 + number}"
        clauses = (f"cf[{10100 + number}]", custom.name)
        world.fields[key] = Field(id=key, name=custom.name, kind=custom.kind, custom=True, clause_names=clauses)


def named(things: Iterable[Status | IssueType | Priority | Resolution | Field], name: str) -> str:
    """The id of the thing with this name (or id); ``LookupError`` if there is none."""
    for thing in things:
        if name in {thing.name, thing.id}:
            return thing.id
    raise LookupError(f"there is no {name!r} here")


def key_of(world: World, name: str) -> str:
    """The key of a user by any of his names."""
    user = world.find_user(name)
    if user is None:
        raise LookupError(f"there is no user {name!r}")
    return user.key


def _conditions(plan: TransitionPlan) -> tuple[Condition, ...]:
    made: list[Condition] = []
    for word in plan.conditions:
        if word.startswith("group:"):
            made.append(OnlyGroup(group=word.removeprefix("group:")))
        elif word == "assignee":
            made.append(OnlyAssignee())
        elif word == "reporter":
            made.append(OnlyReporter())
        else:
            raise LookupError(f"unknown condition {word!r}: use assignee, reporter or group:NAME")
    return tuple(made)


def _post_functions(world: World, plan: TransitionPlan) -> tuple[PostFunction, ...]:
    made: list[PostFunction] = []
    for field, value in plan.sets.items():
        stored = named(world.resolutions.values(), value) if field == "resolution" and value else value
        made.append(SetValue(field_id=named(world.fields.values(), field), value=stored))
    if plan.assign_to == "reporter":
        made.append(AssignToReporter())
    if plan.assign_to == "actor":
        made.append(AssignToActor())
    return tuple(made)


def _transition(world: World, number: str, plan: TransitionPlan) -> Transition:
    return Transition(
        id=number,
        name=plan.name,
        target=named(world.statuses.values(), plan.to),
        sources=frozenset(named(world.statuses.values(), name) for name in plan.start),
        screen=None if plan.screen is None else _screen(world, plan.screen),
        required=frozenset(named(world.fields.values(), name) for name in plan.required),
        conditions=_conditions(plan),
        post_functions=_post_functions(world, plan),
    )


def build_workflow(world: World, plan: WorkflowPlan) -> Workflow:
    """A workflow of a plan; its transitions get the ids 11, 21 and so on."""
    steps = tuple(_transition(world, str(11 + 10 * n), step) for n, step in enumerate(plan.transitions))
    return Workflow(name=plan.name, initial=named(world.statuses.values(), plan.initial), transitions=steps)


def _screen(world: World, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(named(world.fields.values(), name) for name in names)


def _screens(world: World, plan: ProjectPlan) -> Screens:
    every = (*EVERYWHERE, *(field.id for field in world.fields.values() if field.custom))
    create = every if plan.create_screen is None else _screen(world, plan.create_screen)
    edit = create if plan.edit_screen is None else _screen(world, plan.edit_screen)
    required = frozenset(_screen(world, plan.required))
    return Screens(
        create=("project", "issuetype", *create),
        edit=("issuetype", *edit),
        required=required,
    )


def _add_project(world: World, number: str, plan: ProjectPlan) -> None:
    types = world.issue_types
    type_ids = tuple(named(types.values(), name) for name in plan.types) or tuple(types)
    flows = {t: plan.workflows.get(types[t].name, plan.workflow) for t in type_ids}
    priorities = tuple(named(world.priorities.values(), p) for p in plan.priorities) or tuple(world.priorities)
    default = named(world.priorities.values(), plan.default_priority) if plan.default_priority else ""
    screens = _screens(world, plan)
    world.projects[number] = Project(
        id=number,
        key=plan.key,
        name=plan.name,
        lead=key_of(world, plan.lead),
        kind=plan.kind,
        description=plan.description,
        type_ids=type_ids,
        workflows=flows,
        screens=dict.fromkeys(type_ids, screens),
        priority_ids=priorities,
        default_priority=default or priorities[len(priorities) // 2],
        grants={permission: frozenset(_holder(world, h) for h in held) for permission, held in plan.grants.items()},
    )


def _holder(world: World, word: str) -> str:
    kind, found, name = word.partition(":")
    return f"user:{key_of(world, name)}" if found and kind == "user" else word


def _option(world: World, entry: str | OptionPlan) -> Option:
    plan = entry if isinstance(entry, OptionPlan) else OptionPlan(value=entry)
    number = str(world.sequences.next("option"))
    children = tuple(_option(world, child) for child in plan.children)
    return Option(id=number, value=plan.value, disabled=plan.disabled, children=children)


def _add_context(world: World, plan: FieldPlan) -> None:
    field_id = named([f for f in world.fields.values() if f.custom], plan.name)
    projects = [world.find_project(key) for key in plan.projects]
    context = FieldContext(
        id=str(world.sequences.next("context")),
        field_id=field_id,
        project_ids=frozenset(project.id for project in projects if project is not None),
        type_ids=frozenset(named(world.issue_types.values(), name) for name in plan.types),
        options=tuple(_option(world, entry) for entry in plan.options),
    )
    world.contexts[field_id] = (*world.contexts.get(field_id, ()), context)
