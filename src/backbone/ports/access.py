"""The port to who may call: administrators, people of a Jira, tokens, sessions, attempts to sign in, secrets, audit.

Every instant is in milliseconds since 1970 UTC. Secrets show in no text form of these values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backbone.core.model.keys import Millis, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """A local administrator; ``password`` is its argon2 hash."""

    name: str
    password: str = field(repr=False)
    created: Millis
    changed: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRights:
    """What an account of a Jira may do there, as found when it last signed in.

    ``jira`` is the address that was asked: rights count for every connection that leads there, and for no other.
    ``groups`` are folded for comparison.
    """

    jira: str = ""
    administers: bool = False
    projects: tuple[ProjectId, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """An account of a Jira that has signed in: ``jira:CONNECTION:ACCOUNT``, and when its rights were looked at."""

    name: str
    shown: str
    rights: PersonRights
    seen: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """Which project administrators may work here: all, or members of these groups of their Jira only."""

    everyone: bool = True
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token of this installation: found by ``prefix``, recognized by the ``digest`` (SHA-256) of the whole."""

    prefix: str
    digest: bytes = field(repr=False)
    owner: str
    label: str
    scope: str
    created: Millis
    expires: Millis
    last_used: Millis | None = None
    revoked: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who signed in with a browser; ``digest`` is the SHA-256 of the id."""

    digest: bytes = field(repr=False)
    owner: str
    opened: Millis
    last_used: Millis
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTaken:
    """An attempt to sign in may be made; it counts as failed until it is given back."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsUsedUp:
    """No more attempts before ``until``; ``pending`` tells that some are not decided yet."""

    until: Millis
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """A secret as it is kept; ``about`` says what it is for, such as ``connection northwind, password``."""

    id: str
    about: str
    sealed: str = field(repr=False)
    created: Millis

    @property
    def place(self) -> str:
        """The row that the sealed text is bound to."""
        return f"secret/{self.id}/{self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to which object, when and from where.

    ``what`` is a noun and a verb such as ``token.create``, ``about`` the key of the object. ``before`` and ``after``
    hold what differs, never secrets or what is written in issues. ``id`` is given by the store.
    """

    at: Millis
    who: str
    what: str
    about: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    address: str = ""
    id: int = 0


class Administrators(Protocol):
    async def get(self, name: str) -> Administrator | None: ...

    async def all(self) -> Sequence[Administrator]: ...

    async def save(self, one: Administrator) -> None: ...

    async def remove(self, name: str) -> None: ...


class People(Protocol):
    async def get(self, name: str) -> KnownPerson | None: ...

    async def save(self, person: KnownPerson) -> None: ...

    async def rule(self) -> AccessRule: ...

    async def set_rule(self, rule: AccessRule) -> None: ...


class Tokens(Protocol):
    async def get(self, prefix: str) -> AccessToken | None: ...

    async def all(self, owner: str | None = None) -> Sequence[AccessToken]:
        """The newest first; those of one owner, or of everybody."""

    async def add(self, token: AccessToken) -> None: ...

    async def used(self, prefix: str, at: Millis) -> None: ...

    async def revoke(self, prefix: str, at: Millis) -> bool:
        """Whether there was one that was not revoked yet."""

    async def revoke_all(self, owner: str, at: Millis) -> None: ...

    async def forget(self, ended: Millis) -> None:
        """Remove those that expired or were revoked before then."""


class Sessions(Protocol):
    async def get(self, digest: bytes) -> Session | None: ...

    async def add(self, session: Session) -> None: ...

    async def used(self, digest: bytes, at: Millis) -> None: ...

    async def remove(self, digest: bytes) -> None: ...

    async def remove_all(self, owner: str) -> None: ...

    async def forget(self, opened: Millis, used: Millis) -> None:
        """Remove those that were opened or last used before then."""


class Attempts(Protocol):
    """Attempts to sign in that are not known to have succeeded; shared by all processes."""

    async def take(self, identity: str, now: Millis, window: int, limit: int) -> AttemptTaken | AttemptsUsedUp:
        """One attempt more, unless ``limit`` were made within the last ``window`` milliseconds."""

    async def failed(self, id: int) -> None:  # noqa: A002  what it is called everywhere
        """It is decided: the attempt counts."""

    async def give_back(self, id: int) -> None:  # noqa: A002
        """It was not made."""

    async def clear(self, identity: str) -> None:
        """It succeeded: what failed before does not count any more."""

    async def forget(self, before: Millis) -> None: ...


class Secrets(Protocol):
    async def hold(self) -> None:
        """Until the end of the transaction nobody changes the key under it; called before sealing."""

    async def hold_alone(self) -> None:
        """Until the end of the transaction nobody adds a secret."""

    async def put(self, secret: SealedSecret) -> None:
        """Insert or replace."""

    async def get(self, id: str) -> SealedSecret | None: ...  # noqa: A002

    async def all(self) -> Sequence[SealedSecret]: ...

    async def remove(self, id: str) -> None: ...  # noqa: A002


class Audit(Protocol):
    """The record of what was done. Entries are never changed; they are removed when they are more than a year old."""

    async def write(self, entry: AuditEntry) -> None: ...

    async def page(self, before: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        """The newest first; those with a smaller id than ``before``."""

    async def forget(self, before: Millis) -> None: ...
