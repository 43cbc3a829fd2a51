"""Accounts, tokens, the audit log and the key of secrets from the command line."""

from __future__ import annotations

import os
import re
from pathlib import Path

from typer.testing import CliRunner

from backbone.cli.app import app
from tests.integration.cli.conftest import Shell

PASSWORD = "correct horse battery"


def _typed(shell: Shell, text: str, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), env=shell.environment, input=text)
    return result.exit_code, result.output


def test_nobody_is_an_administrator_before_one_is_added(shell: Shell) -> None:
    assert shell.json("account", "list") == []


def test_an_account_gets_its_password_from_standard_input(shell: Shell) -> None:
    assert _typed(shell, f"{PASSWORD}\n", "account", "add", "Anna") == (0, "anna may sign in now.\n")
    assert [one["name"] for one in shell.json("account", "list")] == ["anna"]

    code, told = _typed(shell, "short\n", "account", "password", "anna")
    assert (code, "it has 5 characters" in told) == (2, True)
    assert _typed(shell, "", "account", "password", "anna")[0] == 2
    assert _typed(shell, f"{PASSWORD} two\n", "account", "password", "anna")[0] == 0
    assert shell("account", "remove", "anna").exit_code == 0
    assert shell("account", "remove", "anna").exit_code == 2


def test_a_token_is_shown_once_and_revoked_by_its_prefix(shell: Shell) -> None:
    _typed(shell, f"{PASSWORD}\n", "account", "add", "anna")
    made = shell("token", "create", "anna", "nightly report", "--scope", "operate", "--days", "7")
    assert made.exit_code == 0, made.output

    [listed] = shell.json("token", "list")
    assert made.stdout.startswith(f"backbone_{listed['prefix']}_")
    assert (listed["owner"], listed["scope"], listed["revoked"]) == ("local:anna", "operate", None)
    assert made.stdout.strip() not in shell("token", "list").stdout
    assert shell("token", "revoke", listed["prefix"]).exit_code == 0
    assert shell("token", "revoke", listed["prefix"]).exit_code == 2
    assert shell("token", "create", "nobody", "x").exit_code == 2


def test_project_administrators_are_restricted_to_groups(shell: Shell) -> None:
    assert shell("access", "restrict", "Support", "Managers").exit_code == 0
    assert shell.json("access", "show") == {"everyone": False, "groups": ["Support", "Managers"]}
    assert shell("access", "open").exit_code == 0
    assert shell.json("access", "show") == {"everyone": True, "groups": []}


def test_what_was_done_is_listed_and_holds_no_password(shell: Shell) -> None:
    _typed(shell, f"{PASSWORD}\n", "account", "add", "anna")
    shell("access", "restrict", "Support")

    told = shell("audit", "list").stdout
    entries = shell.json("audit", "list")
    assert [one["what"] for one in entries] == ["access.change", "account.add"]
    assert all(one["from"] == "command line" for one in entries)
    assert (entries[0]["before"], entries[0]["after"]) == (
        {"everyone": True, "groups": []},
        {"everyone": False, "groups": ["Support"]},
    )
    assert PASSWORD not in told
    assert re.match(rf"{entries[0]['id']}  \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC  ", told)


def test_the_list_shows_when_a_token_ends_as_all_instants(shell: Shell) -> None:
    _typed(shell, f"{PASSWORD}\n", "account", "add", "anna")
    assert shell("token", "create", "anna", "for a script").exit_code == 0

    told = shell("audit", "list").stdout
    [entry, *_] = shell.json("audit", "list")

    assert re.search(r'"expires": "\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"', told)
    assert isinstance(entry["after"]["expires"], int)


def test_the_key_of_secrets_is_exchanged(shell: Shell) -> None:
    assert shell("secrets", "rotate").exit_code == 0
    file = Path(shell.environment["BACKBONE_HOME"]) / "secret-key"
    assert os.stat(file).st_mode & 0o777 == 0o600  # noqa: PTH116  the rights are the promise
    before = file.read_text()

    assert shell("secrets", "rotate").exit_code == 0
    assert file.read_text() != before

    key = shell("secrets", "key").stdout.strip()
    refused = shell("secrets", "rotate", BACKBONE_SECRET_KEY=key)
    assert (refused.exit_code, "BACKBONE_SECRET_KEY holds no new key" in refused.output) == (2, True)
    assert shell("secrets", "rotate", BACKBONE_SECRET_KEY="nonsense").exit_code == 2
