"""The demo, as a newcomer starts it."""

from __future__ import annotations

import subprocess
import sys

from backbone.cli.demo.story import story


def test_every_step_of_the_demo_arrives_at_the_other_side() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backbone", "demo", "--end", "--pause", "0"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    for step in story():
        line = next(line for line in done.stdout.splitlines() if step.what in line)
        assert "not yet" not in line, line
