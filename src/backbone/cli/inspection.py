"""`status`, `verify` and `explain`: how things stand, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from backbone.cli.outcome import HELD_BACK, run, settings, tell, tell_json, tell_table
from backbone.cli.running import AsJson, Named


def register(app: typer.Typer) -> None:
    app.command("status")(status)
    app.command("verify")(verify)
    app.command("explain")(explain)


def status(named: Named = None, as_json: AsJson = False) -> None:
    """Print how the synchronizations stand; exit code 1 when one has problems."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.status import status as standing
        from backbone.bootstrap import assembled
        from backbone.cli.standings import plain_standing, reason_lines, standings_table

        async with assembled(found) as backbone:
            now = backbone.system.now()
            standings = await standing(backbone.store, named, now)
        if as_json:
            tell_json([plain_standing(one) for one in standings])
        elif standings:
            tell_table(standings_table(standings, now))
            for line in reason_lines(standings):
                tell(line)
            for one in standings:
                if one.from_partner:
                    tell(f"{one.key}: the partner wrote: {' '.join(one.from_partner.split())}")
        else:
            tell("There is no synchronization yet. Declare one in a file and run 'backbone apply FILE'.")
        return HELD_BACK if any(one.problems for one in standings) else 0

    run(work)


def verify(named: Named = None, as_json: AsJson = False) -> None:
    """Compare every pair field by field; exit code 1 when one differs, with the reason."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.choosing import chosen, connections_of, halves_of
        from backbone.app.usecases.reaching import reach
        from backbone.app.usecases.verifying import verify as compare
        from backbone.bootstrap import assembled
        from backbone.cli.verdicts import show_verdict

        async with assembled(found) as backbone:
            await backbone.open_connections()
            async with backbone.store.unit() as uow:
                needed = connections_of(await halves_of(uow, await chosen(uow, named)))
            await reach(backbone.engine, needed)
            verdict = await compare(backbone.engine, named)
        show_verdict(verdict, as_json=as_json)
        return HELD_BACK if verdict.differences else 0

    run(work)


def explain(
    issue: Annotated[str, typer.Argument(help="Key or id of an issue on either side.")],
    field: Annotated[str | None, typer.Argument(help="Name of a field; all without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell which rule set the values of ISSUE, from what, when, and under which revision."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.explaining import explain as answer
        from backbone.bootstrap import assembled
        from backbone.cli.explanations import explanation_table, plain_step

        async with assembled(found) as backbone:
            steps = await answer(backbone.store, issue, field)
        if as_json:
            tell_json([plain_step(one) for one in steps])
        else:
            tell_table(explanation_table(issue, steps))
        return 0

    run(work)
