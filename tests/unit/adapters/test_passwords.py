"""Passwords are checked in threads, few at a time, and a name that is unknown takes as long as one that is known."""

from __future__ import annotations

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher

from backbone.adapters.sealing.passwords import AT_ONCE, WAITING, Argon2Passwords
from backbone.ports.people import TooBusy


class CountingHasher(PasswordHasher):
    """Counts what runs at the same time, and waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.running = 0
        self.most = 0
        self.verified = 0
        self._lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.go.wait(20)
        with self._lock:
            self.running -= 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  as the library calls it
        self.verified += 1
        return super().verify(hash, password)


async def test_the_password_fits_and_others_do_not() -> None:
    passwords = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    kept = await passwords.hashed("correct horse battery")

    assert await passwords.fits("correct horse battery", kept)
    assert not await passwords.fits("correct horse", kept)
    assert not await passwords.fits("correct horse battery", "no hash at all")
    assert "correct" not in kept


async def test_an_unknown_name_costs_as_much_as_a_known_one() -> None:
    hasher = CountingHasher()
    hasher.go.set()
    passwords = Argon2Passwords(hasher)

    assert not await passwords.fits("nobody has this password", None)
    assert hasher.verified == 1


async def test_no_more_than_two_at_once_and_the_queue_has_an_end() -> None:
    hasher = CountingHasher()
    passwords = Argon2Passwords(hasher)
    waiting = [asyncio.create_task(passwords.hashed(str(number))) for number in range(AT_ONCE + WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(TooBusy):
        await passwords.hashed("one too many")
    hasher.go.set()
    assert len(await asyncio.gather(*waiting)) == AT_ONCE + WAITING
    assert hasher.most <= AT_ONCE
    assert await passwords.hashed("there is room again")
