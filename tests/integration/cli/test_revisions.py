"""`revisions`, `rollback` and `export`: looking back, going back, and writing down what is in force."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


def test_going_back_is_a_new_revision_and_the_list_tells_why(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    more = "issue_types: [{first: Story, second: Task}, "
    changed = jiras.write_file(applied.parent, lambda text: text.replace("issue_types: [", more))
    [told] = shell.json("apply", changed)["synchronizations"]
    back = shell.json("rollback", "INT-1", "1", "-m", "stories stay at home")
    listed = shell.json("revisions", "INT-1")

    assert "applied" in told["replaces"]["why"]
    assert back == {"key": "INT-1", "revision": 3}
    assert [(one["revision"], one["in_force"]) for one in listed] == [(3, True), (2, False), (1, False)]
    assert listed[0]["why"] == "rolled back to revision 1: stories stay at home"
    assert shell("rollback", "INT-1", "9").exit_code == 2
    assert "that is in force already" in shell("rollback", "INT-1", "1").output


def test_who_goes_back_is_recorded_as_whoever_else_gives_commands(
    jiras: ServedJiras, shell: Shell, applied: Path
) -> None:
    assert shell("apply", jiras.write_file(applied.parent, lambda text: text + "    interval: 9s\n")).exit_code == 0
    assert shell("rollback", "INT-1", "1").exit_code == 0
    assert shell("stop", "INT-1").exit_code == 0

    entries = [one for one in shell.json("audit", "list") if one["about"] == "INT-1"]
    published = shell.json("revisions", "INT-1")

    assert len(entries) == 4
    assert {(one["who"], one["from"]) for one in entries} == {(f"command-line:{getuser()}", "command line")}
    assert {one["by"] for one in published} == {f"{getuser()} (command line)"}


def test_what_is_exported_may_be_applied_and_changes_nothing(shell: Shell, applied: Path) -> None:
    file = applied.parent / "exported.yaml"
    file.write_text(shell("export").output, encoding="utf-8")

    assert [one["outcome"] for one in shell.json("apply", str(file))["synchronizations"]] == ["unchanged"]


def test_what_is_exported_works_from_another_folder(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    """Secrets that lie beside the file that was applied are found from wherever the exported one is written."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    (home / "acme-password").write_text("sync\n", encoding="utf-8")
    applied = jiras.write_file(home, lambda text: text.replace("{env: ACME_PASSWORD}", "{file: acme-password}"))
    assert shell("apply", applied).exit_code == 0
    file = elsewhere / "exported.yaml"
    file.write_text(shell("export").output, encoding="utf-8")

    again = shell.json("apply", file)

    assert f"file: {home}/acme-password" in file.read_text(encoding="utf-8")
    assert again["connections"] == []
    assert [one["outcome"] for one in again["synchronizations"]] == ["unchanged"]


def test_a_file_that_moved_with_its_secrets_tells_where_they_are_now(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    for name in ("former", "present"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "acme-password").write_text("sync\n", encoding="utf-8")
        jiras.write_file(tmp_path / name, lambda text: text.replace("{env: ACME_PASSWORD}", "{file: acme-password}"))
    former, present = (next((tmp_path / name).glob("*.yaml")) for name in ("former", "present"))
    assert shell("apply", former).exit_code == 0

    [changed] = shell.json("apply", present)["connections"]

    assert changed["changes"] == [
        {
            "about": "password, file",
            "before": f"{tmp_path}/former/acme-password",
            "after": f"{tmp_path}/present/acme-password",
        }
    ]
