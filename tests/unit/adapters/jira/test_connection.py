"""A connection says how to log in, and never shows a secret."""

from __future__ import annotations

from base64 import b64decode

import pytest

from backbone.adapters.jira.connection import JiraConnection, authorization
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin

LOGINS: list[JiraLogin] = [
    PasswordLogin(user="sync", password="hidden"),
    TokenLogin(token="hidden"),
    ApiTokenLogin(email="sync@acme.example", api_token="hidden"),
]


@pytest.mark.parametrize("credentials", LOGINS)
def test_secrets_never_show(credentials: JiraLogin) -> None:
    connection = JiraConnection(
        base_url="https://jira.acme.example", login=credentials, proxy="http://me:hidden@proxy:3128"
    )

    assert "hidden" not in repr(connection)
    assert "hidden" not in str(credentials)


def test_a_personal_token_is_a_bearer() -> None:
    assert authorization(TokenLogin(token="abc")) == "Bearer abc"


@pytest.mark.parametrize(
    ("credentials", "plain"),
    [
        (PasswordLogin(user="sync", password="pässword"), "sync:pässword"),
        (ApiTokenLogin(email="sync@acme.example", api_token="t"), "sync@acme.example:t"),
    ],
)
def test_passwords_and_api_tokens_are_basic(credentials: JiraLogin, plain: str) -> None:
    scheme, _, encoded = authorization(credentials).partition(" ")

    assert (scheme, b64decode(encoded).decode()) == ("Basic", plain)


def test_the_host_of_an_address_is_its_budget() -> None:
    connection = JiraConnection(base_url="https://jira.acme.example:8443/jira/", login=TokenLogin(token="t"))

    assert connection.host == "jira.acme.example:8443"
    assert connection.root == "https://jira.acme.example:8443/jira"
