"""Whoever reads the output of a command may have read enough."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

COMMAND = dedent("""
    import typer
    from rich.table import Table
    from backbone.cli.outcome import run, tell, tell_table

    async def work() -> int:
        {told}
        return 0

    app = typer.Typer()
    app.command()(lambda: run(work))
    app()
""")
ENDED_BY_A_CLOSED_PIPE = 141


@pytest.mark.parametrize("told", ["tell('one line')", "tell(100_000 * 'much ')", "tell_table(Table('a head'))"])
def test_a_command_whose_reader_has_read_enough_ends_quietly(told: str) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", COMMAND.format(told=told)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(write)

    assert done.stderr == ""
    assert done.returncode == ENDED_BY_A_CLOSED_PIPE
