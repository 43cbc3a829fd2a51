"""The demo, as a newcomer starts it."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx2

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
    assert "26 pairs in step, 4 problems for a person to decide:" in done.stdout
    assert "\n  PUMP-23: 'Component Path' has no value here" in done.stdout


def test_after_the_demo_a_watcher_is_told_an_edit_that_works() -> None:
    words = [sys.executable, "-m", "backbone", "demo", "--pause", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        told = "".join(iter(begun.stdout.readline, "Ctrl-C ends.\n"))
        found = re.search(
            r"PUT (\S+) .*'Authorization: (.*?)'.* -d '(.*?)'\n  curl .*/issue/LUM-\d+\?", told, re.DOTALL
        )
        assert found is not None, told
        headers = {"Authorization": found[2], "Content-Type": "application/json"}
        answer = httpx2.put(found[1], headers=headers, content=found[3])
        begun.terminate()
    assert (answer.status_code, begun.returncode) == (204, 0)
