"""What callers show to be let in, and what is kept of it: pure but for the randomness of what is new."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_hex, token_urlsafe

TOKEN_START = "backbone_"  # noqa: S105  how tokens begin, so that people and scanners know them; no secret
_PREFIX = 12
_SECRET = 43


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that nobody has seen yet: the whole is shown once."""

    prefix: str
    whole: str = field(repr=False)


def new_token() -> NewToken:
    """256 random bits behind a prefix by which it is looked up."""
    prefix = token_hex(_PREFIX // 2)
    return NewToken(prefix=prefix, whole=f"{TOKEN_START}{prefix}_{token_urlsafe(32)}")


def prefix_of(token: str) -> str | None:
    """By what a token of this installation is looked up; None for anything else."""
    rest = token.removeprefix(TOKEN_START)
    if rest == token or len(rest) != _PREFIX + 1 + _SECRET or rest[_PREFIX] != "_":
        return None
    return rest[:_PREFIX]


def new_session_id() -> str:
    """256 random bits."""
    return token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept. The secrets are random, so that a quick hash is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def fits(secret: str, kept: bytes) -> bool:
    """Whether the digest is that of the secret, in a time that tells nothing."""
    return hmac.compare_digest(digest(secret), kept)


def csrf_token(session_id: str) -> str:
    """The token that forms of a session carry: only who knows the session's id can tell it."""
    return hmac.new(session_id.encode(), b"backbone csrf", sha256).hexdigest()


def csrf_fits(session_id: str, given: str) -> bool:
    """Whether a form comes from a page of this session."""
    return hmac.compare_digest(csrf_token(session_id).encode(), given.encode("utf-8", "surrogatepass"))
