"""`start`, `stop` and `retry`."""

from __future__ import annotations

import typer

from backbone.cli.outcome import counted, run, settings, tell, tell_json
from backbone.cli.running import AsJson, Named


def register(app: typer.Typer) -> None:
    app.command("start")(start)
    app.command("stop")(stop)
    app.command("retry")(retry)


def start(named: Named = None, as_json: AsJson = False) -> None:
    """Start a synchronization that was stopped; it catches up on what happened since."""
    _switch(named, as_json, on=True)


def stop(named: Named = None, as_json: AsJson = False) -> None:
    """Stop a synchronization; what is under way ends, nothing is lost."""
    _switch(named, as_json, on=False)


def _switch(named: str | None, as_json: bool, *, on: bool) -> None:
    found = settings()

    async def work() -> int:
        from backbone.app.usecases import switching
        from backbone.app.usecases.channels.places import adopt_stopped
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            if on:
                await adopt_stopped(backbone.office(), named, operator())
            act = switching.start if on else switching.stop
            done = await act(backbone.store, named, backbone.system.now(), operator())
        word = "started" if on else "stopped"
        if as_json:
            tell_json({word: [one.key for one in done]})
            return 0
        for one in done:
            tell(f"{one.key}  {one.name}: {word}")
        if not done:
            tell(f"Nothing had to be {word}.")
        return 0

    run(work)


def retry(named: Named = None, as_json: AsJson = False) -> None:
    """Let everything that is held back be tried again, and allow removals that were stopped."""
    found = settings()

    async def work() -> int:
        from dataclasses import asdict

        from backbone.app.usecases.retrying import release
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            released = await release(backbone.store, named, backbone.system.now(), operator())
            await backbone.unblock()
        if as_json:
            tell_json(asdict(released))
            return 0
        tell(
            f"To be tried again by 'backbone serve' or the next 'backbone sync': {counted(released.parked, 'issue')} with"
            f" parked values, {counted(released.creations, 'creation')},"
            f" {counted(released.guards, 'stop of mass removal', 'stops of mass removal')}."
        )
        return 0

    run(work)
