"""What an answer of Jira means, before anybody looks at its data: pure.

Only JSON of the expected shape is data. HTML, nothing at all, and pages of proxies are not, whatever their status.
Sources: Atlassian's REST documentation for status codes; the headers of Seraph (Jira's log-in) as observed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from backbone.adapters.jira.codec.refusals import refusal_from_json, words_of
from backbone.adapters.jira.limits import FOREVER, concerns_one_issue, told_wait, wait_of
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, OutcomeUnknown, Refusal, TrackerError, TransientError

T = TypeVar("T")

_PAGE_WAIT = 30.0
"""Seconds to wait when a page for people came instead of data: maintenance takes a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it came; ``name`` is what was asked, for messages.

    ``at`` is the server's clock when it answered. What the answer tells may be as old as ``as_of``: Jira dates an answer
    when it sends it, and a large search takes seconds in which people go on editing what was read already.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: Millis
    as_of: Millis
    write: bool
    name: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def decode(self, kind: type[T]) -> T:
        """The body as ``kind``. Raises TransientError, for a write OutcomeUnknown, where it isn't that."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            pass
        try:
            return msgspec.json.decode(healed(self.body), type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            raise lost(self.write, f"{self.name}: the answer is not the JSON that was due") from None


_SURROGATES = re.compile(
    rb"""\\\\ | \\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2} | (?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})""",
    re.VERBOSE,
)


def healed(body: bytes) -> bytes:
    """The body without halves of surrogate pairs, which a text cut in the middle of an emoji has.

    One such text would make a whole page unreadable, for ever.
    """
    return _SURROGATES.sub(lambda found: rb"\ufffd" if found["lone"] else found[0], body)


@dataclass(frozen=True, slots=True)
class Usable:
    """An answer for the caller: data, nothing by design, or Jira's reasoned refusal."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The host wants quiet for so many seconds."""

    seconds: float
    error: TransientError


@dataclass(frozen=True, slots=True)
class Stop:
    """No call of our account to this host makes sense before an administrator acted."""

    error: AccessError


@dataclass(frozen=True, slots=True)
class Fail:
    """This call failed; others may not."""

    error: TrackerError


Verdict = Usable | Wait | Stop | Fail
USABLE = Usable()


def judge(answer: Answer, *, due: bool, refusals: int) -> Verdict:
    """What to make of an answer; ``due`` says whether success brings JSON, ``refusals`` counts 429s in a row."""
    denied = _denied(answer)
    if denied is not None:
        return denied
    match answer.status:
        case 429:
            return _limited(answer, refusals)
        case status if status >= 500:
            return _broken(answer)
        case status if 300 <= status < 400:
            return _redirected(answer)
        case 403 if b"XSRF" in answer.body[:2000]:
            return Fail(_access(Code.PERMISSION_MISSING, f"{answer.name}: XSRF check failed", _XSRF_CURE))
        case 404 | 400 | 422 if answer.body.lstrip()[:1] not in (b"{", b"["):
            return Fail(TransientError(f"{answer.name}: a page came instead of Jira's answer", retry_after=_PAGE_WAIT))
        case 403 if _is_page(answer):
            return Fail(_access(Code.PERMISSION_MISSING, f"{answer.name}: forbidden by something before Jira", _PROXY))
        case 408 | 409 | 425:
            return Fail(TransientError(f"{answer.name}: in conflict with something under way ({answer.status})"))
        case 405 | 410 | 415:
            return Fail(_access(Code.DEFECT, f"{answer.name}: not offered by this Jira ({answer.status})", _NEWER))
        case _ if answer.ok and _is_page(answer):
            return Fail(lost(answer.write, f"{answer.name}: a page came where data was due", _PAGE_WAIT))
        case _ if answer.ok and due and answer.status != 204 and not answer.body.strip():
            return Fail(lost(answer.write, f"{answer.name}: nothing came where data was due"))
        case _:
            return USABLE


def lost(write: bool, cause: str, retry_after: float = 1.0) -> TransientError:  # noqa: FBT001  a fact, not a switch
    """No usable answer: nothing happened to a read, nobody knows what happened to a write."""
    return OutcomeUnknown(cause, retry_after=retry_after) if write else TransientError(cause, retry_after=retry_after)


_LOGIN_CURE = (
    "check user and password or token in the connection; then apply the configuration again or run 'backbone retry'"
)
_CAPTCHA_CURE = "log in once with a browser as that account, so that Jira drops the CAPTCHA; then run 'backbone retry'"
_XSRF_CURE = "let the proxy before Jira pass the headers X-Atlassian-Token and User-Agent"
_PROXY = "allow the address of this machine and its account in the proxy before Jira"
_NEWER = "look for a newer version of Backbone; until then this Jira is not supported"


def _denied(answer: Answer) -> Verdict | None:
    reason = answer.headers.get("X-Authentication-Denied-Reason", "")
    seraph = answer.headers.get("X-Seraph-LoginReason", "")
    if "CAPTCHA" in reason or "AUTHENTICATION_DENIED" in seraph:
        return Stop(_access(Code.CAPTCHA, f"{answer.name}: Jira demands a CAPTCHA of our account", _CAPTCHA_CURE))
    if answer.status == 401 and b"scope" in answer.body[:2000]:
        cause = f"{answer.name}: the token lacks a scope"
        return Fail(_access(Code.PERMISSION_MISSING, cause, "make a token with the scopes that the manual lists"))
    if answer.status == 401 or reason or ("AUTHENTICATED_FAILED" in seraph and "OK" not in seraph):
        return Stop(_access(Code.LOGIN_REFUSED, f"{answer.name}: Jira refused the log-in", _LOGIN_CURE))
    if answer.ok and answer.headers.get("X-AUSERNAME") == "anonymous":
        return Stop(_access(Code.LOGIN_REFUSED, f"{answer.name}: Jira took us for an anonymous visitor", _LOGIN_CURE))
    return None


def _limited(answer: Answer, refusals: int) -> Verdict:
    seconds = wait_of(answer.headers, answer.at / 1000, refusals)
    if seconds > FOREVER:
        cause = f"{answer.name}: the account's rate limit allows no calls"
        return Stop(_access(Code.PERMISSION_MISSING, cause, "give the account a rate limit above nothing"))
    error = TransientError(f"{answer.name}: too many requests", retry_after=seconds)
    return Fail(error) if concerns_one_issue(answer.headers) else Wait(seconds, error)


def _broken(answer: Answer) -> Verdict:
    told = told_wait(answer.headers, answer.at / 1000)
    error = lost(answer.write, f"{answer.name}: Jira or a proxy failed ({answer.status})", told or 2.0)
    return Fail(error) if told is None else Wait(told, error)


def _redirected(answer: Answer) -> Verdict:
    target = urlsplit(answer.headers.get("Location", ""))
    if "login" in target.path.lower() or "/auth" in target.path.lower():
        return Stop(_access(Code.LOGIN_REFUSED, f"{answer.name}: Jira asks to log in", _LOGIN_CURE))
    where = f"{target.scheme}://{target.netloc}{target.path}" if target.netloc else target.path
    cause = f"{answer.name}: the address leads elsewhere, to {where or 'nowhere'}"
    return Fail(_access(Code.HOST_UNREACHABLE, cause, "give the connection the address at which Jira answers itself"))


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("Content-Type", "")
    return "html" in kind.lower() or answer.body[:200].lstrip()[:1] == b"<"


def _access(code: Code, cause: str, remedy: str) -> AccessError:
    return AccessError(code, cause, remedy)


def required(answer: Answer) -> Answer:
    """The answer, where our account can't do without it, such as a list of fields. Raises AccessError."""
    if answer.ok:
        return answer
    cause = f"{answer.name}: {words_of(answer.body) or 'refused'} ({answer.status})"
    raise _access(Code.PERMISSION_MISSING, cause, "give the account the permission to see this")


def refusal_of(answer: Answer) -> Refusal:
    """Jira's no to a write."""
    return refusal_from_json(answer.body, gone=answer.status == 404)
