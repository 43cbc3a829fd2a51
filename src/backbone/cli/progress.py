"""The progress of a foreground run, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backbone.app.usecases.quiet import Round
from backbone.ports.tasks import Task
from backbone.settings import LogLevel


@contextmanager
def watching(level: LogLevel) -> Iterator[Callable[[Round], None]]:
    """A function that shows how far the run has come; silent where nobody watches."""
    if not sys.stderr.isatty() or level is LogLevel.DEBUG:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Looking at both sides")
        yield lambda one: progress.update(
            task,
            description=f"Round {one.number}: {one.fresh} changed issues seen, {one.turns} turns done, {one.unfinished} wait",
        )


@contextmanager
def showing_tasks(level: LogLevel) -> Iterator[Callable[[Task], None]]:
    """A function that shows how far a task has come; silent where nobody watches."""
    if not sys.stderr.isatty() or level is LogLevel.DEBUG:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        shown = progress.add_task("Starting")
        yield lambda one: progress.update(shown, description=f"{one.progress} %  {one.message}")
