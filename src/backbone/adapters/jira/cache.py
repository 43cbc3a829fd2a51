"""What was asked once and changes rarely: kept for a while, or until somebody says that it is out of date."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

LIFETIME = 900.0
SHORT_LIFETIME = 60.0
"""Seconds for which an absence is believed."""


class Cache(Generic[T]):
    """Values by a key; two who ask for the same at the same time cause one call."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[tuple[str, ...], tuple[float, T]] = {}
        self._lock = asyncio.Lock()

    async def get(self, key: tuple[str, ...], load: Callable[[], Awaitable[T]]) -> T:
        async with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] > self._now():
                return kept[1]
            value = await load()
            self._kept[key] = (self._now() + (SHORT_LIFETIME if value is None else LIFETIME), value)
            return value

    def forget(self) -> None:
        self._kept.clear()
