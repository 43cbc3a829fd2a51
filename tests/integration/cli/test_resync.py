"""`resync`: connector and fields as people name them, and told plainly where they are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


def _connector(shell: Shell) -> str:
    [one] = shell.json("status")
    return str(one["connectors"][0]["key"])


@pytest.mark.usefixtures("applied")
def test_a_resync_by_command_makes_the_sides_equal_again(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Task", "Right")
    jiras.anna.create("PA", "Task", "Also right")
    assert shell("sync").exit_code == 0
    for issue in list(jiras.beta.world.issues.values()):
        jiras.beta.world.issues[issue.id] = replace(issue, values={**issue.values, "summary": "wrong"})
    result = shell("resync", _connector(shell), "--fields", "summary", "--jql", "key = PA-1 ORDER BY key")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Resynchronized 1 issue.\n"
    assert shell("sync").exit_code == 0
    assert sorted(str(one.values["summary"]) for one in jiras.beta.world.issues.values()) == ["Right", "wrong"]


@pytest.mark.usefixtures("applied")
def test_what_is_wrong_with_a_resync_is_told_plainly(shell: Shell) -> None:
    key = _connector(shell)
    for words, told in (
        (("NO-1", "--fields", "all"), "there is no connector with this key"),
        ((key, "--fields", "colour"), "maps no such field"),
        ((key, "--fields", "", "--jql", "nonsense = 5"), "nonsense"),
        ((key, "--fields", "", "--jql", ") OR (project = PB"), "bracket"),
    ):
        result = shell("resync", *words)
        assert result.exit_code == 2, result.output
        assert told in result.output
    assert shell("stop").exit_code == 0
    assert "is stopped" in shell("resync", key, "--fields", "all").output


@pytest.mark.usefixtures("applied")
def test_who_stops_starts_retries_and_resyncs_is_in_the_audit_log(shell: Shell) -> None:
    for words in (("stop",), ("start",), ("retry",), ("resync", _connector(shell), "--fields", "summary")):
        assert shell(*words).exit_code == 0

    entries = [one for one in shell.json("audit", "list") if one["about"] == "INT-1"]
    assert [one["what"].removeprefix("integration.") for one in entries][:4] == ["resync", "retry", "start", "stop"]
    assert all(one["who"].startswith("command-line:") for one in entries)
    assert entries[0]["after"]["connector"] == _connector(shell)
