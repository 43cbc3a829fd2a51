"""What is known of credentials for a minute, so that a script does not ask for its log-in with every call.

Credentials are not kept: only a hash of them under a key that lives and dies with the process.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from secrets import token_bytes
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 60_000
"""Milliseconds."""
_MOST = 1000


class Remembered(Generic[T]):
    """Verdicts on credentials, the newest thousand."""

    def __init__(self, now: Callable[[], int], kept: int = KEPT) -> None:
        self._now = now
        self._kept = kept
        self._key = token_bytes(32)
        self._verdicts: OrderedDict[bytes, tuple[int, T]] = OrderedDict()

    def get(self, *credentials: str) -> T | None:
        known = self._verdicts.get(self._name(credentials))
        if known is None or known[0] + self._kept <= self._now():
            return None
        return known[1]

    def put(self, verdict: T, *credentials: str) -> None:
        name = self._name(credentials)
        self._verdicts.pop(name, None)
        self._verdicts[name] = (self._now(), verdict)
        while len(self._verdicts) > _MOST:
            self._verdicts.popitem(last=False)

    def _name(self, credentials: tuple[str, ...]) -> bytes:
        sealed = hmac.new(self._key, digestmod=sha256)
        for one in credentials:
            encoded = one.encode("utf-8", "surrogatepass")
            sealed.update(len(encoded).to_bytes(8, "big") + encoded)
        return sealed.digest()
