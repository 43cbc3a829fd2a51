"""`backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backbone.cli.outcome import console, run, settings


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write everything that is remembered to FILE; other commands may go on meanwhile."""
    found = settings()

    async def work() -> int:
        from backbone import bootstrap

        await bootstrap.backup(found, file)
        console().print(f"Written to {file}.")
        return 0

    run(work)


def restore(file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.", exists=True)]) -> None:
    """Read FILE into an empty database. What was created since the backup is known by its marks."""
    found = settings()

    async def work() -> int:
        from backbone import bootstrap

        await bootstrap.restore(found, file)
        console().print(f"Restored from {file} as a new incarnation. Run 'backbone status', then 'backbone serve'.")
        return 0

    run(work)
