"""A Jira that moves to another address, and an account that is exchanged, by the file: nothing begins anew."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras, served_jiras
from tests.integration.cli.test_apply import outcomes


def moved(jiras: ServedJiras, folder: Path, url: str) -> Path:
    return jiras.write_file(folder, lambda text: text.replace(jiras.acme.url, url))


def test_a_new_address_of_the_same_jira_changes_nothing_else(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    issue = jiras.anna.create("PA", "Bug", "Before the move")
    assert shell("sync").exit_code == 0
    file = moved(jiras, applied.parent, jiras.acme.url.replace("127.0.0.1", "localhost"))

    assert outcomes(shell.json("apply", file)) == [("INT-1", "unchanged", 1)]
    jiras.anna.edit(issue.key, summary="After the move")
    assert shell("sync").exit_code == 0
    assert jiras.summaries() == (["After the move"], ["After the move"])


def test_the_address_of_another_jira_is_refused(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    jiras.anna.create("PA", "Bug", "Only here")
    assert shell("sync").exit_code == 0
    with served_jiras() as others:
        result = shell("apply", moved(jiras, applied.parent, others.acme.url))

    assert result.exit_code == 2
    assert "connection acme: None of 1 issues that are synchronized is at this address." in result.stderr


def test_another_account_goes_on_where_the_one_before_ended(jiras: ServedJiras, shell: Shell, applied: Path) -> None:
    issue = jiras.anna_at_beta.create("PB", "Defect", "Made by the first account")
    assert shell("sync").exit_code == 0
    [mirror] = jiras.acme.world.issues.values()
    file = jiras.write_file(applied.parent, lambda text: text.replace("user: sync, password", "user: anna, password"))

    shell.environment["ACME_PASSWORD"] = "anna"
    assert outcomes(shell.json("apply", file)) == [("INT-1", "unchanged", 1)]
    jiras.anna_at_beta.comment(issue.key, "To be mirrored by another account")
    assert shell("sync").exit_code == 0
    assert jiras.summaries() == (["Made by the first account"], ["Made by the first account"])
    anna = jiras.acme.world.find_user("anna")
    assert anna is not None
    assert [one.author for one in jiras.acme.world.issues[mirror.id].comments] == [anna.key]
