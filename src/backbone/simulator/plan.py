"""The plan of a world, as people write it in YAML or as plain dictionaries.

Everything is named by its display name; ids are given when the world is built.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backbone.simulator.world.fields import FieldKind


class Part(BaseModel):
    """A part of a plan; an unknown word in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UserPlan(Part):
    name: str
    display_name: str = ""
    email: str = ""
    account_id: str = ""
    time_zone: str = "UTC"
    locale: str = "en_US"
    password: str | None = None
    tokens: tuple[str, ...] = ()
    groups: tuple[str, ...] = ("jira-users",)
    admin: bool = False
    account_type: str = "atlassian"
    email_visible: bool = True


class StatusPlan(Part):
    name: str
    category: Literal["new", "indeterminate", "done"] = "indeterminate"
    editable: bool = True


class TypePlan(Part):
    name: str
    description: str = ""
    subtask: bool = False
    hierarchy_level: int = 0


class OptionPlan(Part):
    value: str
    disabled: bool = False
    children: tuple[str | OptionPlan, ...] = ()


class FieldPlan(Part):
    """A custom field; ``projects`` and ``types`` limit where it exists."""

    name: str
    kind: FieldKind
    options: tuple[str | OptionPlan, ...] = ()
    projects: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


class TransitionPlan(Part):
    """``start`` empty means from every status; conditions are ``assignee``, ``reporter`` or ``group:NAME``."""

    name: str
    start: tuple[str, ...] = ()
    to: str
    screen: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    sets: dict[str, str | None] = Field(default_factory=dict)
    assign_to: Literal["reporter", "actor"] | None = None


class WorkflowPlan(Part):
    name: str
    initial: str
    transitions: tuple[TransitionPlan, ...]


class ProjectPlan(Part):
    """Screens name fields by id or display name; without them every field is on both."""

    key: str
    name: str
    lead: str
    kind: Literal["software", "business", "service_desk"] = "software"
    description: str = ""
    types: tuple[str, ...] = ()
    workflow: str
    workflows: dict[str, str] = Field(default_factory=dict)
    create_screen: tuple[str, ...] | None = None
    edit_screen: tuple[str, ...] | None = None
    required: tuple[str, ...] = ("summary",)
    priorities: tuple[str, ...] = ()
    default_priority: str = ""
    grants: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class CommentPlan(Part):
    author: str
    body: str
    role: str | None = None
    group: str | None = None
    internal: bool = False


class IssuePlan(Part):
    """An issue; ``fields`` hold values as the object interface takes them."""

    project: str
    type: str
    summary: str
    reporter: str = ""
    status: str = ""
    fields: dict[str, object] = Field(default_factory=dict)
    comments: tuple[CommentPlan, ...] = ()
    attachments: dict[str, str] = Field(default_factory=dict)


class WorldPlan(Part):
    """A whole world; its issues came one after the other over the last ``history_days``."""

    flavour: Literal["data-center", "cloud"] = "data-center"
    version: str = "10.3.17"
    title: str = "Jira"
    time_zone: str = "UTC"
    users: tuple[UserPlan, ...] = ()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    statuses: tuple[StatusPlan, ...] = ()
    types: tuple[str | TypePlan, ...] = ()
    priorities: tuple[str, ...] = ("Highest", "High", "Medium", "Low", "Lowest")
    resolutions: tuple[str, ...] = ("Done", "Won't Do", "Duplicate", "Cannot Reproduce")
    fields: tuple[FieldPlan, ...] = ()
    workflows: tuple[WorkflowPlan, ...] = ()
    projects: tuple[ProjectPlan, ...] = ()
    issues: tuple[IssuePlan, ...] = ()
    history_days: float = 0.0
    indexed_properties: dict[str, dict[str, Literal["number", "string", "text", "date"]]] = Field(default_factory=dict)
