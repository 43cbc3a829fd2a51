"""Home folders for servers that tests start, kill and damage, and programs that start them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from tests.parts.postgres import (
    any_database,
    any_postgres,
    bundled_postgres,
    database,
    debian_binaries,
    debian_postgres,
    home_folder,
    migrate_schema,
)

__all__ = ["any_database", "any_postgres", "bundled_postgres", "database", "debian_postgres", "migrate_schema"]

Child = Popen[str]
StartChild = Callable[..., Child]


@pytest.fixture
def home() -> Iterator[Path]:
    with home_folder() as folder:
        yield folder


@pytest.fixture(params=["bundled", "debian"])
def programs(request: pytest.FixtureRequest) -> Path | None:
    """The folder of programs to give to `start`: none for the bundled ones."""
    return debian_binaries() if request.param == "debian" else None


@pytest.fixture
def start_child() -> Iterator[StartChild]:
    """Start a program that starts the server of a home folder and then stays; it is ended after the test."""
    with ExitStack() as ends:

        def begin(home: Path, programs: Path | None = None, *, uid: int | None = None) -> Child:
            arguments = [str(home), str(programs or ""), str(os.geteuid() if uid is None else uid)]
            child = Popen(
                [sys.executable, str(Path(__file__).with_name("child.py")), *arguments],
                stdin=PIPE,
                stdout=PIPE,
                text=True,
            )
            ends.enter_context(child)
            ends.callback(child.kill)
            return child

        yield begin


def said_by(child: Child) -> dict[str, str | int | bool]:
    assert child.stdout is not None
    said = json.loads(child.stdout.readline())
    assert isinstance(said, dict)
    return said
