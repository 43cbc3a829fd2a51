"""`backup` and `restore`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from backbone.app.usecases.mistakes import Mistake
from backbone.cli.outcome import run, settings, tell

_BEGIN = b"PGDMP"
"""The first bytes of a backup: PostgreSQL's custom format, as `pg_dump` writes it."""


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write everything that is remembered to FILE; other commands may go on meanwhile."""
    found = settings()

    async def work() -> int:
        from backbone import bootstrap

        _require_place(file)
        await bootstrap.backup(found, file)
        tell(f"Written to {file}.")
        return 0

    run(work)


def restore(file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Read FILE into an empty database. What was created since the backup is known by its marks."""
    found = settings()

    async def work() -> int:
        from backbone import bootstrap

        _require_backup(file)
        await bootstrap.restore(found, file)
        tell(f"Restored from {file} as a new incarnation. Run 'backbone status', then 'backbone serve'.")
        return 0

    run(work)


def _require_place(file: Path) -> None:
    """Told before the database is even started, in words about the file."""
    folder = file.absolute().parent
    if file.is_dir():
        raise Mistake(str(file), "is a folder", "Name a file in it")
    if not folder.is_dir():
        raise Mistake(str(file), f"there is no folder {folder}", "Make it, or name another file")
    if not os.access(folder, os.W_OK):
        raise Mistake(str(file), f"the folder {folder} can't be written", "Name a file in another one")


def _require_backup(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            begin = opened.read(len(_BEGIN))
    except OSError as error:
        raise Mistake(str(file), f"can't be read: {(error.strerror or '').lower()}", "Check the path") from error
    if begin != _BEGIN:
        raise Mistake(str(file), "is no backup", "Name a file that 'backbone backup' wrote")
