"""Figures about all synchronizations, counted when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backbone import metrics
from backbone.app.engine.cursors import OVERLAP, cursor_name
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.metrics import Metric
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import Synchronization
from backbone.ports.troubleshooting import ConnectorFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number: of what, by which labels, how much."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


async def figures(store: AdministrationStore, now: Millis) -> tuple[Sample, ...]:
    """All gauges."""
    async with store.administration() as unit:
        every = await unit.synchronizations.all()
        owners = {connector: str(one.key) for one in every for connector in one.connectors}
        connectors = await unit.troubles.figures()
        found = [*_of_synchronizations(every), *_of_connectors(connectors, owners, now)]
        for one in await unit.troubles.problem_figures():
            owner = owners.get(one.connector, "") if one.connector is not None else ""
            found.append(Sample(metric=metrics.PROBLEMS, labels=(owner, one.code), value=one.count))
        found += await _of_looks(unit, now)
        found.append(Sample(metric=metrics.TASKS, labels=(), value=await unit.troubles.unfinished_tasks()))
    return tuple(_summed(found))


def _of_synchronizations(every: Sequence[Synchronization]) -> Iterator[Sample]:
    for one in every:
        yield Sample(metric=metrics.RUNNING, labels=(one.key,), value=float(one.wanted_running))


def _of_connectors(
    connectors: Sequence[ConnectorFigures], owners: Mapping[ConnectorKey, str], now: Millis
) -> Iterator[Sample]:
    for one in connectors:
        labels = (owners.get(one.connector, ""), one.connector)
        age = 0.0 if one.oldest is None else max(0, now - one.oldest) / 1000
        yield Sample(metric=metrics.PAIRS, labels=labels, value=one.pairs)
        yield Sample(metric=metrics.WAITING, labels=labels, value=one.waiting)
        yield Sample(metric=metrics.OLDEST, labels=labels, value=age)
        yield Sample(metric=metrics.TURNS, labels=labels, value=one.due)


async def _of_looks(unit: AdministrationUnit, now: Millis) -> list[Sample]:
    found = []
    for connection in await unit.synchronizations.connections():
        cursor = await unit.cursors.get(cursor_name(connection.name))
        if cursor is not None:
            age = max(0, now - cursor.watermark - OVERLAP) / 1000
            found.append(Sample(metric=metrics.LOOK, labels=(connection.name,), value=age))
    return found


def _summed(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Problems of both connectors of a synchronization are one figure."""
    sums: dict[tuple[Metric, tuple[str, ...]], float] = {}
    for one in samples:
        sums[one.metric, one.labels] = sums.get((one.metric, one.labels), 0.0) + one.value
    for (metric, labels), value in sums.items():
        yield Sample(metric=metric, labels=labels, value=value)
