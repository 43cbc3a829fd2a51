"""A strict server that follows a script: for what real mail servers do only on bad days.

A line of a script is what the server says (``S: ``), or a pattern of what it must hear next (``C: ``). ``$1`` in what it
says is the first group of the last pattern, ``¶`` a line end. ``STARTTLS`` alone begins TLS, ``CLOSE`` closes. At the end of its script a
server says nothing more and takes note of what it hears.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import trustme

from backbone.ports.transport import Login, MailServer, Security

AUTHORITY = trustme.CA()
LOGIN = Login(user="a@a.test", secret="correct horse")
TOKEN = Login(user="a@a.test", secret="a.bearer.token", oauth=True)


@dataclass(slots=True)
class LineServer:
    """What was heard, over all connections; ``complaints`` tell where that was not in the script."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def server(self, ca_file: str, security: Security = Security.TLS, login: Login = LOGIN) -> MailServer:
        return MailServer(host="localhost", port=self.port, security=security, login=login, ca_file=ca_file)


@asynccontextmanager
async def run_line_server(*scripts: str, security: Security = Security.TLS) -> AsyncIterator[LineServer]:
    """A server whose connections follow the scripts in turn; those after the last follow the last."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    told = LineServer()
    waiting = [_steps(script) for script in scripts]
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        steps = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await _follow(steps, reader, writer, told, context)
        finally:
            writer.close()
            writer.transport.abort()

    tls = context if security is Security.TLS else None
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=2**24)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def _steps(script: str) -> list[str]:
    return [line.strip("\n") for line in script.strip("\n").split("\n")]


async def _follow(
    steps: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: LineServer, tls: ssl.SSLContext
) -> None:
    groups: tuple[str, ...] = ()
    for step in steps:
        verb, _, rest = step.partition(" ")
        match verb:
            case "S:":
                said = re.sub(r"\$(\d)", lambda found: groups[int(found[1]) - 1], rest)  # noqa: B023 - called at once
                writer.write(said.replace("¶", "\r\n").encode() + b"\r\n")
                await writer.drain()
            case "C:":
                line = (await reader.readuntil(b"\n")).decode().rstrip("\r\n")
                told.heard.append(line)
                found = re.fullmatch(rest, line, re.IGNORECASE)
                if found is None:
                    told.complaints.append(f"{line!r} instead of {rest!r}")
                    return
                groups = found.groups()
            case "STARTTLS":
                await writer.start_tls(tls)
            case "CLOSE":
                return
            case _:
                msg = f"no step of a script: {step}"
                raise AssertionError(msg)
    while line := (await reader.readline()).decode(errors="replace"):
        told.heard.append(line.rstrip("\r\n"))
