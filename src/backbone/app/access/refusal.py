"""Why somebody is not let in, told so that they know what to do; nothing in it helps a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backbone.core.model.keys import Millis


class Reason(StrEnum):
    """What kind of refusal it is, and so which answer of HTTP fits."""

    WRONG = "wrong"
    """Wrong or unknown credentials, a token or session that ended: 401."""
    NOT_ENTITLED = "not-entitled"
    """Known, but with no right to anything here: 403."""
    CAPTCHA = "captcha"
    """Jira demands a CAPTCHA of the account: 403."""
    TOO_MANY = "too-many"
    """Too many attempts; ``retry_at`` says when there may be more: 429."""
    BUSY = "busy"
    """Too much at the same time, worth another attempt in a moment: 503."""
    UNREACHABLE = "unreachable"
    """Jira could not be asked: 503."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Two sentences for the person: what happened, and the cure."""

    reason: Reason
    sentence: str
    cure: str
    retry_at: Millis | None = None


WRONG = Refusal(
    reason=Reason.WRONG,
    sentence="The user name, password or token is wrong.",
    cure="Check it, then sign in again.",
)
SESSION_ENDED = Refusal(
    reason=Reason.WRONG,
    sentence="Nobody is signed in, or not any more.",
    cure="Sign in again.",
)
TOKEN_ENDED = Refusal(
    reason=Reason.WRONG,
    sentence="This token is unknown, expired or revoked.",
    cure="Make another one with 'backbone token create'.",
)
NOT_SEEN = Refusal(
    reason=Reason.WRONG,
    sentence="The owner of this token has not signed in for a day, so that nobody knows the rights it may use.",
    cure="Let its owner sign in once, or use a personal access token of Jira.",
)
NOT_ENTITLED = Refusal(
    reason=Reason.NOT_ENTITLED,
    sentence="This account administers neither Jira nor a project that is synchronized here.",
    cure="Ask an administrator of Jira for the permission Administer Projects.",
)
NOT_IN_GROUP = Refusal(
    reason=Reason.NOT_ENTITLED,
    sentence="Project administrators may work here only as members of certain groups, and this account is in none.",
    cure="Ask an administrator of Jira to add it to one of these groups.",
)
CAPTCHA = Refusal(
    reason=Reason.CAPTCHA,
    sentence="Jira demands a CAPTCHA of this account, so its password is not tried any more.",
    cure="Sign in to Jira once with a browser, or use a personal access token.",
)
BUSY = Refusal(
    reason=Reason.BUSY,
    sentence="Too many people sign in at the same time.",
    cure="Try again in a few seconds.",
)
NO_SIGN_IN = Refusal(
    reason=Reason.WRONG,
    sentence="Accounts of a Jira can't sign in here.",
    cure="Name the connection they belong to in BACKBONE_SIGN_IN_CONNECTION.",
)


def too_many(until: Millis, minutes: int) -> Refusal:
    """The attempts are used up; ``minutes`` from now there may be more."""
    return Refusal(
        reason=Reason.TOO_MANY,
        sentence="Too many attempts to sign in failed.",
        cure=f"Try again in {minutes} minutes, or use a token.",
        retry_at=until,
    )


def unreachable(cause: str) -> Refusal:
    return Refusal(
        reason=Reason.UNREACHABLE,
        sentence=f"Jira could not be asked who this is: {cause}.",
        cure="Try again when it answers, or sign in as a local administrator.",
    )
