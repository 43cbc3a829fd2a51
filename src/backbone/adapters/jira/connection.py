"""What is needed to reach one Jira. Secrets never show in its text form."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit

from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. ``reading`` is the longest silence, ``whole`` the longest call that is no attachment."""

    connecting: float = 10.0
    reading: float = 60.0
    whole: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraConnection:
    """Where a Jira is, with a context path if it has one, and how to log in there.

    ``proxy`` is an HTTP proxy with its credentials in the address, ``ca_file`` holds certificates in PEM that are
    trusted besides those of the system, ``concurrency`` bounds the calls that are under way at the same time.
    ``former`` are accounts that were ours before this one: ids on Cloud, else names.
    """

    base_url: str
    login: JiraLogin
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    concurrency: int = 10
    former: frozenset[str] = frozenset()

    @property
    def root(self) -> str:
        """The address before ``/rest``, without a slash at its end."""
        return self.base_url.rstrip("/")

    @property
    def host(self) -> str:
        """Whose budget the calls count against."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def account(self) -> str:
        """Whose log-ins are refused together: the user of the host, or its token where no user is known; as a digest."""
        return f"{self.host} {sha256(_who(self.login).encode()).hexdigest()[:16]}"


def _who(login: JiraLogin) -> str:
    """Jira makes no difference between cases of user names and addresses."""
    match login:
        case PasswordLogin(user=user):
            return f"user {user.casefold()}"
        case TokenLogin(token=token):
            return f"token {token}"
        case ApiTokenLogin(email=email):
            return f"user {email.casefold()}"
        case _:
            assert_never(login)


def authorization(login: JiraLogin) -> str:
    """The value of the header ``Authorization``."""
    match login:
        case PasswordLogin(user=user, password=password):
            return _basic(user, password)
        case TokenLogin(token=token):
            return f"Bearer {token}"
        case ApiTokenLogin(email=email, api_token=token):
            return _basic(email, token)
        case _:
            assert_never(login)


def _basic(user: str, secret: str) -> str:
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode("ascii")
