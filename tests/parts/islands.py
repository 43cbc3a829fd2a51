"""Two companies and a post office, each in a network of its own: no packet gets from one company to the other.

An island has a loopback of its own. Companies have a cable to the post office, where nothing is forwarded.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

CLONE_NEWNET = 0x40000000
PATIENCE = 60.0
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Island:
    """A network namespace, and its address. That of the post office is known in both companies."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What goes before a command to run it there."""
        return ("ip", "netns", "exec", self.name)

    def reaches(self, address: str, port: int) -> bool:
        """Whether a connection from here gets there."""
        tried = f"import socket; socket.create_connection(({address!r}, {port}), 2)"
        done = subprocess.run([*self.prefix, sys.executable, "-c", tried], check=False, capture_output=True)
        return done.returncode == 0

    @contextmanager
    def loop(self) -> Iterator[Inhabitant]:
        """An event loop in a thread that lives on the island: whatever it opens is there."""
        inhabitant = Inhabitant(island=self)
        inhabitant.thread.start()
        try:
            yield inhabitant
        finally:
            inhabitant.events.call_soon_threadsafe(inhabitant.events.stop)
            inhabitant.thread.join()
            inhabitant.events.close()


@dataclass(slots=True, kw_only=True)
class Inhabitant:
    """Runs coroutines on an island."""

    island: Island
    events: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._live, daemon=True)

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run it to its end, there."""
        found: Future[T] = asyncio.run_coroutine_threadsafe(work, self.events)
        return found.result(timeout=PATIENCE)

    def _live(self) -> None:
        namespace = os.open(f"/run/netns/{self.island.name}", os.O_RDONLY)
        try:
            if _LIBC.setns(namespace, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), f"no way into the network of {self.island.name}")
        finally:
            os.close(namespace)
        self.events.run_forever()


@dataclass(frozen=True, slots=True, kw_only=True)
class Archipelago:
    """All three. Both companies reach the post office."""

    first: Island
    second: Island
    post: Island


@contextmanager
def islands() -> Iterator[Archipelago]:
    """Three networks, as long as the context lasts. It takes a privileged user, as in a container of one's own."""
    mark, block = secrets.token_hex(2), secrets.randbelow(250)
    names = {role: f"bb{mark}{role}" for role in ("first", "second", "post")}
    with ExitStack() as stack:
        for name in names.values():
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "delete", name)
            _ip("-n", name, "link", "set", "lo", "up")
        post = f"10.99.{block}.1"
        _ip("-n", names["post"], "address", "add", f"{post}/32", "dev", "lo")
        for number, role in enumerate(("first", "second")):
            _lay_cable(names[role], names["post"], f"10.{200 + number}.{block}", f"bb{mark}{number}")
            _ip("-n", names[role], "route", "add", post, "via", f"10.{200 + number}.{block}.1")
        yield Archipelago(
            first=Island(name=names["first"], address=f"10.200.{block}.2"),
            second=Island(name=names["second"], address=f"10.201.{block}.2"),
            post=Island(name=names["post"], address=post),
        )


def _lay_cable(company: str, post: str, network: str, cable: str) -> None:
    _ip("-n", post, "link", "add", f"{cable}p", "type", "veth", "peer", "name", f"{cable}c", "netns", company)
    for name, end, last in ((post, f"{cable}p", 1), (company, f"{cable}c", 2)):
        _ip("-n", name, "address", "add", f"{network}.{last}/30", "dev", end)
        _ip("-n", name, "link", "set", end, "up")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
