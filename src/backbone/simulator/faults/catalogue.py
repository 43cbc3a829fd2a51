"""All faults that can be armed, and where those are found that need the world's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import msgspec

from backbone.simulator.faults.answers import (
    DateSkew,
    EmptyPage,
    MovingTotal,
    PageSizeClamp,
    PartialBulkCreate,
    RepeatedPageToken,
    StaleRead,
)
from backbone.simulator.faults.connections import (
    AnswerLost,
    AttachmentTruncated,
    BrokenBody,
    ConnectionReset,
    Dribble,
    EmptyAnswer,
    Slow,
)
from backbone.simulator.faults.fault import Fault
from backbone.simulator.faults.refusals import (
    AttachmentLoginPage,
    Conflict,
    EndpointRemoved,
    HtmlInstead,
    Invisible,
    LoginRedirect,
    RefusedFields,
    ServerError,
    TooManyRequests,
)
from backbone.simulator.faults.sessions import (
    BasicRefused,
    Captcha,
    SessionExpired,
    StaleSessionCookie,
    XsrfCheck,
)

FAULTS: Sequence[type[Fault]] = (
    TooManyRequests,
    ServerError,
    HtmlInstead,
    EmptyAnswer,
    ConnectionReset,
    BrokenBody,
    AnswerLost,
    Slow,
    Dribble,
    StaleRead,
    DateSkew,
    SessionExpired,
    StaleSessionCookie,
    Captcha,
    BasicRefused,
    Invisible,
    RefusedFields,
    Conflict,
    AttachmentTruncated,
    AttachmentLoginPage,
    LoginRedirect,
    XsrfCheck,
    PartialBulkCreate,
    PageSizeClamp,
    MovingTotal,
    RepeatedPageToken,
    EmptyPage,
    EndpointRemoved,
)
"""In the order of their numbers."""


class FaultError(ValueError):
    """A fault that does not exist or cannot be armed like this; the message names the place."""


def read_fault(spec: object) -> Fault:
    """A fault from its JSON object; raises FaultError."""
    if isinstance(spec, Fault):
        return spec
    try:
        fault = msgspec.convert(spec, _ANY)
    except msgspec.ValidationError as problem:
        hint = f"; known faults: {', '.join(fault_names())}" if "fault`" in str(problem) else ""
        raise FaultError(f"{problem}{hint}") from None
    assert isinstance(fault, Fault)  # every member of the union is one
    return fault


def fault_name(kind: type[Fault]) -> str:
    """The name under which a fault is armed."""
    return str(kind.__struct_config__.tag)


def fault_names() -> Sequence[str]:
    """The names of all faults."""
    return [fault_name(kind) for kind in FAULTS]


_ANY = reduce(or_, FAULTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFault:
    """A fault that is no answer to a request but a state of the world or of another part of the simulator."""

    numbers: str
    name: str
    where: str
    sources: str


STATE_FAULTS: Sequence[StateFault] = (
    StateFault(
        numbers="1",
        name="limits that are really exceeded",
        where="rate limits (`limits`)",
        sources="Atlassian, rate limiting, of both products",
    ),
    StateFault(
        numbers="9",
        name="stale search index, not monotonic, laggards, re-index",
        where="search index (`indexing`)",
        sources="port-labs/ocean#2765; activepieces/activepieces#14869, #9242; atlassian/atlascode#888; JRACLOUD-97427",
    ),
    StateFault(
        numbers="11-13",
        name="webhooks twice, late, missing, out of order, forged",
        where="webhooks, see below",
        sources="see the single faults of webhooks",
    ),
    StateFault(
        numbers="14",
        name="minutes in date literals",
        where="always; the index keeps seconds, or minutes if told so",
        sources="infiniflow/ragflow#13674",
    ),
    StateFault(
        numbers="15",
        name="dates of a query in the account's time zone",
        where="always; the time zone is the account's",
        sources="airbytehq/airbyte#48492, #48395; gastownhall/beads#3788; apache/devlake#4932",
    ),
    StateFault(
        numbers="16",
        name="clock skew in `updated`",
        where="clock of the world",
        sources="pipeshub-ai/pipeshub-ai#2878",
    ),
    StateFault(
        numbers="20-26",
        name="permissions, deletions, moves, renames, people, screens, workflows",
        where="control interface: what an administrator or user of that Jira does",
        sources="see the single faults of these numbers",
    ),
    StateFault(
        numbers="7",
        name="a user's edit, or the death of a process, around a write",
        where="`FaultBoard.on_before_write`, `FaultBoard.on_after_write`",
        sources="mozilla/jira-bugzilla-integration#33",
    ),
)
