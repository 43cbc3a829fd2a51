"""Paths through a workflow that is known in part."""

from __future__ import annotations

from backbone.core.mapping.workflow import NoPath, next_step
from backbone.core.model.keys import FieldId, TransitionId
from backbone.core.model.snapshot import Transition
from backbone.core.model.values import Option

OPEN, DOING, REVIEW, DONE = (Option(ident, ident) for ident in ("open", "doing", "review", "done"))


def to(status: Option, *required: str) -> Transition:
    fields = frozenset(FieldId(name) for name in required)
    return Transition(id=TransitionId(f"to {status.id}"), name=status.id, to=status, required=fields)


def test_a_direct_transition_is_taken() -> None:
    assert next_step(OPEN, DONE, (to(DOING), to(DONE)), {}) == to(DONE)


def test_the_first_step_of_the_shortest_path_is_taken() -> None:
    graph = {"doing": (to(DONE),), "review": (to(DOING),), "done": ()}

    assert next_step(OPEN, DONE, (to(REVIEW), to(DOING)), graph) == to(DOING)


def test_of_equal_paths_the_one_that_demands_least_is_taken() -> None:
    graph = {"doing": (to(DONE),), "review": (to(DONE),)}

    assert next_step(OPEN, DONE, (to(DOING, "resolution"), to(REVIEW)), graph) == to(REVIEW)


def test_a_circle_ends() -> None:
    assert next_step(OPEN, DONE, (to(DOING),), {"doing": (to(OPEN), to(DOING))}) == NoPath(())


def test_what_nobody_has_seen_yet_is_named() -> None:
    assert next_step(OPEN, DONE, (to(DOING),), {}) == NoPath((DOING,))
