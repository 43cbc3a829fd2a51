"""Whether each mapped status can be reached from each other one by transitions that our account may perform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

from backbone.app.usecases.finding import Examined
from backbone.core.mapping.workflow import path_exists
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, TypeId
from backbone.core.model.snapshot import Transition
from backbone.core.model.values import Option
from backbone.ports.tracker import Tracker, TypeInfo

Graph = Mapping[str, tuple[Transition, ...]]


async def workflow_findings(place: str, half: HalfConfiguration, tracker: Tracker) -> list[Examined]:
    """Missing paths and transitions that demand fields, for every type whose issues are changed here."""
    targets = _targets(half)
    if not targets:
        return []
    mapped = {one.local.id for one in half.types}
    found: list[Examined] = []
    for info in await tracker.types(half.project):
        if info.type.id not in mapped:
            continue
        graph, unseen = await _learn(half, tracker, info)
        wanted = [status for status in info.statuses if status.id in targets]
        found += _paths(place, info.type, wanted, graph, unseen)
        found += _demands(place, info.type, graph)
        found += _never_there(place, info, targets)
    return found


def _targets(half: HalfConfiguration) -> Mapping[str, Option]:
    """The statuses that the partner's may ask for, by id."""
    tables = [one.table for one in half.fields if one.field == STATUS and one.receives and one.table is not None]
    return {option.id: option for table in tables for option in table.from_alias.values()}


async def _learn(half: HalfConfiguration, tracker: Tracker, info: TypeInfo) -> tuple[Graph, frozenset[str]]:
    graph: dict[str, tuple[Transition, ...]] = {}
    for status in info.statuses:
        offered = await tracker.transitions_from(half.project, TypeId(info.type.id), status)
        if offered is not None:
            graph[status.id] = offered
    return graph, frozenset(status.id for status in info.statuses if status.id not in graph)


def _paths(
    place: str, issue_type: Option, wanted: list[Option], graph: Graph, unseen: frozenset[str]
) -> Iterator[Examined]:
    for present, target in permutations(wanted, 2):
        if present.id in unseen or path_exists(present, target, graph):
            continue
        if unseen:
            finding = f"{issue_type.name}: no path from '{present.name}' to '{target.name}' is known yet"
            cure = "Some statuses have no issue to learn from; check the workflow by eye"
            yield Examined(serious=False, place=place, finding=finding, cure=cure)
            continue
        finding = f"{issue_type.name}: no transitions lead from '{present.name}' to '{target.name}'"
        cure = "Add a transition, let our account perform it, or map these statuses otherwise"
        yield Examined(serious=True, place=place, finding=finding, cure=cure)


def _demands(place: str, issue_type: Option, graph: Graph) -> Iterator[Examined]:
    for transitions in graph.values():
        for one in transitions:
            if one.required:
                fields = ", ".join(sorted(one.required))
                finding = f"{issue_type.name}: the transition '{one.name}' demands {fields}"
                cure = "Give these fields a default on its screen, or another transition that demands nothing"
                yield Examined(serious=False, place=place, finding=finding, cure=cure)


def _never_there(place: str, info: TypeInfo, targets: Mapping[str, Option]) -> Iterator[Examined]:
    have = {status.id for status in info.statuses}
    for ident, target in targets.items():
        if ident not in have:
            finding = f"{info.type.name}: its workflow has no status '{target.name}'"
            cure = "Add it to the workflow, or map the status to another one for this type"
            yield Examined(serious=False, place=place, finding=finding, cure=cure)
