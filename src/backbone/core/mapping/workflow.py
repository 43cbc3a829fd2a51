"""From one status to another by the shortest path of transitions."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from backbone.core.model.snapshot import Transition
from backbone.core.model.values import Option

Graph = Mapping[str, tuple[Transition, ...]]
"""Transitions known to leave each status, by status id. It is learnt and may be incomplete."""


@dataclass(frozen=True, slots=True)
class NoPath:
    """No known path leads there; ``unknown`` are statuses on the way whose transitions nobody has seen yet."""

    unknown: tuple[Option, ...]


def next_step(present: Option, wanted: Option, offered: tuple[Transition, ...], graph: Graph) -> Transition | NoPath:
    """The first transition of a shortest path from ``present`` to ``wanted``.

    ``offered`` is what Jira offers right now and outranks what the graph knows of the present status. Of equally
    short paths the one whose transitions demand the fewest fields is taken, then the one listed first.
    """
    known = {**graph, present.id: offered}
    queue: deque[tuple[Option, Transition | None]] = deque([(present, None)])
    seen, unknown = {present.id}, []
    while queue:
        status, first = queue.popleft()
        if status.id not in known:
            unknown.append(status)
            continue
        for transition in sorted(known[status.id], key=lambda one: len(one.required)):
            if transition.to == wanted:
                return first or transition
            if transition.to.id not in seen:
                seen.add(transition.to.id)
                queue.append((transition.to, first or transition))
    return NoPath(tuple(unknown))


def path_exists(present: Option, wanted: Option, graph: Graph) -> bool:
    """Whether the known graph leads from one status to another."""
    return present == wanted or not isinstance(next_step(present, wanted, graph.get(present.id, ()), graph), NoPath)
