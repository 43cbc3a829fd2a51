"""People of a pretend Jira and the proofs of identity they may show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One account.

    ``key`` never changes and identifies the user inside the world; Data Center shows
    ``name`` and ``key``, Cloud only ``account_id``.
    """

    key: str
    name: str
    account_id: str
    display_name: str
    email: str
    time_zone: str = "UTC"
    locale: str = "en_US"
    active: bool = True
    password: str | None = None
    tokens: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    admin: bool = False
    account_type: str = "atlassian"
    email_visible: bool = True
    deleted: bool = False
