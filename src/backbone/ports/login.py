"""How an account proves to a Jira who it is: ours or that of a person. Secrets never show in their text form."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLogin:
    """User name and password of Server and Data Center; 11 refuses them unless its administrator allows them again."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogin:
    """A personal access token of Data Center (8.14 or later)."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTokenLogin:
    """E-mail address and API token of an account of Cloud."""

    email: str
    api_token: str = field(repr=False)


JiraLogin = PasswordLogin | TokenLogin | ApiTokenLogin
