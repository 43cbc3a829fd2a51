"""`verify`, `explain`, `problems`, `retry` and `doctor`: how things stand, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from getpass import getuser
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


@pytest.mark.usefixtures("applied")
def test_an_explanation_names_rule_values_time_and_revision(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Text", priority="High")
    assert shell("sync").exit_code == 0
    jiras.anna.edit("PA-1", priority="Low")
    assert shell("sync").exit_code == 0

    steps = shell.json("explain", "PB-1", "priority")

    written = next(one for one in steps if one["what"] == "field-written")
    assert (written["issue"], written["rule"], written["before"], written["after"]) == ("PB-1", "Priority", "P1", "P3")
    assert (written["synchronization"], written["connector"], written["revision"]) == ("INT-1", "PB-3", 1)
    assert shell("explain", "PA-1").exit_code == 0


@pytest.mark.usefixtures("applied")
def test_a_difference_is_told_with_its_reason(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Text", priority="High")
    assert shell("sync").exit_code == 0
    jiras.anna.edit("PA-1", priority="Low")

    result = shell("verify")
    (difference,) = shell.json("verify")["differences"]

    assert result.exit_code == 1
    assert (difference["what"], difference["at_first"], difference["at_second"]) == ("Priority", "Low", "P1")
    assert difference["why"] == "it was edited since the last look"


def test_a_difference_after_another_mapping_is_told_with_its_reason(
    jiras: ServedJiras, shell: Shell, applied: Path
) -> None:
    jiras.anna.create("PA", "Bug", "Text", priority="High")
    assert shell("sync").exit_code == 0
    swapped = "[High, P3], [Medium, P2], [Low, P1]"
    file = jiras.write_file(
        applied.parent,
        lambda text: text.replace("[High, P1], [Medium, P2], [Low, P3]", swapped).replace(
            "{first: summary, second: summary}", "{first: summary, second: summary, id: title}"
        ),
    )
    assert shell("apply", file).exit_code == 0
    jiras.anna.edit("PA-1", summary="Another text")
    assert "start-conflict" in shell("sync").stdout

    why = {one["what"]: one["why"] for one in shell.json("verify")["differences"]}

    assert why["Summary"].startswith("nothing was agreed on these fields and their values differ")
    assert "since the configuration was changed, which sends nothing again: run 'backbone resync'" in why["Priority"]


@pytest.mark.usefixtures("applied")
def test_what_is_held_back_is_listed_and_tried_again(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Text")
    assert shell("sync").exit_code == 0
    workflow = jiras.beta.world.workflows["plain"]
    jiras.beta.world.workflows["plain"] = replace(workflow, transitions=())
    jiras.anna.transition("PA-1", "Finish")

    held = shell("sync")
    (problem,) = shell.json("problems")

    assert held.exit_code == 1
    assert "No transition" in held.stdout
    assert (problem["code"], problem["occurred_in"]) == ("no-path-to-status", "PB-1")
    assert shell.json("verify")["differences"][0]["why"] == problem["cause"]

    shown = shell("problems", "show", str(problem["id"])).stdout
    assert "        field " in shown
    assert f"backbone problems take-mine {problem['id']}" in shown

    jiras.beta.world.workflows["plain"] = workflow
    assert shell.json("problems", "retry", str(problem["id"])) == {"done": [problem["id"]], "failed": {}}
    assert shell("problems", "recreate", str(problem["id"])).exit_code == 2
    [*_, entry] = [one for one in shell.json("audit", "list") if one["what"].startswith("problem.")]
    assert (entry["what"], entry["about"], entry["from"]) == ("problem.retry", str(problem["id"]), "command line")
    assert entry["who"] == f"command-line:{getuser()}"
    assert shell.json("retry")["parked"] == 1
    assert shell("sync").exit_code == 0
    assert shell.json("problems") == []
    assert shell("problems").stdout == "Nothing is held back.\n"
    assert shell.json("verify")["differences"] == []


def test_the_doctor_finds_nothing_serious_where_nothing_is(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    result = shell("doctor", jiras.write_file(tmp_path))

    assert result.exit_code == 0, result.output
    assert "Nothing stands in the way." in result.stdout


def test_the_doctor_names_what_keeps_it_from_working_and_the_cure(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    jiras.beta.world.clock.advance(timedelta(minutes=20))
    jql = 'project: PA, jql: "labels != internal"}'
    file = jiras.write_file(tmp_path, lambda text: text.replace("project: PA}", jql))
    jiras.anna_at_beta.create("PB", "Defect", "Something to learn from")

    findings = shell.json("doctor", file)

    serious = [one for one in findings if one["serious"]]
    assert any("seconds ahead of ours" in one["finding"] and "NTP" in one["cure"] for one in serious)
    assert any("silently drops issues whose labels is empty" in one["finding"] for one in findings)


def test_the_doctor_says_when_it_can_not_log_in(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    result = shell("doctor", jiras.write_file(tmp_path), ACME_PASSWORD="wrong")

    assert result.exit_code == 1
    assert "connection acme" in result.stdout


@pytest.mark.usefixtures("applied")
def test_a_narrow_terminal_gets_lines_instead_of_a_table(shell: Shell) -> None:
    narrow = shell("status", COLUMNS="30", FORCE_COLOR="1").stdout

    assert "KEY: INT-1\n    NAME: A and B\n    STATUS: RUNNING" in narrow
