"""`revisions`, `rollback` and `export`: looking back, going back, and writing down what is in force."""

from __future__ import annotations

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


def test_what_is_exported_may_be_applied_and_changes_nothing(shell: Shell, applied: Path) -> None:
    file = applied.parent / "exported.yaml"
    file.write_text(shell("export").output, encoding="utf-8")

    assert [one["outcome"] for one in shell.json("apply", str(file))["synchronizations"]] == ["unchanged"]
