"""What every fault has: when it strikes, and how it answers instead of or after Jira.

A fault is a JSON object: its name under ``fault``, the conditions that all faults share, and
parameters of its own. Reading one checks names, types and ranges.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

Proceed = Callable[[web.Request], Awaitable[web.StreamResponse]]
Sleep = Callable[[float], Awaitable[None]]
Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]

ATTACHMENTS = "**/secure/attachment/**|**/attachment/content/**|/file/*/binary"
"""Where Data Center, Cloud and the media host of Cloud serve the bytes of files."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request that a fault has got hold of.

    ``context`` is the path under which Jira is served. ``memory`` lasts as long as the fault is armed. ``spare`` says that the request turned out not to be
    struck, so that it does not count.
    """

    request: web.Request
    proceed: Proceed
    sleep: Sleep
    clock: Callable[[], float]
    spare: Callable[[], None]
    context: str = ""
    memory: dict[str, object] = field(default_factory=dict)

    async def answer(self) -> web.StreamResponse:
        """What Jira answers; the request has its effect."""
        return await self.proceed(self.request)


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault", omit_defaults=True
):
    """The conditions under which a fault strikes; all that are given must hold.

    ``path``: ``*`` stands for one part, ``**`` for any number, ``|`` separates alternatives.
    ``method`` and ``account``: ``*`` is any. ``body_has``: a piece of text in the request's body.
    The first ``skip`` requests that fit are let through, then ``times`` are struck (without it: all
    until disarmed), each with ``probability``, drawn from a generator started with ``seed``.
    """

    numbers: ClassVar[str] = ""
    sources: ClassVar[str] = ""

    path: str = "**"
    method: str = "*"
    account: str = "*"
    body_has: str = ""
    skip: Count = 0
    times: Count | None = None
    probability: Share = 1.0
    seed: int = 0

    def concerns(self, request: web.Request) -> bool:
        """Whether the fault can do anything to this request at all."""
        del request
        return True

    async def translate(self, request: web.Request) -> web.Request:
        """Undo in any request, as long as the fault is armed, what an earlier answer of the fault caused."""
        return request

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        """Answer the request, with or without its effect."""
        raise NotImplementedError

    async def fits(self, request: web.Request, path: str, account: str) -> bool:
        """Whether all conditions but the counted ones hold."""
        return (
            self.method in {"*", request.method}
            and self.account in {"*", account}
            and compile_pattern(self.path).fullmatch(path) is not None
            and self.concerns(request)
            and (not self.body_has or self.body_has.encode() in await request.read())
        )


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The regular expression for a path pattern."""
    return re.compile("|".join(_alternative(part) for part in pattern.split("|")))


def _alternative(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    meaning = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)
