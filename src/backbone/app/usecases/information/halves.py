"""The problem of halves: entries whose partner's half is missing."""

from __future__ import annotations

from backbone.app.engine.arriving import unknown_pair
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.administration import AdministrationUnit


async def tell_of_halves(unit: AdministrationUnit, connector: ConnectorKey, partner: ConnectorKey, now: Millis) -> None:
    """Report or resolve the one problem that each of both connectors has of them, as it is in this transaction."""
    for mine, other in ((connector, partner), (partner, connector)):
        await unit.problems.resolve(unknown_pair(mine).identity)
        count, example = await unit.information.halves(mine)
        known = f", such as {example.local} with {example.remote}" if example else ""
        problem = Problem(
            code=Code.HALF_PAIR,
            connector=mine,
            occurred_in=None,
            cause=f"{count} entries of {mine} have no counterpart at {other}{known}: nothing of them is sent",
            remedy=f"Import, restore or pair them at {other} as well, or delete them at {mine}.",
            holds=Holds(thing="half"),
        )
        if count:
            await unit.problems.report(problem, now)
        else:
            await unit.problems.resolve(problem.identity)
