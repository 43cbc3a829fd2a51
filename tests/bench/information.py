"""Sync information of a large synchronization: listed, listed to somebody who stops reading, imported, refused, deleted."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psutil
import psycopg
from fastapi import FastAPI

from backbone.adapters.postgres import start
from backbone.adapters.store import prepare
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, Millis, ProjectId, ProjectKey
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import Option
from backbone.ports.tracker import Lane, Page, ProjectInfo, Unavailable, Wanted
from backbone.web.app import BASE
from tests.parts.office import Office, office
from tests.parts.postgres import home_folder
from tests.parts.two_jiras import FIRST, SECOND

_PAGE = 100
_PIECE = 64 * 1024
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class LargeProject:
    """A project with so many issues, as far as an import asks; a pretend Jira would need more memory than is measured."""

    key: str
    id: ProjectId
    size: int

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        known = key_or_id in (self.id, self.key)
        return ProjectInfo(id=self.id, key=ProjectKey(self.key), name=self.key) if known else None

    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        del jql, wanted, lane
        for begin in range(1, self.size + 1, _PAGE):
            numbers = range(begin, min(begin + _PAGE, self.size + 1))
            yield Page(issues=tuple(self._issue(project, number) for number in numbers), asked_at=Millis(0))

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> Unavailable:
        del wanted, lane
        return Unavailable(issue)

    async def close(self) -> None: ...

    def _issue(self, project: ProjectId, number: int) -> IssueSnapshot:
        ref = IssueRef(id=IssueId(str(1_000_000 + number)), key=IssueKey(f"{self.key}-{number}"))
        zero = Millis(0)
        return IssueSnapshot(
            ref=ref, project=project, type=Option("1", "Bug"), created=zero, updated=zero, read_at=zero
        )


@dataclass(slots=True)
class Measured:
    """What a request took: seconds, growth of this process's memory in MiB, status and size of the answer."""

    seconds: float = 0.0
    growth: float = 0.0
    status: int = 0
    size: int = 0
    last: bytes = b""


@dataclass(slots=True)
class Request:
    """One request to the application as a server makes it, with nothing in between that would hold the bodies."""

    app: FastAPI
    method: str
    path: str
    body: Callable[[], AsyncIterator[bytes]] | None = None
    stall: Callable[[], Awaitable[None]] | None = None
    found: Measured = field(default_factory=Measured)

    async def run(self) -> Measured:
        """Send it and read the answer to its end; ``stall`` is awaited after the first part of it."""
        gc.collect()
        before = _memory()
        watch = asyncio.create_task(self._watch(before))
        begun = perf_counter()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": BASE + self.path.partition("?")[0],
            "raw_path": (BASE + self.path.partition("?")[0]).encode(),
            "query_string": self.path.partition("?")[2].encode(),
            "root_path": "",
            "headers": [
                (b"host", b"backbone.example"),
                (b"authorization", b"Test root"),
                (b"content-type", b"application/json"),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("backbone.example", 80),
        }
        parts = self._parts()
        try:
            await self.app(scope, lambda: self._receive(parts), self._send)
        finally:
            watch.cancel()
        self.found.seconds = perf_counter() - begun
        self.found.growth = max(self.found.growth, (_memory() - before) / _MIB)
        return self.found

    async def _parts(self) -> AsyncIterator[dict[str, Any]]:
        if self.body is not None:
            async for piece in self.body():
                yield {"type": "http.request", "body": piece, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()

    async def _receive(self, parts: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        return await anext(parts)

    async def _send(self, message: Any) -> None:  # noqa: ANN401  whatever a server is told
        if message["type"] == "http.response.start":
            self.found.status = message["status"]
            return
        self.found.size += len(message.get("body", b""))
        self.found.last = message.get("body", b"") or self.found.last
        if self.stall is not None:
            stall, self.stall = self.stall, None
            await stall()

    async def _watch(self, before: int) -> None:
        while True:
            self.found.growth = max(self.found.growth, (_memory() - before) / _MIB)
            await asyncio.sleep(0.02)


def _memory() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


async def entries(local: str, remote: str, size: int, *, broken: int | None = None) -> AsyncIterator[bytes]:
    """An array of documented entries in pieces; ``broken`` is the position of one that is not as it should be."""
    buffer = bytearray(b"[")
    for number in range(1, size + 1):
        one: dict[str, object] = {
            "localIssueKey": f"{local}-{number}",
            "remoteIssueKey": f"{remote}-{number}",
            "firstSyncDate": 1495002038742 + number,
            "lastOutgoingChange": 1495002035948 + number,
            "lastChangeSeen": 1495002035948 + number,
            "outgoingMessageSequenceId": 1,
            "lastIncomingChange": 1495002053729 + number,
            "incomingMessageSequenceId": 1,
            "incomingChangesIgnored": number - 1 == broken and "maybe",
        }
        buffer += json.dumps(one).encode() + (b"," if number < size else b"]")
        if len(buffer) > _PIECE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


@asynccontextmanager
async def large_office(size: int) -> AsyncIterator[Office]:
    """An office on a database on disk, whose projects have so many issues."""
    async with AsyncExitStack() as ends:
        lent = home_folder()
        home = lent.__enter__()
        ends.push_async_callback(asyncio.to_thread, lent.__exit__, None, None, None)
        running = await start(home)
        await prepare(running.dsn)
        here = await ends.enter_async_context(office(running.dsn))
        for name, key, half in zip((FIRST, SECOND), ("PUMP", "LUM"), here.jiras.halves, strict=True):
            await here.jiras.trackers[name].close()
            large: Any = LargeProject(key, half.project, size)
            here.jiras.trackers[name] = large
        yield here


async def measure(size: int) -> dict[str, Measured]:
    """Every call by its name."""
    found: dict[str, Measured] = {}
    async with large_office(size) as here:
        app = here.app
        first, second = (f"/connectors/{half.connector}/syncInformation" for half in here.jiras.halves)
        await Request(app, "GET", first).run()  # what is loaded once is not counted

        async def one(name: str, request: Request) -> None:
            found[name] = await request.run()

        broken = Request(app, "POST", first, lambda: entries("PUMP", "LUM", size, broken=size - 1))
        await one("refused for its last entry", broken)
        await one("imported at the first connector", Request(app, "POST", first, lambda: entries("PUMP", "LUM", size)))
        await one(
            "imported at the second connector", Request(app, "POST", second, lambda: entries("LUM", "PUMP", size))
        )
        await one("listed", Request(app, "GET", first))
        await one("listed to a stalled reader", Request(app, "GET", first, stall=lambda: _nothing_is_held(here)))
        await one("deleted", Request(app, "DELETE", first))
        await one("restored", Request(app, "POST", f"{first}/restore"))
        await one("listed after that", Request(app, "GET", first))
    return found


async def _nothing_is_held(here: Office) -> None:
    """While the reader stalls: no transaction is open, and every connection of the pool can be had. Raises AssertionError."""
    await asyncio.sleep(0.2)
    statement = (
        "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and xact_start is not null"
        " and backend_type = 'client backend'"
    )
    async with await psycopg.AsyncConnection.connect(here.dsn) as connection:
        row = await (await connection.execute(statement)).fetchone()
    if row is None or row[0]:
        raise AssertionError("a stalled reader holds a transaction")
    async with AsyncExitStack() as all_of_them:
        for _ in range(10):
            uow = await all_of_them.enter_async_context(here.store.unit())
            await uow.synchronizations.all()


async def table(size: int = 100_000) -> list[str]:
    """The lines of the section."""
    found = await measure(size)
    rows = [
        f"| {name} | {one.status} | {one.seconds:.1f} | {one.growth:.0f} | {one.size / _MIB:.1f} |"
        for name, one in found.items()
    ]
    return [
        f"| {size:,} entries | status | seconds | memory growth, MiB | answer, MiB |",
        "| --- | --: | --: | --: | --: |",
        *rows,
    ]


ALLOWED: Sequence[tuple[str, float]] = (("listed", 32.0), ("imported at the first connector", 96.0))
"""By how much memory may grow at most, in MiB."""
