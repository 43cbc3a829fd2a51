"""The documented API, line by line, by real curl against a real `serve` with two pretend Jiras."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from backbone.cli.app import app
from backbone.simulator.world.moving import rename_project_key
from backbone.web.front import BASE
from scripts.documented_api import CALLS, Call
from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ACME, SECRETS, ServedJiras, served_jiras
from tests.integration.cli.test_serve import PATIENCE, wait_until
from tests.integration.cli.test_serve_http import served
from tests.parts.postgres import bundled_postgres, database, migrate_schema

__all__ = ["bundled_postgres", "database", "migrate_schema"]

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}")
TASK_INSTANT = re.compile(r"[A-Z][a-z]{2} \d\d, \d{4} -- \d\d:\d\d [AP]M")


LED = {
    **ACME,
    "projects": [
        {
            "key": "PA",
            "name": "Project A",
            "default_priority": "Medium",
            "lead": "anna",
            "workflow": "plain",
            "grants": {"ADMINISTER_PROJECTS": ["lead"]},
        }
    ],
}
"""The first Jira, in which Anna administers the project."""


@dataclass(slots=True)
class Script:
    """The lines as they are run: one shell each, with what earlier answers gave."""

    jiras: ServedJiras
    variables: dict[str, str]
    answers: dict[str, Any] = field(default_factory=dict)

    def run(self, call: Call) -> None:
        environment = os.environ | self.variables
        done = subprocess.run(
            ["bash", "-c", call.line], env=environment, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, f"{call.name}: {done.stderr}"
        body, _, status = done.stdout.rpartition("\n")
        assert int(status) == call.status, f"{call.name}: {status} {body}"
        self.answers[call.name] = json.loads(body) if body.startswith(("{", "[")) else body
        for variable, path in call.keep.items():
            self.variables[variable] = str(_at(self.answers[call.name], path))
        if "TASK" in call.keep:
            self._wait()

    def _wait(self) -> None:
        """Until the task that was just started has ended well."""
        line = 'curl -u "$LOGIN" "$BASE/async-tasks/$TASK"'
        end = time.monotonic() + PATIENCE
        while True:
            found = subprocess.run(
                ["bash", "-c", line], env=os.environ | self.variables, check=False, capture_output=True, text=True
            )
            task = json.loads(found.stdout.rpartition("\n")[0])
            if task["finished"]:
                assert not task["hasFailed"], task
                return
            assert time.monotonic() < end, task
            time.sleep(0.1)

    def rename(self) -> None:
        """What step 5 of the documented procedure does in Jira."""
        world = self.jiras.acme.world
        project = world.find_project(self.variables["PROJECT"])
        assert project is not None
        rename_project_key(world, project, self.variables["NEW"])


def _at(answer: Any, path: str) -> Any:  # noqa: ANN401  JSON
    for step in path.split("."):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer


@pytest.fixture
def shell(database: str, tmp_path: Path) -> Shell:
    return Shell(
        environment={
            **SECRETS,
            "BACKBONE_DATABASE_URL": database,
            "BACKBONE_HOME": str(tmp_path / "home"),
            "BACKBONE_LOG_LEVEL": "warning",
            "BACKBONE_HTTP": "127.0.0.1:0",
            "BACKBONE_SIGN_IN_CONNECTION": "acme",
        }
    )


@contextmanager
def _curl_that_tells_the_status(folder: Path) -> Iterator[dict[str, str]]:
    (folder / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\n')
    yield {"CURL_HOME": str(folder), "FILES": str(folder), "COOKIES": str(folder / "cookies")}


@pytest.fixture
def script(shell: Shell, tmp_path: Path) -> Iterator[Script]:
    with served_jiras(LED) as jiras, _curl_that_tells_the_status(tmp_path) as files:
        for number in ("one", "two"):
            jiras.anna.create("PA", "Bug", f"Number {number}")
        assert shell("apply", jiras.write_file(tmp_path)).exit_code == 0
        made = CliRunner().invoke(
            app, ["account", "add", "admin"], input="correct horse battery\n", env=shell.environment
        )
        assert made.exit_code == 0, made.output
        with served(shell, tmp_path) as (_, address):
            wait_until(lambda: len(jiras.summaries()[1]) == 2)
            variables = {
                **files,
                "BASE": address + BASE,
                "LOGIN": "admin:correct horse battery",
                "JIRA_LOGIN": "anna:anna",
                "PROJECT": "PA",
                "NEW": "PAA",
                "JIRA": jiras.acme.url,
            }
            found = Script(jiras=jiras, variables=variables)
            found.variables |= _keys(found)
            yield found


def _keys(script: Script) -> dict[str, str]:
    """The keys of the installation at hand, as a person would look them up."""
    script.run(Call(name="keys", page=CALLS[0].page, promise="", line='curl -u "$LOGIN" "$BASE/integrations"'))
    [one] = script.answers["keys"]
    script.variables["SYNC"] = one["integrationKey"]
    script.run(Call(name="one", page=CALLS[0].page, promise="", line='curl -u "$LOGIN" "$BASE/integrations/$SYNC"'))
    whole = script.answers["one"]
    new = {
        "firstConnector": {key: whole["firstConnector"][key] for key in ("projectKey", "connection")},
        "secondConnector": {key: whole["secondConnector"][key] for key in ("projectKey", "connection")},
        "configuration": {
            key: value for key, value in whole["configuration"].items() if key not in ("first", "second", "name", "id")
        },
    }
    new["firstConnector"]["projectKey"] = "PAA"
    Path(script.variables["FILES"], "new.json").write_text(json.dumps(new))
    return {
        "FIRST": one["firstConnector"]["connectorKey"],
        "SECOND": one["secondConnector"]["connectorKey"],
        "MAPPING": whole["configuration"]["fields"][0]["id"],
    }


def _is_a_synchronization(one: dict[str, Any]) -> None:
    assert {"integrationKey", "summary", "description", "createdUser", "lastModifiedUser"} <= one.keys()
    assert INSTANT.fullmatch(one["createdDate"])
    assert INSTANT.fullmatch(one["lastModifiedDate"])
    assert isinstance(one["status"], dict)
    for half in (one["firstConnector"], one["secondConnector"]):
        assert {"createdUser", "lastModifiedUser", "connectorKey", "projectKey"} <= half.keys()
        assert INSTANT.fullmatch(half["createdDate"])
        assert isinstance(half["connection"], dict)
        assert "sync-token" not in json.dumps(half)


def _is_a_task(task: dict[str, Any]) -> None:
    assert re.fullmatch("[0-9A-F]{32}", task["id"])
    assert TASK_INSTANT.fullmatch(task["startTimestamp"])
    assert all(isinstance(task[name], bool) for name in ("finished", "cancelled", "hasFailed"))
    assert isinstance(task["progress"], int)
    assert None not in task.values()


def _is_an_ended_task(task: dict[str, Any]) -> None:
    _is_a_task(task)
    assert task["finished"] is True
    assert task["progress"] == 100
    assert task["result"]
    assert TASK_INSTANT.fullmatch(task["completionTimestamp"])


def _has_pairs(answer: list[dict[str, Any]], *keys: tuple[str, str]) -> None:
    assert {(one["localIssueKey"], one["remoteIssueKey"]) for one in answer} == set(keys)
    for one in answer:
        assert isinstance(one["id"], int)
        assert one["incomingChangesIgnored"] is False
        assert one["firstSyncDate"] > 1_495_002_038_742
        assert isinstance(one["outgoingMessageSequenceId"], int)
        assert None not in one.values()


Check = Callable[[Any], object]

CHECKS: dict[str, Check] = {
    "health": lambda answer: _equal(answer, {"alive": True, "ready": True}),
    "health, signed in": lambda answer: _equal(answer["reasons"], []),
    "basic": lambda answer: _is_a_synchronization(answer[0]),
    "account of Jira": lambda answer: _is_a_synchronization(answer[0]),
    "foreign project": lambda answer: _equal(answer, []),
    "XSRF": lambda answer: _equal(answer["errorMessages"], ["XSRF check failed."]),
    "no XSRF check": _is_a_task,
    "task": _is_an_ended_task,
    "list": lambda answer: _is_a_synchronization(answer[0]),
    "list of a project": lambda answer: _equal(len(answer), 1),
    "put back": _is_a_synchronization,
    "edit": lambda answer: _equal((answer["summary"], answer["description"]), ("A <> B", "Issues of A and B")),
    "status": lambda answer: _equal(answer["status"], "RUNNING"),
    "conflicts": lambda answer: _equal(isinstance(answer, list), True),
    "resync of some fields": _is_a_task,
    "pairs": lambda answer: _has_pairs(answer, ("PA-1", "PB-1"), ("PA-2", "PB-2")),
    "pair of a local issue": lambda answer: _has_pairs(answer, ("PA-1", "PB-1")),
    "pair of a remote issue": lambda answer: _has_pairs(answer, ("PA-2", "PB-2")),
    "pair that is none": lambda answer: _equal(answer, []),
    "key before": lambda answer: _equal(answer, {"projectKey": "PA"}),
    "troubleshoot": lambda answer: _equal(answer, []),
    "export of synchronized issues": lambda answer: _equal([len(one) for one in answer.values()], [2, 2]),
    "keys of connectors": lambda answer: _equal(len(answer), 1),
    "page in a browser": lambda answer: _equal("<form" in answer and "<script" not in answer, True),
    "confirmed in a browser": lambda answer: _equal(answer, {"projectKey": "PAA"}),
    "new key": lambda answer: _equal(answer, {"projectKey": "PAA"}),
    "new key by PUT": lambda answer: _equal(answer, {"projectKey": "PAA"}),
    "key after": lambda answer: _equal(answer, {"projectKey": "PAA"}),
    "pairs after": lambda answer: _has_pairs(answer, ("PAA-1", "PB-1"), ("PAA-2", "PB-2")),
    "base address and account": lambda answer: _equal((answer["user"], "password" in answer), ("sync", False)),
    "user": lambda answer: _equal(answer, {"user": "sync"}),
    "same user": lambda answer: _equal(answer, {"user": "sync"}),
    "created": lambda answer: _equal(
        (answer["summary"], answer["status"]["status"]), ("Project A <> Project B", "STOPPED")
    ),
}
"""What an answer must show beside its status."""


def _equal(found: object, wanted: object) -> None:
    assert found == wanted


def test_every_documented_line_works(script: Script) -> None:
    for call in CALLS:
        if call.name == "keys of connectors":
            script.rename()
        script.run(call)
        if call.name in CHECKS:
            CHECKS[call.name](script.answers[call.name])


def test_no_check_is_for_a_line_that_is_gone() -> None:
    assert CHECKS.keys() <= {call.name for call in CALLS}
    assert len({call.name for call in CALLS}) == len(CALLS)
