"""The ports to proving who somebody is: against a Jira, and against the hash of a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.login import PasswordLogin, TokenLogin

PersonCredentials = PasswordLogin | TokenLogin
"""What people sign in with; at Cloud their e-mail address and an API token stand for name and password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraPerson:
    """Who Jira says it is, whether the whole Jira is theirs to administer, and which of the projects asked for."""

    account: str
    shown: str
    administers: bool
    projects: frozenset[ProjectId]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInRefused:
    """The credentials are wrong, or this Jira does not take this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptchaDemanded:
    """Jira lets this account in only after a CAPTCHA in a browser; every further attempt would make it worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraUnavailable:
    """Nothing is known of the credentials; ``cause`` is for people.

    ``reached`` tells that Jira may have seen them, and counted them if they are wrong.
    """

    cause: str
    reached: bool


Checked = JiraPerson | LogInRefused | CaptchaDemanded | JiraUnavailable


class PersonCheck(Protocol):
    """Asks a Jira about somebody's credentials, which go nowhere else and are not kept.

    What is refused to a person never holds back the calls of the synchronizations to the same host.
    """

    async def check(
        self, connection: ConnectionName, credentials: PersonCredentials, projects: Sequence[ProjectId]
    ) -> Checked:
        """Who it is and which of the projects they administer. The wrong credentials are sent once."""


class TooBusy(Exception):
    """More passwords wait to be checked than is good; the caller may try again."""


class Passwords(Protocol):
    """Hashes of passwords, few at a time since each takes a tenth of a second of a processor and 64 MB."""

    async def hashed(self, password: str) -> str:
        """What to keep of a password. Raises TooBusy."""

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is the password; without anything kept the same time is taken to say no. Raises TooBusy."""
