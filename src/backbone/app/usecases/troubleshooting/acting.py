"""Doing what a person asked for about a problem, or about all problems of a code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import assert_never

from backbone.app.declaration.findings import choose_from
from backbone.app.engine.context import Engine
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.about import Action
from backbone.app.usecases.troubleshooting.catalogue import CATALOGUE
from backbone.app.usecases.troubleshooting.ignoring import ignore
from backbone.app.usecases.troubleshooting.places import place
from backbone.app.usecases.troubleshooting.recreating import recreate
from backbone.app.usecases.troubleshooting.retries import retry
from backbone.app.usecases.troubleshooting.sides import take_mine, take_theirs, tell_again
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.problems import Code, Problem
from backbone.ports.records import OpenProblem
from backbone.ports.store import Store
from backbone.ports.tracker import TrackerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a bulk action: problems that were acted on, and why others were not."""

    done: tuple[int, ...]
    failed: tuple[tuple[int, str], ...]


def actions_of(problem: Problem) -> tuple[Action, ...]:
    """What may be done about a problem; a side can be taken only of a field."""
    possible = CATALOGUE[problem.code].actions
    if problem.holds.mapping is None and not problem.holds.mappings:
        return tuple(one for one in possible if one not in _OF_A_FIELD)
    return possible


_OF_A_FIELD = frozenset({Action.TAKE_MINE, Action.TAKE_THEIRS})


async def find(store: Store, number: int) -> OpenProblem | None:
    async with store.unit() as uow:
        return await uow.problems.numbered(number)


async def act(engine: Engine, problem: OpenProblem, action: Action) -> None:
    """Do it. Raises Mistake for what this problem does not offer or what can't be done, and TrackerError of a Jira."""
    offered = actions_of(problem.problem)
    if action not in offered:
        cure = f"Choose from {', '.join(offered)}" if offered else "See its cure"
        raise Mistake(place(problem), f"'{action}' is no way out of '{problem.problem.code}'", cure)
    match action:
        case Action.RETRY:
            await retry(engine, problem)
        case Action.RESYNC:
            await tell_again(engine, problem)
        case Action.IGNORE:
            await ignore(engine, problem)
        case Action.RECREATE:
            await recreate(engine, problem)
        case Action.TAKE_MINE:
            await take_mine(engine, problem)
        case Action.TAKE_THEIRS:
            await take_theirs(engine, problem)
        case _:
            assert_never(action)


async def act_on_all(engine: Engine, connectors: Collection[ConnectorKey], code: Code, action: Action) -> Done:
    """The same for every open problem of a code in these connectors; one that can't be acted on hinders no other."""
    async with engine.store.unit() as uow:
        known: Sequence[OpenProblem] = await uow.problems.of_code(code)
    done, failed = [], []
    for one in known:
        if one.problem.connector not in connectors:
            continue
        try:
            await act(engine, one, action)
        except (Mistake, TrackerError) as error:
            failed.append((one.id, str(error)))
        else:
            done.append(one.id)
    return Done(done=tuple(done), failed=tuple(failed))


async def find_or_mistake(store: Store, number: int) -> OpenProblem:
    """The problem of that number. Raises Mistake."""
    found = await find(store, number)
    if found is None:
        raise Mistake(
            f"problem {number}", "there is none of this number, or it is over", "List them: backbone problems"
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """All problems of a code in these connectors."""

    code: Code
    connectors: frozenset[ConnectorKey]


async def choose(store: Store, number: int | None, code: str | None, named: str | None) -> OpenProblem | AllOf:
    """The problem of that number, else all of the code. Raises Mistake."""
    if (number is None) == (code is None):
        raise Mistake("problems", "it is not clear which", "Give the number of one, or --code CODE for all of a code")
    if number is not None:
        return await find_or_mistake(store, number)
    if code not in set(Code):
        raise Mistake(f"code {code}", "there is no such code", choose_from(str(code), list(Code)))
    async with store.unit() as uow:
        every = await chosen(uow, named)
    return AllOf(code=Code(code), connectors=frozenset(connector for one in every for connector in one.connectors))
