"""The port to requests that may come twice: a caller that got no answer asks again, and nothing is done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from backbone.core.model.keys import Millis

KEPT = 24 * 3_600_000
"""Milliseconds for which an answer is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A request under the key that its caller gave it; ``digest`` is of everything that the request asks for."""

    caller: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: an HTTP status, a JSON document as text, and headers that belong to it."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()


class UnderWay(Exception):
    """The same request is being answered at this moment."""


class AnotherRequest(Exception):
    """The key was used for another request."""


class Repeats(Protocol):
    async def claim(self, request: RequestKey, now: Millis) -> Answer | None:
        """What was answered before, or None: then the key is ours until the end of the transaction.

        Raises UnderWay, AnotherRequest.
        """

    async def keep(self, request: RequestKey, answer: Answer, now: Millis) -> None: ...

    async def forget(self, before: Millis) -> None:
        """Remove answers that were given before then."""
