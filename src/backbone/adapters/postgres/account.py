"""As which user of the system the server runs: ourselves, and never root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from backbone.adapters.postgres.failure import PostgresUnavailable

# nobody comes last: other programs may run as nobody, too.
_SYSTEM_USERS = ("backbone", "postgres", "nobody")


class Switch(TypedDict, total=False):
    """What subprocess needs to know to become another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of the system; `name` is None where the system does not know the number, as in some containers."""

    uid: int
    gid: int
    name: str | None

    def switch(self) -> Switch:
        """Arguments for subprocess; only root has to switch."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give the path to this user."""
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether this user may pass through the folder and everything above it; asked only on behalf of others."""
        if os.geteuid() == self.uid:
            return True
        return all(self._may_pass(step) for step in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        state = folder.stat()
        if state.st_uid == self.uid:
            return bool(state.st_mode & 0o100)
        if state.st_gid == self.gid:
            return bool(state.st_mode & 0o010)
        return bool(state.st_mode & 0o001)


def account_for(folder: Path) -> Account:
    """Choose the user for a server in `folder`: its owner where it exists, else ourselves, else a system user."""
    me = os.geteuid()
    owner = folder.stat().st_uid if folder.exists() else None
    if owner and me not in (owner, 0):
        raise PostgresUnavailable(
            cause=f"The database in {folder} belongs to the user {name_of(owner) or owner}, and we run as {name_of(me) or me}.",
            remedy="Run Backbone as that user, or set BACKBONE_HOME to another folder.",
        )
    if owner:
        return _account(owner)
    return _account(me) if me else _system_user()


def name_of(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid=uid, gid=os.getegid() or uid, name=None)
    return Account(uid=uid, gid=os.getegid() if uid == os.geteuid() else entry.pw_gid, name=entry.pw_name)


def _system_user() -> Account:
    for name in _SYSTEM_USERS:
        try:
            return _account(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise PostgresUnavailable(
        cause="PostgreSQL refuses to run as root, and this system has no user nobody to run it as.",
        remedy="Create a system user named backbone, or run Backbone as another user than root.",
    )
