"""`plan`, `sync`, `serve` and `worker`: what would be done, and doing it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.outcome import HELD_BACK, counted, run, settings, tell, tell_json

if TYPE_CHECKING:
    from backbone.app.usecases.quiet import Quiet

Named = Annotated[
    str | None, typer.Argument(metavar="[SYNC]", help="Key or name of a synchronization; all without it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer for programs.")]


def register(app: typer.Typer) -> None:
    app.command("plan")(plan)
    app.command("sync")(sync)
    app.command("serve")(serve)
    app.command("worker")(worker)


def plan(named: Named = None, as_json: AsJson = False) -> None:
    """Print what a run would create, change, comment and upload, and write nothing."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.planning import make_plan
        from backbone.bootstrap import assembled
        from backbone.cli.plans import show_plan

        async with assembled(found) as backbone:
            await backbone.open_connections()
            planned = await make_plan(backbone.engine, backbone.scratch(), named)
        show_plan(planned, as_json=as_json)
        return HELD_BACK if planned.problems else 0

    run(work)


def sync(
    named: Named = None,
    until_quiet: Annotated[bool, typer.Option("--until-quiet", help="Run until both sides are quiet.")] = True,
    patience: Annotated[float, typer.Option(help="Seconds to wait for a Jira that does not answer.")] = 300.0,
    as_json: AsJson = False,
) -> None:
    """Synchronize in the foreground until both sides are quiet; exit code 0 when nothing is held back."""
    del until_quiet  # the only way there is; the word is part of the command so that scripts say what they mean
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.choosing import chosen_running, connections_of, halves_of
        from backbone.app.usecases.quiet import until_quiet as synchronize
        from backbone.app.usecases.reaching import reach
        from backbone.bootstrap import assembled
        from backbone.cli.progress import watching

        async with assembled(found) as backbone:
            synchronizations = await chosen_running(backbone.store, named)
            await backbone.open_connections()
            async with backbone.store.unit() as uow:
                needed = connections_of(await halves_of(uow, synchronizations))
            await reach(backbone.engine, needed)
            with watching(found.log_level) as watch:
                async with backbone.turns() as turns:
                    quiet = await synchronize(backbone.engine, turns, named, patience=patience, watch=watch)
        _show(quiet, as_json=as_json)
        return 0 if quiet.complete else HELD_BACK

    run(work)


def serve() -> None:
    """Run everything continuously until told to stop, and serve the REST API."""
    found = settings()

    async def work() -> int:
        from backbone.bootstrap import assembled
        from backbone.bootstrap.serving import listen, serve_all

        stop = _told_to_stop()
        opened = listen(found)
        async with assembled(found) as backbone:
            if opened is not None:
                print(f"The REST API is at {opened.address}", flush=True)
            await serve_all(backbone, opened, stop)
        return 0

    run(work)


def worker() -> None:
    """Share the work of `serve`, without the REST API: any number of workers on one PostgreSQL."""
    found = settings()

    async def work() -> int:
        from backbone.bootstrap import assembled
        from backbone.bootstrap.serving import serve_all

        stop = _told_to_stop()
        async with assembled(found) as backbone:
            await serve_all(backbone, None, stop)
        return 0

    run(work)


def _told_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    return stop


def _show(quiet: Quiet, *, as_json: bool) -> None:
    from backbone.cli.problems import plain_problem, problem_lines

    if as_json:
        tell_json(
            {
                "complete": quiet.complete,
                "rounds": quiet.rounds,
                "turns": quiet.turns,
                "unfinished": quiet.unfinished,
                "unreachable": list(quiet.blind),
                "problems": [plain_problem(one) for one in quiet.problems],
            }
        )
        return
    for problem in quiet.problems:
        for line in problem_lines(problem):
            tell(line)
    if quiet.complete:
        done = f"{counted(quiet.turns, 'turn')} in {counted(quiet.rounds, 'round')}"
        tell(f"Both sides are quiet, nothing is held back ({done}).")
        return
    tell(
        f"Held back: {counted(len(quiet.problems), 'problem')}, {counted(quiet.unfinished, 'turn')} still to be done"
        + (f"; not reached: {', '.join(quiet.blind)}" if quiet.blind else "")
        + "."
    )
