"""`demo` and `simulator`: pretend Jiras to watch and to rehearse with."""

from __future__ import annotations

import asyncio
import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.app.usecases.mistakes import Mistake
from backbone.cli.outcome import HELD_BACK, console, run, settings

if TYPE_CHECKING:
    from backbone.simulator import Simulator
    from backbone.simulator.plan import WorldPlan


class Flavour(StrEnum):
    """Which Jira it pretends to be."""

    DATA_CENTER = "data-center"
    CLOUD = "cloud"


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("simulator")(simulator)


def demo(
    pause: Annotated[float, typer.Option(help="Seconds between what the people of the demo do.")] = 2.0,
    stay: Annotated[bool, typer.Option("--stay/--end", help="Leave everything running until Ctrl-C.")] = True,
) -> None:
    """Watch two pretend companies stay in step; needs nothing and leaves nothing behind."""
    from backbone.observe import configure
    from backbone.settings import LogLevel

    found = settings().model_copy(update={"log_level": LogLevel.WARNING, "database_url": None})
    configure(found.log_level, found.log_format)

    async def work() -> int:
        from backbone.cli.demo.play import play

        return HELD_BACK if await play(found, console(), pause=pause, stay=stay) else 0

    run(work)


def simulator(
    world: Annotated[Path | None, typer.Option(help="YAML file that plans users, projects and issues.")] = None,
    flavour: Annotated[
        Flavour, typer.Option(help="Without --world: which Jira it pretends to be.")
    ] = Flavour.DATA_CENTER,
    project: Annotated[str, typer.Option(help="Without --world: key of its project.")] = "PA",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 lets the system choose.")] = 0,
) -> None:
    """Run a pretend Jira until told to stop; its state lives in memory."""
    settings()

    async def work() -> int:
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        site = _site(world, flavour, project)
        await site.start(host, port)
        print(f"A pretend Jira listens at {site.url}", flush=True)
        try:
            await stop.wait()
        finally:
            await site.stop()
        return 0

    run(work)


def _site(world: Path | None, flavour: Flavour, project: str) -> Simulator:
    from backbone.simulator import Simulator

    plan = _plan(world, flavour, project)
    try:
        return Simulator.of_plan(plan)
    except (LookupError, ValueError) as error:
        said = str(error.args[0]) if error.args else type(error).__name__
        raise Mistake(str(world), f"the world can't be built: {said}", _LIKE_THE_GUIDE) from error


def _plan(world: Path | None, flavour: Flavour, project: str) -> WorldPlan:
    from pydantic import ValidationError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    from backbone.cli.worlds import small_world
    from backbone.simulator.seed import read_plan, read_plan_file

    if world is None:
        return read_plan(small_world(flavour, project))
    try:
        return read_plan_file(world)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in first["loc"]).strip(".")
        cause = _WORDS.get(first["type"], first["msg"])
        raise Mistake(f"{world}: {place}" if place else str(world), cause, _LIKE_THE_GUIDE) from error
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Mistake(f"{world}{line}", f"is no YAML: {error.problem}", _LIKE_THE_GUIDE) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise Mistake(str(world), "is no YAML", _LIKE_THE_GUIDE) from error


_WORDS = {"missing": "is missing", "extra_forbidden": "is not known here"}
_LIKE_THE_GUIDE = "The guide 'Rehearse with the simulator' shows what it may hold"
