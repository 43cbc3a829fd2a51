"""Child processes that do what may be asked of them, each within limits, and what becomes of them.

They are plain processes behind pipes, driven by threads: so they depend on no event loop, and a call that is cancelled
leaves nothing half done, since its child is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

import msgspec

from backbone.adapters.pgp.calls import LENGTH, AnyAnswer, AnyCall, framed, read_answer

MEBI = 2**20
ENDED_BY_LIMITS = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGBUS}
"""How a process ends that gets no memory (Rust aborts), no processor time, or no stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may take."""

    memory: int = 768 * MEBI
    """Bytes of address space, enough for parcels of 60 MB; a call of less gets less (see child.py)."""
    processor: int = 20
    """Seconds of processor time."""
    seconds: float = 30
    """Seconds of wall clock, waiting for a free child not counted."""
    answer: int = 128 * MEBI
    """Bytes of the longest answer."""
    calls: int = 500
    """After so many calls a child is replaced."""


class Ended(Exception):
    """A child ended without an answer."""


class OverLimit(Ended):
    """It ended because it took more than it may."""


class Child:
    """One process, for one call at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._over_limit = False
        self.calls = 0
        self.process = subprocess.Popen(  # noqa: S603 - our own program, with two numbers
            [
                *(sys.executable, "-I", "-m", "backbone.adapters.pgp.child"),
                *(str(limits.memory), str(limits.processor)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,  # a Ctrl-C at the terminal is for us; children end when their input does
        )

    def ask(self, call: AnyCall) -> AnyAnswer:
        """Raises Ended, after which the child is gone."""
        timer = threading.Timer(self._limits.seconds, self._overdue)
        timer.start()
        try:
            return self._answer(call)
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            self.end()
            raise self._reason() from error
        except BaseException:  # what is still to come must not be read as the answer to the next call
            self.end()
            raise
        finally:
            timer.cancel()

    def usable(self) -> bool:
        return self.calls < self._limits.calls and self.process.poll() is None

    def kill(self) -> None:
        """From any thread: whoever waits for its answer gets Ended."""
        self.process.kill()

    def end(self) -> None:
        """Kills it, and leaves nothing of it behind."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                _given(pipe).close()
        self.process.wait()

    def _answer(self, call: AnyCall) -> AnyAnswer:
        self.calls += 1
        source, target = _given(self.process.stdout), _given(self.process.stdin)
        target.write(framed(call))
        target.flush()
        length = int.from_bytes(_exactly(source, LENGTH), "big")
        if length > self._limits.answer:
            self._over_limit = True
            raise EOFError
        return read_answer(_exactly(source, length))

    def _overdue(self) -> None:
        self._over_limit = True
        self.process.kill()

    def _reason(self) -> Ended:
        if self._over_limit or self.process.returncode in ENDED_BY_LIMITS:
            return OverLimit("It takes more memory or time than allowed.")
        return Ended("OpenPGP failed in an unforeseen way.")


@dataclass(slots=True)
class Errand:
    """A call on its way, which may be given up at any moment."""

    call: AnyCall
    lock: threading.Lock = field(default_factory=threading.Lock)
    child: Child | None = None
    given_up: bool = False

    def entrust(self, child: Child) -> None:
        with self.lock:
            self.child = child
            if self.given_up:
                child.kill()

    def give_up(self) -> None:
        with self.lock:
            self.given_up = True
            if self.child is not None:
                self.child.kill()

    def done(self) -> None:
        """From here on the child is no longer this errand's to kill."""
        with self.lock:
            self.child = None


class Children:
    """At most ``most`` children at a time; further calls wait for a free one."""

    def __init__(self, limits: Limits, *, most: int) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="pgp")
        self._all: set[Child] = set()
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _end_all, self._all)

    async def ask(self, call: AnyCall) -> AnyAnswer:
        """Raises Ended. A cancelled call is given up at once."""
        errand = Errand(call)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, errand)
        except asyncio.CancelledError:
            errand.give_up()
            raise

    async def close(self) -> None:
        """Ends all children; what they were doing fails."""
        with self._lock:
            children = list(self._all)
        for child in children:
            child.kill()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        _end_all(self._all)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _run(self, errand: Errand) -> AnyAnswer:
        if errand.given_up:
            raise Ended("It was given up.")
        child = self._take()
        errand.entrust(child)
        try:
            answer = child.ask(errand.call)
        finally:
            errand.done()
            self._give_back(child, broken=errand.given_up)
        return answer

    def _take(self) -> Child:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        if child is not None and child.usable():
            return child
        if child is not None:
            self._discard(child)
        child = Child(self._limits)
        with self._lock:
            self._all.add(child)
        return child

    def _give_back(self, child: Child, *, broken: bool) -> None:
        if broken or not child.usable():
            self._discard(child)
            return
        with self._lock:
            self._idle.append(child)

    def _discard(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._all.discard(child)


def _end_all(children: set[Child]) -> None:
    while children:
        children.pop().end()


def _given(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _exactly(source: IO[bytes], length: int) -> bytes:
    content = source.read(length)
    if len(content) < length:
        raise EOFError
    return content
