"""The part of the file that declares connections: where a Jira is, who we are there, how we get there."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from backbone.app.declaration.parts import Part, Word, wrong

_INSIDE = ("/rest/", "/browse/", "/secure/", "/projects/", "/issues/", "/jira/")
"""Beginnings of the paths of pages and interfaces inside a Jira."""


SECRETS = ("password", "token", "api_token", "proxy_password")
"""The keys of a connection that say where a secret is found."""

_LOG_IN_OF = {"url": "user and password, or token", "proxy": "proxy_user and proxy_password"}


def _no_plain_secret(given: object) -> object:
    if isinstance(given, dict):
        return given
    raise wrong(
        "a secret does not belong in this file",
        "Write {env: NAME} and set that environment variable, or {file: PATH} with a file that only you can read",
    )


class SecretSource(Part):
    """Where a secret is found: never the secret itself."""

    env: Word | None = None
    """Name of the environment variable that holds it."""
    file: Word | None = None
    """Path of the file whose first line is the secret; relative paths begin at the configuration file."""
    sealed: SkipJsonSchema[Word | None] = None
    """Which of the secrets that are kept sealed in the database; only in stored documents, never in a file."""

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        if sum(one is not None for one in (self.env, self.file, self.sealed)) != 1:
            raise wrong("a secret has one source", "Write either {env: NAME} or {file: PATH}")
        return self


Secret = Annotated[SecretSource, BeforeValidator(_no_plain_secret)]


class ConnectionPart(Part):
    """A Jira and our account there.

    Log in by `user` and `password` or by `token` (personal access token) on Server and Data Center,
    by `email` and `api_token` on Cloud.
    """

    url: Word
    """Address of the Jira's start page, such as `https://jira.acme.example`; with its context path if it has one."""
    user: Word | None = None
    """User name, together with `password`."""
    password: Secret | None = None
    """Where the password is found."""
    token: Secret | None = None
    """Where the personal access token is found."""
    email: Word | None = None
    """E-mail address of the account, together with `api_token`."""
    api_token: Secret | None = None
    """Where the API token is found."""
    proxy: Word | None = None
    """Address of the HTTP proxy on the way to this Jira."""
    proxy_user: Word | None = None
    """User name at the proxy, together with `proxy_password`."""
    proxy_password: Secret | None = None
    """Where the password at the proxy is found."""
    ca_file: Word | None = None
    """File with the certificates (PEM) that this Jira's certificate is checked against."""
    rate: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    """Calls a second that are never exceeded, beside the limits that this Jira sets itself."""

    @property
    def sealed_secrets(self) -> dict[str, str]:
        """The ids of its secrets that are kept sealed, by the keys where they stand."""
        sources = {name: getattr(self, name) for name in SECRETS}
        return {name: one.sealed for name, one in sources.items() if one is not None and one.sealed is not None}

    @field_validator("url")
    @classmethod
    def address(cls, url: str) -> str:
        parts = _address(url, "url", ("https", "http"))
        if parts.query or parts.fragment:
            raise wrong("the address has a part after ? or #", "Write the address of the start page only")
        for inside in _INSIDE:
            start, found, _ = (parts.path + "/").partition(inside)
            if found:
                raise wrong("the address leads inside Jira", f"Write {parts.scheme}://{parts.netloc}{start}")
        return url.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def proxy_address(cls, proxy: str | None) -> str | None:
        if proxy is not None:
            _address(proxy, "proxy", ("http", "https"))
        return proxy

    @model_validator(mode="after")
    def proxy_log_in(self) -> Self:
        if (self.proxy_user is None) != (self.proxy_password is None):
            raise wrong("half of the log-in at the proxy is missing", "Write proxy_user and proxy_password")
        if self.proxy_user is not None and self.proxy is None:
            raise wrong("there is a log-in at a proxy, but no proxy", "Write proxy: and its address", ("proxy_user",))
        return self

    @model_validator(mode="after")
    def one_log_in(self) -> Self:
        ways = {
            "user and password": (self.user, self.password),
            "token": (self.token,),
            "email and api_token": (self.email, self.api_token),
        }
        begun = [way for way, given in ways.items() if any(one is not None for one in given)]
        if len(begun) != 1:
            message = "does not say how to log in" if not begun else f"logs in twice: by {', and by '.join(begun)}"
            raise wrong(message, "Write user and password, or token, or email and api_token")
        if any(one is None for one in ways[begun[0]]):
            raise wrong("half of the log-in is missing", f"Write {begun[0]}")
        return self


def _address(url: str, what: str, schemes: tuple[str, ...]) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # an impossible port is found out only when asked for
    except ValueError as error:
        raise wrong(f"the {what} is no address: {error}", "Write such as https://jira.acme.example") from error
    if parts.scheme not in schemes or not host or any(letter.isspace() for letter in url):
        raise wrong(f"the {what} is no address", "Write such as https://jira.acme.example")
    if "@" in parts.netloc:
        cure = "Take what stands before @ out of the address, and write " + _LOG_IN_OF[what]
        raise wrong(f"the {what} holds a log-in", cure)
    return parts
