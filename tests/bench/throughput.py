"""Parts 2 and 3: how fast an initial synchronization is, against the floor in the same run, and with more workers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import monotonic

import psutil

from tests.bench.floor import Floor
from tests.bench.jira import LUMEN, NORTHWIND, RemoteJira, remote_jira
from tests.bench.stage import stage

CONCURRENCY = 10
COMMENTS = "POST issue/{issue}/comment"
CREATED = "POST issue/bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One initial synchronization into Cloud.

    ``memory`` is the most that all workers held, in bytes; ``busy`` how many processors of the machine had work on average.
    """

    issues: int
    seconds: float
    memory: int = 0
    busy: float = 0.0
    calls: Mapping[str, int] = field(default_factory=dict)
    limits: Sequence[Mapping[str, float]] = ()

    @property
    def rate(self) -> float:
        """Issues a second."""
        return self.issues / self.seconds


async def floor_run(issues: int, latency: float) -> Run:
    """What a plain client needs."""
    async with remote_jira(NORTHWIND, issues) as source, remote_jira(LUMEN, 0) as target:
        for one in (source, target):
            await one.delay(latency)
        seconds = await Floor(source, target, CONCURRENCY).run("PUMP")
        return Run(issues=issues, seconds=seconds, calls=await target.calls())


async def engine_run(
    issues: int, latency: float, *, workers: int = 1, limit: Mapping[str, object] | None = None, patience: float = 900
) -> Run:
    """What the engine needs, from the moment at which a worker looks at the source for the first time."""
    async with stage(issues=issues, concurrency=CONCURRENCY) as here:
        for one in (here.first, here.second):
            await one.delay(latency)
            await one.forget_calls()
        if limit is not None:
            await here.second.control("PUT", "limits", {"limits": {"data_center": limit}})
        for _ in range(workers):
            await here.start_worker()
        begun, memory = await _first_search(here.first), 0
        worked = _worked()
        while not await _done(here.second, issues):  # it happens in other processes
            memory = max(memory, here.memory())
            if monotonic() - begun > patience:
                raise TimeoutError(f"{issues} issues took more than {patience} seconds")
            await asyncio.sleep(0.1)
        seconds = monotonic() - begun
        busy = (_worked() - worked) / seconds
        limits = (await here.second.control("GET", "limits"))["usage"] if limit is not None else ()
        calls = await here.second.calls()
        return Run(issues=issues, seconds=seconds, memory=memory, busy=busy, calls=calls, limits=limits)


def _worked() -> float:
    """Seconds for which processors of this machine had work since it was started, all added up."""
    spent = psutil.cpu_times()
    return float(spent.user + spent.nice + spent.system)


async def _first_search(source: RemoteJira) -> float:
    while not (await source.calls()).get("POST search"):  # noqa: ASYNC110  it happens in another process
        await asyncio.sleep(0.02)
    return monotonic()


async def _done(target: RemoteJira, issues: int) -> bool:
    return (await target.calls()).get(COMMENTS, 0) >= 2 * issues


async def throughput(sizes: Sequence[int], latencies: Sequence[float], rounds: int) -> list[str]:
    """The lines of the documents: medians of the rounds, the engine right after the floor in each."""
    lines = [
        "| issues | added per call | floor, issues/s | engine, issues/s | engine of floor | memory of the worker |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for latency in latencies:
        for size in sizes:
            pairs = [(await floor_run(size, latency), await engine_run(size, latency)) for _ in range(rounds)]
            floor, ours = (median(one.rate for one in column) for column in zip(*pairs, strict=True))
            share = median(mine.rate / theirs.rate for theirs, mine in pairs)
            memory = max(mine.memory for _, mine in pairs) / 2**20
            lines.append(
                f"| {size:,} | {latency * 1000:.0f} ms | {floor:.1f} | {ours:.1f} | {share:.0%} | {memory:.0f} MB |"
            )
    return lines


async def scaling(issues: int, rounds: int) -> list[str]:
    """One worker and three, 100 ms added a call; then three within a limit."""
    pairs = [(await engine_run(issues, 0.1), await engine_run(issues, 0.1, workers=3)) for _ in range(rounds)]
    grows = median(three.rate / one.rate for one, three in pairs)
    lines = ["| workers | issues | issues/s | grows by | processors busy |", "| --- | --- | --- | --- | --- |"]
    for workers, runs, growth in (
        (1, [one for one, _ in pairs], ""),
        (3, [three for _, three in pairs], f"{grows:.2f}"),
    ):
        rate, busy = median(one.rate for one in runs), median(one.busy for one in runs)
        lines.append(f"| {workers} | {issues:,} | {rate:.1f} | {growth} | {busy:.2f} of {psutil.cpu_count()} |")
    lines.append("")
    limited = await engine_run(min(issues, 300), 0.02, workers=3, limit={"limit": 20, "fill_rate": 10})
    lines += [
        f"With a limit of 10 calls a second and a bucket of 20, three workers used {usage['granted'] / usage['allowed']:.0%} of it;"
        f" {usage['refused']:.0f} of {usage['granted'] + usage['refused']:.0f} calls were refused."
        for usage in limited.limits
    ]
    return lines
