"""What people write in Jira, and secrets, never show in the log."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backbone.observe import without_contents
from backbone.simulator.world.workflows import Workflow
from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras

CANARY = "canary-7f3a"


def without_transitions(workflow: Workflow) -> Workflow:
    """Something goes wrong, so that there is something to log."""
    return replace(workflow, transitions=())


@pytest.mark.usefixtures("applied")
def test_no_content_and_no_secret_is_logged(jiras: ServedJiras, shell: Shell) -> None:
    issue = jiras.anna.create("PA", "Bug", f"{CANARY} summary", description=f"{CANARY} text", labels=[CANARY])
    jiras.anna.comment(issue.key, f"{CANARY} comment")
    jiras.anna.attach(issue.key, f"{CANARY}.txt", CANARY.encode())
    jiras.anna.transition(issue.key, "Finish")
    jiras.beta.world.workflows["plain"] = without_transitions(jiras.beta.world.workflows["plain"])

    result = shell("sync", BACKBONE_LOG_LEVEL="debug", BACKBONE_LOG_FORMAT="json")

    assert jiras.summaries()[1] == [f"{CANARY} summary"]
    assert CANARY not in result.output + result.stderr
    assert "sync-token" not in result.output + result.stderr


def test_an_exception_is_logged_by_its_type_alone() -> None:
    found = without_contents(None, "error", {"event": "tick-failed", "exc_info": ValueError(CANARY)})

    assert found == {"event": "tick-failed", "error": "ValueError"}


@pytest.mark.usefixtures("applied")
def test_log_lines_for_programs_are_json(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Text")
    jiras.beta.world.workflows["plain"] = without_transitions(jiras.beta.world.workflows["plain"])

    result = shell("sync", BACKBONE_LOG_LEVEL="debug", BACKBONE_LOG_FORMAT="json")

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
