"""Accounts: by account id on Cloud, by name (and key, which stays) on Data Center."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from backbone.core.model.snapshot import Person


class UserJson(msgspec.Struct, rename="camel"):
    """A user as Jira shows it; deleted ones have little more than a name."""

    account_id: str | None = None
    name: str | None = None
    key: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Our own account: what to compare authors with. ``former`` are accounts that were ours: ids on Cloud, else names."""

    account_id: str = ""
    name: str = ""
    key: str = ""
    former: frozenset[str] = frozenset()

    def owns(self, user: UserJson | None) -> bool:
        """Whether that user is us; an author that is hidden or anonymous is not."""
        if user is None:
            return False
        if (user.account_id or user.name) in self.former:
            return True
        if self.account_id:
            return user.account_id == self.account_id
        if user.key and self.key:
            return user.key == self.key
        return bool(self.name) and user.name == self.name


def person_from_json(user: UserJson | None) -> Person | None:
    if user is None:
        return None
    ident = user.account_id or user.name or user.key or ""
    return Person(id=ident, name=user.display_name or user.name or ident) if ident or user.display_name else None
