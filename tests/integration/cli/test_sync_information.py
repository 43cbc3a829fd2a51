"""Pairing issues by a file, and exporting, adopting and restoring sync information."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


def make_issues(jiras: ServedJiras) -> None:
    for person, project, kind in ((jiras.anna, "PA", "Task"), (jiras.anna_at_beta, "PB", "Task")):
        for number in (1, 2):
            person.create(project, kind, f"Number {number} of {project}")


@pytest.mark.usefixtures("applied")
def test_a_file_of_keys_is_shown_paired_exported_and_adopted(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    make_issues(jiras)
    keys, export = tmp_path / "keys.csv", tmp_path / "synchronized.json"
    keys.write_text("Ours;Theirs\nPA-1;PB-1\n", encoding="utf-8")
    shown = shell.json("pair", keys, "--dry-run")
    assert (shown["pairs"], shown["conflicts"]) == (1, [])
    assert shown["differences"] == {"Summary": 1}
    assert shell.json("pair", keys) == {"paired": 1}
    assert shell("information", "export", "INT-1", export).exit_code == 0
    found = json.loads(export.read_text())
    assert [one["localIssueKey"] for one in found["firstConnector"]] == ["PA-1"]
    assert [one["localIssueKey"] for one in found["secondConnector"]] == ["PB-1"]
    assert shell("information", "import", "INT-1", export).exit_code == 0
    connector = found["firstConnector"][0]["connectorKey"]
    assert shell.json("information", "deleted", connector) == []
    nothing = shell("information", "restore", connector)
    assert nothing.exit_code == 2
    assert "nothing to restore" in nothing.output


@pytest.mark.usefixtures("applied")
def test_what_cannot_be_paired_is_told_with_its_line(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    make_issues(jiras)
    keys = tmp_path / "keys.csv"
    keys.write_text("PA-1,PB-1\nPA-2,PB-9999\n", encoding="utf-8")
    result = shell("pair", keys, "--dry-run")
    assert result.exit_code == 1
    assert "line 2 can't be paired: there is no issue PB-9999" in result.output
    keys.write_text("PA-1\n", encoding="utf-8")
    assert shell("pair", keys).exit_code == 2
