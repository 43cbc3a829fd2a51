"""Secrets come from where the file points to; a source that is empty is told, a secret never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backbone.app.declaration.credentials import (
    LARGEST_SECRET,
    OpenedConnection,
    open_connections,
)
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import declaration_from
from backbone.ports.login import ApiTokenLogin, PasswordLogin, TokenLogin

FILE = """\
connections:
  acme: {url: https://jira.acme.example/, user: sync, password: {env: ACME_PASSWORD}, rate: 5}
  data: {url: https://data.example, token: {file: secrets/data.token}, ca_file: ca.pem}
  beta: {url: https://beta.atlassian.net, email: sync@beta.example, api_token: {env: BETA_TOKEN}}
"""
ENVIRONMENT = {"ACME_PASSWORD": "pass one", "BETA_TOKEN": "beta two"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "data.token").write_text("  data three\nand a remark\n", encoding="utf-8")
    (tmp_path / "ca.pem").write_text("certificates", encoding="utf-8")
    return tmp_path


def opened(folder: Path, environment: dict[str, str], text: str = FILE) -> dict[str, OpenedConnection]:
    declaration = declaration_from(text.encode(), str(folder / "backbone.yaml"))
    return {str(name): one for name, one in open_connections(declaration, environment).items()}


def refused(folder: Path, environment: dict[str, str], text: str = FILE) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        opened(folder, environment, text)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_each_way_to_log_in_gets_its_secret(folder: Path) -> None:
    found = opened(folder, ENVIRONMENT)

    assert {name: one.login for name, one in found.items()} == {
        "acme": PasswordLogin(user="sync", password="pass one"),
        "data": TokenLogin(token="data three"),
        "beta": ApiTokenLogin(email="sync@beta.example", api_token="beta two"),
    }


def test_paths_begin_at_the_configuration_file(folder: Path) -> None:
    found = opened(folder, ENVIRONMENT)

    assert found["data"].ca_file == folder / "ca.pem"
    assert found["acme"].ca_file is None
    assert (found["acme"].url, found["acme"].rate) == ("https://jira.acme.example", 5.0)


def test_no_secret_shows_when_it_is_printed(folder: Path) -> None:
    shown = repr(opened(folder, ENVIRONMENT))

    assert [secret for secret in ("pass one", "beta two", "data three") if secret in shown] == []


def test_every_source_that_is_empty_is_told(folder: Path) -> None:
    (folder / "secrets" / "data.token").unlink()

    assert refused(folder, {"BETA_TOKEN": ""}) == [
        (
            "backbone.yaml:2:71: connections.acme.password.env: the environment variable ACME_PASSWORD is not set. "
            "Set it, and try again."
        ),
        (
            f"backbone.yaml:3:51: connections.data.token.file: {folder}/secrets/data.token can't be read: "
            "no such file or directory. Check the path and the rights of the file."
        ),
        (
            "backbone.yaml:4:86: connections.beta.api_token.env: the environment variable BETA_TOKEN is not set. "
            "Set it, and try again."
        ),
    ]


@pytest.mark.parametrize("content", [b"", b"\n\nlate", b"\xff\xfe\x00", b"x" * (LARGEST_SECRET + 1)])
def test_a_file_without_a_secret_in_its_first_line_is_told(folder: Path, content: bytes) -> None:
    (folder / "secrets" / "data.token").write_bytes(content)

    assert "data.token holds no secret. Write the secret into its first line." in refused(folder, ENVIRONMENT)[0]


def test_a_proxy_gets_its_log_in_which_never_shows(folder: Path) -> None:
    proxy = "proxy: 'http://proxy.example:3128', proxy_user: me@home, proxy_password: {env: PROXY}, rate"

    found = opened(folder, {**ENVIRONMENT, "PROXY": "a/b c"}, FILE.replace("rate", proxy))["acme"]

    assert found.proxy == "http://me%40home:a%2Fb%20c@proxy.example:3128"
    assert "a%2Fb" not in repr(found)
    assert "PROXY is not set" in refused(folder, ENVIRONMENT, FILE.replace("rate", proxy))[0]


def test_certificates_that_are_not_there_are_told(folder: Path) -> None:
    (folder / "ca.pem").unlink()

    assert "connections.data.ca_file: there is no file" in refused(folder, ENVIRONMENT)[0]
