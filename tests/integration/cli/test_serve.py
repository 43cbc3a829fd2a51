"""`serve` and `simulator` as processes: what they do by themselves, and that they stop when told to."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import aiohttp
import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras

PATIENCE = 60.0


@contextmanager
def process(shell: Shell, log: Path, *words: str) -> Iterator[Popen[str]]:
    """A command in a process of its own that logs to a file, ended whatever happens."""
    command = [sys.executable, "-m", "backbone", *words]
    environment = os.environ | shell.environment | {"BACKBONE_LOG_LEVEL": "info"}
    with log.open("w") as errors, Popen(command, env=environment, stdout=PIPE, stderr=errors, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def serves(log: Path) -> bool:
    return "serving" in log.read_text()


def wait_until(condition: Callable[[], bool], *, pause: float = 0.05) -> None:
    """For what other processes do; fails when it does not come. Ask seldom where asking costs: ``pause`` is seconds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(pause)


def test_serving_takes_up_a_new_configuration_carries_edits_and_stops_gracefully(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    jiras.anna.create("PA", "Bug", "There from the start")
    with process(shell, tmp_path / "log", "serve") as running:
        assert shell("apply", jiras.write_file(tmp_path, lambda text: text + "    interval: 1s\n")).exit_code == 0
        wait_until(lambda: jiras.summaries()[1] == ["There from the start"])
        jiras.anna_at_beta.edit("PB-1", summary="Edited there")
        wait_until(lambda: jiras.summaries()[0] == ["Edited there"])
        assert (shell.json("status")[0]["status"], shell.json("status")[0]["idle"]) == ("RUNNING", False)
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
    assert shell.json("status")[0]["problems"] == 0


@pytest.mark.usefixtures("applied")
def test_several_workers_share_one_database(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    for number in range(5):
        jiras.anna.create("PA", "Bug", f"Number {number}")
    logs = tmp_path / "first", tmp_path / "second"
    with process(shell, logs[0], "serve") as first, process(shell, logs[1], "worker") as second:
        wait_until(lambda: all(serves(log) for log in logs))
        wait_until(lambda: len(jiras.summaries()[1]) == 5)
        for running in (first, second):
            running.send_signal(signal.SIGINT)
            assert running.wait(PATIENCE) == 0
    assert sorted(jiras.summaries()[1]) == [f"Number {number}" for number in range(5)]


async def test_the_simulator_tells_its_address_and_answers_there(shell: Shell, tmp_path: Path) -> None:
    with process(shell, tmp_path / "log", "simulator", "--flavour", "cloud", "--project", "XY") as running:
        assert running.stdout is not None
        found = re.search(r"http://\S+", running.stdout.readline())
        assert found is not None
        token = b64encode(b"sync@example.com:sync-token").decode()
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Basic {token}"}) as session,
            session.get(f"{found[0]}/rest/api/2/project/XY") as answer,
        ):
            assert (await answer.json())["key"] == "XY"
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
