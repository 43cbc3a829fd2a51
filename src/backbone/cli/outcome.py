"""How a command ends: 0 all is well, 1 something is held back, 2 the person who gave it must put something right."""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from backbone.app.declaration.findings import DeclarationError
from backbone.app.usecases.mistakes import Mistake
from backbone.settings import Settings

HELD_BACK = 1
MISTAKEN = 2
UNREAD = 128 + 13
"""As of a program that ended by SIGPIPE."""


def settings() -> Settings:
    """What the environment says. Ends the command when that is wrong."""
    from backbone.observe import configure

    try:
        found = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "BACKBONE_" + str(first["loc"][0]).upper()
        fail(f"{name}: {first['msg'].rstrip('.')}. Set this environment variable to such a value.")
    if found.database_url is not None and not _is_address(found.database_url.get_secret_value()):
        fail(
            "BACKBONE_DATABASE_URL: this is no address of a PostgreSQL."
            " Write such as postgresql://backbone@db.example/backbone."
        )
    configure(found.log_level, found.log_format)
    return found


def _is_address(text: str) -> bool:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return bool(conninfo_to_dict(text))
    except ProgrammingError:  # its text may hold the password
        return False


def run(work: Callable[[], Awaitable[int]]) -> NoReturn:
    """Run a command to its end and leave with what it returns."""
    from backbone.bootstrap import told_plainly

    try:
        with told_plainly():
            code = asyncio.run(_awaited(work))
        sys.stdout.flush()
    except (Mistake, DeclarationError) as error:
        fail(str(error))
    except OSError as error:
        if isinstance(error, BrokenPipeError) and _has_no_reader():
            raise typer.Exit(UNREAD) from None
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{(error.strerror or type(error).__name__).lower()}. Make it possible, then try again.")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)


def _has_no_reader() -> bool:
    """Whether whoever read the output has read enough, as ``| head`` does; then what is left goes nowhere."""
    asked = select.poll()
    asked.register(sys.stdout.fileno(), 0)
    if not asked.poll(0):
        return False
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return True


async def _awaited(work: Callable[[], Awaitable[int]]) -> int:
    return await work()


def fail(sentence: str) -> NoReturn:
    """Tell what must be put right; nothing was changed."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(MISTAKEN)


def tell_json(plain: object) -> None:
    """An answer for programs."""
    print(json.dumps(plain, indent=2, ensure_ascii=False))


def tell(line: str) -> None:
    """A line of an answer for people, left whole: their terminal breaks it where it must."""
    print(line)


def sentence(words: str) -> str:
    """The words as a sentence, with a capital and an end.

    >>> sentence("check the address")
    'Check the address.'
    """
    text = words.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts.

    >>> counted(1, "issue"), counted(2, "issue")
    ('1 issue', '2 issues')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def tell_table(table: Table) -> None:
    """A table, or where the terminal is too narrow for its words a block of lines for each row."""
    out = console()
    if Measurement.get(out, out.options.update(width=_VERY_WIDE), table).minimum <= out.width:
        out.print(table)
        return
    heads = [str(column.header) for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        shown = [f"{head}: {cell}" for head, cell in zip(heads, row, strict=True) if cell]
        tell("\n    ".join(shown))


_VERY_WIDE = 100_000


class _Output(Console):
    """Ends as all other output does where nobody reads it."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Where tables and pictures for people go; wide enough for most tables when it is no terminal."""
    found = _Output(highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not found.is_terminal:
        with suppress(ValueError):
            found = _Output(highlight=False, markup=False, emoji=False, width=200)
    return found
