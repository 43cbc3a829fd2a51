"""`resync`: the present values of chosen issues are sent again."""

from __future__ import annotations

from typing import Annotated

import typer

from backbone.cli.outcome import HELD_BACK, run, settings, tell, tell_json
from backbone.cli.running import AsJson


def register(app: typer.Typer) -> None:
    app.command("resync")(resync)


def resync(
    connector: Annotated[
        str, typer.Argument(metavar="CONNECTOR", help="Key of the connector whose values are sent, such as PA-31.")
    ],
    fields: Annotated[
        str,
        typer.Option(
            "--fields",
            help="Names or ids of the mapped fields to send, with commas between; 'all', or nothing for none.",
        ),
    ],
    jql: Annotated[
        str, typer.Option("--jql", help="Which issues, among those that the configuration selects; all without it.")
    ] = "",
    status: Annotated[
        bool, typer.Option("--status", help="Force the other issues into the present status as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send the present values of issues again, as if they had just been entered; what they overwrite is kept.

    'serve', 'worker' or the next 'sync' writes them to the other side.
    """
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.resyncing_here import Command, resync_here
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator
        from backbone.cli.progress import showing_tasks

        names = None if fields.strip().casefold() == "all" else [one.strip() for one in fields.split(",")]
        names = [one for one in names if one] if names is not None else None
        command = Command(connector=connector, jql=jql, fields=names, status=status)
        async with assembled(found) as backbone:
            await backbone.open_connections()
            with showing_tasks(found.log_level) as watch:
                ended = await resync_here(backbone, command, operator(), watch)
        if as_json:
            tell_json({"task": ended.id, "state": ended.state, "result": ended.result, "failure": ended.failure})
        else:
            tell(ended.result or ended.failure or f"The task was {ended.state}.")
        return 0 if ended.result is not None else HELD_BACK

    run(work)
