"""Synchronizing in the foreground until both sides are quiet: it always ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backbone.app.engine.catchup import catch_up
from backbone.app.engine.context import Engine
from backbone.app.engine.cursors import catch_up_name
from backbone.app.engine.guarded import guarded, look_guarded
from backbone.app.engine.startconflict import reconsider
from backbone.app.usecases.choosing import chosen_running, connections_of, halves_of
from backbone.app.usecases.renaming import keep_names
from backbone.app.usecases.retrying import retry_due
from backbone.core.model.configuration import HalfConfiguration
from backbone.ports.records import OpenProblem

QUIET_ROUNDS = 2
"""So many rounds in a row must find nothing before both sides count as quiet."""

MOST_ROUNDS = 5_000
"""A bound for the case that people go on editing faster than we look."""

PAUSE = 0.5
"""Seconds between rounds that found nothing to do."""


class Turns(Protocol):
    """Whoever runs the turns meanwhile."""

    async def settle(self) -> int:
        """Wait until no turn runs or is ready; how many were run since the last call."""

    async def unfinished(self) -> int:
        """How many turns wait for their time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How far a foreground run has come, for its progress bar."""

    number: int
    fresh: int
    turns: int
    unfinished: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """How a foreground run ended: what is held back, and how many turns were given up waiting for."""

    rounds: int
    turns: int
    unfinished: int
    problems: tuple[OpenProblem, ...]
    blind: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not (self.unfinished or self.problems or self.blind)


@dataclass(slots=True)
class _Tally:
    rounds: int = 0
    turns: int = 0
    quiet: int = 0
    unfinished: int = 0
    idle_since: int = 0
    blind: tuple[str, ...] = ()


async def until_quiet(
    engine: Engine,
    turns: Turns,
    named: str | None,
    *,
    patience: float = 300.0,
    watch: Callable[[Round], None] = lambda _: None,
) -> Quiet:
    """Look, catch up and run turns until two rounds found nothing.

    ``patience`` is how many seconds it waits without any progress, for a Jira that does not answer or asks us to
    wait. Raises Mistake when nothing can run.
    """
    synchronizations = await chosen_running(engine.store, named)
    async with engine.store.unit() as uow:
        halves = await halves_of(uow, synchronizations)
    await keep_names(engine, halves)
    tally = _Tally(idle_since=engine.system.now())
    while tally.quiet < QUIET_ROUNDS and tally.rounds < MOST_ROUNDS:
        if not await _round(engine, turns, halves, tally, watch):
            tally.quiet = 0
        elif tally.unfinished or tally.blind:
            if engine.system.now() - tally.idle_since > patience * 1000:
                break
            await engine.system.sleep(PAUSE)
        else:
            tally.quiet += 1
            await engine.system.sleep(PAUSE if tally.quiet < QUIET_ROUNDS else 0.0)
    return await _end(engine, [one.key for one in synchronizations], tally)


async def _round(
    engine: Engine,
    turns: Turns,
    halves: Sequence[HalfConfiguration],
    tally: _Tally,
    watch: Callable[[Round], None],
) -> bool:
    """One round; whether it found nothing to do."""
    connections = connections_of(halves)
    looks = await asyncio.gather(*(look_guarded(engine, one, halves) for one in connections))
    fresh = sum(one.fresh for one in looks if one is not None)
    caught = await asyncio.gather(*(_catch_up(engine, half) for half in halves))
    behind = tuple(half.connector for half, one in zip(halves, caught, strict=True) if one is None)
    retried = await retry_due(engine, halves)
    ran = await turns.settle()
    tally.blind = (*(name for name, one in zip(connections, looks, strict=True) if one is None), *behind)
    tally.rounds, tally.turns = tally.rounds + 1, tally.turns + ran
    tally.unfinished = await turns.unfinished()
    watch(Round(number=tally.rounds, fresh=fresh, turns=tally.turns, unfinished=tally.unfinished))
    busy = bool(fresh or any(caught) or retried or ran)
    if busy:
        tally.idle_since = engine.system.now()
        if fresh and not ran:
            await engine.system.sleep(PAUSE)  # versions younger than two seconds are looked at again
    return not busy


async def _catch_up(engine: Engine, half: HalfConfiguration) -> bool | None:
    """Go on catching up; whether anything was due, or None when it could not be done now and is due again."""
    async with engine.store.unit() as uow:
        due = await uow.cursors.get(catch_up_name(half.connector))
    if due is None:
        return False
    failed = await guarded(engine, half.connector, lambda: catch_up(engine, half))
    async with engine.store.unit() as uow:
        left = await uow.cursors.get(catch_up_name(half.connector))
    return None if failed is not None or left is not None else True


async def _end(engine: Engine, keys: Sequence[str], tally: _Tally) -> Quiet:
    await reconsider(engine)
    async with engine.store.unit() as uow:
        known = {one.key: one for one in await uow.synchronizations.all()}
        problems = [problem for key in known if key in keys for problem in await uow.problems.open(key)]
    return Quiet(
        rounds=tally.rounds,
        turns=tally.turns,
        unfinished=tally.unfinished,
        problems=tuple(problems),
        blind=tally.blind,
    )
