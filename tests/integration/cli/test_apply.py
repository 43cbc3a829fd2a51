"""`apply`: the same file twice changes nothing, another one makes a new revision."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


def outcomes(answer: dict[str, list[dict[str, object]]]) -> list[tuple[object, object, object]]:
    return [(one["key"], one["outcome"], one["revision"]) for one in answer["synchronizations"]]


def test_the_same_file_twice_changes_nothing(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    file = jiras.write_file(tmp_path)

    assert outcomes(shell.json("apply", file)) == [("INT-1", "created", 1)]
    assert outcomes(shell.json("apply", file)) == [("INT-1", "unchanged", 1)]


@pytest.mark.usefixtures("applied")
def test_connectors_are_named_after_their_projects(shell: Shell) -> None:
    (standing,) = shell.json("status")

    assert [one["key"] for one in standing["connectors"]] == ["PA-2", "PB-3"]
    assert (standing["status"], standing["problems"]) == ("RUNNING", 0)


def test_a_dry_run_only_tells(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    file = jiras.write_file(tmp_path)

    assert outcomes(shell.json("apply", file, "--dry-run")) == [(None, "created", None)]
    assert shell.json("status") == []


def test_another_file_makes_a_new_revision_that_catches_up(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    jiras.anna.create("PA", "Story", "Not mapped at first")
    assert shell("sync").exit_code == 0
    assert jiras.summaries()[1] == []
    more = "issue_types: [{first: Story, second: Task}, "
    file = jiras.write_file(applied.parent, lambda text: text.replace("issue_types: [", more))

    assert outcomes(shell.json("apply", file)) == [("INT-1", "changed", 2)]
    assert shell("sync").exit_code == 0
    assert jiras.summaries()[1] == ["Not mapped at first"]


def test_what_a_file_does_not_name_is_left_as_it_is(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    other = jiras.write_file(applied.parent, lambda text: text.replace("name: A and B", "name: Another name"))

    assert outcomes(shell.json("apply", other)) == [("INT-4", "created", 1), ("INT-1", "undeclared", 1)]


def test_a_synchronization_cannot_be_moved_to_another_project(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    """Not even to the same project under another name of its connection."""
    renamed = jiras.write_file(applied.parent, lambda text: text.replace("acme", "other"))

    result = shell("apply", renamed)

    assert result.exit_code == 2
    assert "'A and B': its first side would become another project or connection" in result.stderr
    assert outcomes(shell.json("apply", jiras.write_file(applied.parent))) == [("INT-1", "unchanged", 1)]


def test_existing_issues_stay_at_home_when_only_new_ones_are_wanted(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    jiras.anna.create("PA", "Bug", "There before")
    jiras.acme.world.clock.advance(timedelta(minutes=5))
    jiras.beta.world.clock.advance(timedelta(minutes=5))
    file = jiras.write_file(tmp_path, lambda text: text.replace("start_with: all", "start_with: new"))
    assert shell("apply", file).exit_code == 0
    jiras.anna.create("PA", "Bug", "Created after")

    assert shell("sync").exit_code == 0
    assert jiras.summaries()[1] == ["Created after"]


def test_a_key_means_the_synchronization_of_that_key_whatever_another_is_called(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    def twice(text: str) -> str:
        beginning, begin, one = text.partition("  - name: A and B")
        return beginning + begin + one + "  - name: INT-1" + one

    assert shell("apply", jiras.write_file(tmp_path, twice)).exit_code == 0

    assert shell.json("stop", "INT-1") == {"stopped": ["INT-1"]}
    assert shell("rollback", "INT-1", "1").exit_code == 0


def test_a_connection_that_changed_is_told_with_what_changed(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    file = jiras.write_file(tmp_path)
    first = shell.json("apply", file)
    same = shell.json("apply", file)
    slower = jiras.write_file(tmp_path, lambda text: text.replace("user: sync,", "user: sync, rate: 7,"))
    shown = shell("apply", slower, "--dry-run").stdout
    told = shell("apply", slower).stdout

    assert [(one["name"], one["outcome"]) for one in first["connections"]] == [("acme", "created"), ("beta", "created")]
    assert same["connections"] == []
    assert "connection acme: would be changed\n    + rate: 7.0\n" in shown
    assert "connection acme: changed\n    + rate: 7.0\n" in told
    assert "A and B: unchanged" in told
    assert shell.json("apply", slower)["connections"] == []


def test_who_changed_a_connection_is_in_the_audit_log(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    shell.json("apply", jiras.write_file(tmp_path))
    shell.json("apply", jiras.write_file(tmp_path, lambda text: text.replace("user: sync,", "user: sync, rate: 7,")))

    entries = shell.json("audit", "list")
    assert [(one["what"], one["about"]) for one in entries] == [
        ("connection.change", "acme"),
        ("integration.create", "INT-1"),
        ("connection.create", "beta"),
        ("connection.create", "acme"),
    ]
    assert (entries[0]["before"], entries[0]["after"]) == ({}, {"rate": 7.0})
    assert all(one["who"].startswith("command-line:") for one in entries)
