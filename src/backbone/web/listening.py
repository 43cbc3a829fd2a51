"""The server of HTTP in this process: its socket, its limits, its end."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

import structlog
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = structlog.get_logger()

HEAD = 64 * 1024
"""Bytes of a request before its body: first line and headers."""

HEAD_PATIENCE = 15.0
"""Seconds in which they must arrive."""

GRACE = 10
"""Seconds that open requests have to end when the program stops."""

CONNECTIONS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen, and with which certificate; without one in plain text."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A socket that listens, and what to speak there."""

    socket: socket.socket
    listening: Listening

    @property
    def address(self) -> str:
        """Where it listens, as an address to call."""
        host, port = self.socket.getsockname()[:2]
        scheme = "http" if self.listening.certificate is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    @property
    def in_plain_sight(self) -> bool:
        """Whether other machines reach it, and all between hear what is said."""
        host = self.socket.getsockname()[0]
        return self.listening.certificate is None and not ip_address(host).is_loopback


def open_listening(listening: Listening) -> Opened:
    """Listen. Raises OSError for an address that is taken, also ssl.SSLError for a certificate that can't be used."""
    if listening.certificate is not None:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listening.certificate, listening.key)
    family, kind, _, _, place = socket.getaddrinfo(listening.host, listening.port, type=socket.SOCK_STREAM)[0]
    found = socket.socket(family, kind)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
        found.listen()
        found.settimeout(0)
    except OSError:
        found.close()
        raise
    return Opened(socket=found, listening=listening)


async def serve(app: ASGIApp, opened: Opened, stop: asyncio.Event) -> None:
    """Serve until told to stop, then let open requests end."""
    server = _server_of(app, opened.listening)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    waiting = asyncio.create_task(end())
    log.info("listening", address=opened.address)
    try:
        await server.serve(sockets=[opened.socket.dup()])  # a copy: the socket outlives a server that failed
    finally:
        waiting.cancel()
        if stop.is_set():
            opened.socket.close()


def _server_of(app: ASGIApp, listening: Listening) -> Server:
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong inside is logged by the edge
    return _Server(
        Config(
            app,
            loop="none",
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # the edge looks at them, for proxies that are trusted
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=GRACE,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
        )
    )


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for the whole process; it tells the server."""
        yield


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose first line and headers are bounded in size and time; the parser's own are not."""

    _in_head = True
    _received = 0  # while in the head
    _parsed = 0  # of the head
    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head and self._slow is None:
            self._begin()
        self._received += len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._received > HEAD and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._parsed = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._parsed += len(name) + len(value)
        if self._parsed + len(self.url) > HEAD:
            raise ValueError("the headers are too long")

    def on_headers_complete(self) -> None:
        self._in_head, self._received = False, 0
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._received = True, 0

    def send_400_response(self, msg: str) -> None:
        """Tell what is no request, or too much of one, without a word about what serves it."""
        too_long = self._parsed + self._received > HEAD
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_long else HTTPStatus.BAD_REQUEST
        told = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(told.encode())
        self.transport.close()
        del msg

    def _begin(self) -> None:
        self._slow = self.loop.call_later(HEAD_PATIENCE, self.timeout_keep_alive_handler)

    def _wait_no_more(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None
