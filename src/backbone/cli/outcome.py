"""How a command ends: 0 all is well, 1 something is held back, 2 the person who gave it must put something right."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from backbone.app.declaration.findings import DeclarationError
from backbone.app.usecases.mistakes import Mistake
from backbone.settings import Settings

HELD_BACK = 1
MISTAKEN = 2


def settings() -> Settings:
    """What the environment says. Ends the command when that is wrong."""
    from backbone.observe import configure

    try:
        found = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "BACKBONE_" + str(first["loc"][0]).upper()
        fail(f"{name}: {first['msg'].rstrip('.')}. Set this environment variable to such a value.")
    configure(found.log_level, found.log_format)
    return found


def run(work: Callable[[], Awaitable[int]]) -> NoReturn:
    """Run a command to its end and leave with what it returns."""
    from backbone.bootstrap import told_plainly

    try:
        with told_plainly():
            code = asyncio.run(_awaited(work))
    except (Mistake, DeclarationError) as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{(error.strerror or type(error).__name__).lower()}. Make it possible, then try again.")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)


async def _awaited(work: Callable[[], Awaitable[int]]) -> int:
    return await work()


def fail(sentence: str) -> NoReturn:
    """Tell what must be put right; nothing was changed."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(MISTAKEN)


def tell_json(plain: object) -> None:
    """An answer for programs."""
    print(json.dumps(plain, indent=2, ensure_ascii=False))


def console() -> Console:
    """Where answers for people go; long lines are left whole when it is no terminal."""
    found = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not found.is_terminal:
        with suppress(ValueError):
            found = Console(highlight=False, markup=False, emoji=False, width=200)
    return found
