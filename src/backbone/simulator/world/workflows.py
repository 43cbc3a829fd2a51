"""Workflows: statuses, transitions, their conditions, screens and post functions."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.simulator.world.fields import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """``category`` is Jira's key: ``new``, ``indeterminate`` or ``done``.

    ``editable`` is the workflow property ``jira.issue.editable``.
    """

    id: str
    name: str
    category: str
    description: str = ""
    editable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyAssignee:
    """Offered to the assignee only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyReporter:
    """Offered to the reporter only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyGroup:
    """Offered to the members of a group."""

    group: str


Condition = OnlyAssignee | OnlyReporter | OnlyGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """Post function: the field gets this value (``None`` clears it)."""

    field_id: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignToReporter:
    """Post function: the reporter becomes the assignee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignToActor:
    """Post function: who made the transition becomes the assignee."""


PostFunction = SetValue | AssignToReporter | AssignToActor


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of a workflow; no ``sources`` means offered from every status.

    ``screen`` is ``None`` where there is no screen: then no field is accepted.
    """

    id: str
    name: str
    target: str
    sources: frozenset[str] = frozenset()
    screen: tuple[str, ...] | None = None
    required: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    post_functions: tuple[PostFunction, ...] = ()

    def starts_at(self, status_id: str) -> bool:
        """Whether the workflow draws this transition out of the status."""
        return not self.sources or status_id in self.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A named graph of statuses."""

    name: str
    initial: str
    transitions: tuple[Transition, ...]

    def status_ids(self) -> tuple[str, ...]:
        """Every status of this workflow, the initial one first."""
        seen = {self.initial: None}
        for transition in self.transitions:
            seen.update(dict.fromkeys(sorted(transition.sources)))
            seen[transition.target] = None
        return tuple(seen)
