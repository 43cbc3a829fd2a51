"""`serve` answers over HTTP beside the engine; raw requests, as no client of ours would send them."""

from __future__ import annotations

import re
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import pytest
import trustme

from backbone.web.front import BASE
from tests.integration.cli.conftest import Shell
from tests.integration.cli.test_serve import PATIENCE, process

HEALTH = f"GET {BASE}/health HTTP/1.1\r\nHost: here.example\r\nConnection: close\r\n".encode()


@contextmanager
def served(shell: Shell, folder: Path, **environment: str) -> Iterator[tuple[Popen[str], str]]:
    """A running `serve` and its address."""
    widened = Shell(environment=shell.environment | environment)
    with process(widened, folder / "log", "serve") as running:
        assert running.stdout is not None
        found = re.search(r"https?://\S+", running.stdout.readline())
        assert found is not None, (folder / "log").read_text()
        yield running, found[0]


def asked(address: str, *pieces: bytes, context: ssl.SSLContext | None = None) -> bytes:
    """What is answered to these bytes until the connection is closed."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 0), PATIENCE) as plain:
        one = plain if context is None else context.wrap_socket(plain, server_hostname=parts.hostname)
        found = b""
        try:
            for piece in pieces:
                one.sendall(piece)
            while more := one.recv(65536):
                found += more
        except (BrokenPipeError, ConnectionResetError):
            pass
        if one is not plain:
            one.close()
        return found


def statuses(answer: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def test_the_api_answers_beside_the_engine_and_stops_with_it(shell: Shell, tmp_path: Path) -> None:
    with served(shell, tmp_path) as (running, address):
        answer = asked(address, HEALTH, b"\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert statuses(answer) == [200]
        assert body == b'{"alive":true,"ready":true}'
        assert b"server:" not in head.lower()
        _requests_that_hide_another_are_not_taken(address)
        _heads_are_bounded(address)
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def _requests_that_hide_another_are_not_taken(address: str) -> None:
    hidden = f"DELETE {BASE}/health HTTP/1.1\r\nHost: here.example\r\n\r\n".encode()
    start = f"POST {BASE}/health HTTP/1.1\r\nHost: here.example\r\n".encode()
    for headers in (
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 7\r\n\r\n",
        b"Content-Length: +0\r\n\r\n",
        b"Content-Length : 0\r\n\r\n",
        b"X: a\nContent-Length: 0\r\n\r\n",
        b"X: a\r\n Content-Length: 7\r\n\r\n",
        b"X: a\0b\r\n\r\n",
    ):
        found = statuses(asked(address, start + headers + hidden))
        assert found[:1] in ([400], [405]), headers
        assert len(found) == 1 or found == [405, 405], headers


def _heads_are_bounded(address: str) -> None:
    assert statuses(asked(address, HEALTH, b"X: " + b"a" * 200_000)) == [431]
    assert statuses(asked(address, HEALTH, *[b"X: " + b"a" * 1000 + b"\r\n" for _ in range(100)])) == [431]
    assert statuses(asked(address, b"GET /" + b"a" * 100_000)) == [431]
    assert statuses(asked(address, b"nonsense\r\n\r\n")) == [400]


def test_a_port_that_is_taken_is_told_in_one_sentence(shell: Shell) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        place = f"127.0.0.1:{other.getsockname()[1]}"
        result = shell("serve", BACKBONE_HTTP=place)
    assert result.exit_code == 2
    assert result.stderr == (
        f"BACKBONE_HTTP={place}: can't listen there: address already in use. "
        "Stop what listens there, or set BACKBONE_HTTP to another address, or to nothing.\n"
    )


@pytest.mark.parametrize("given", ["127.0.0.1", "127.0.0.1:http", ":8090", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_told(shell: Shell, given: str) -> None:
    result = shell("serve", BACKBONE_HTTP=given)
    assert result.exit_code == 2
    assert result.stderr.startswith("BACKBONE_HTTP: ")


def test_the_api_is_served_over_tls_with_a_certificate(shell: Shell, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    certificate.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    files = {"BACKBONE_HTTP_CERTIFICATE": str(certificate), "BACKBONE_HTTP_KEY": str(key)}
    with served(shell, tmp_path, **files) as (_, address):
        assert address.startswith("https://")
        assert statuses(asked(address, HEALTH, b"\r\n", context=context)) == [200]


@pytest.mark.parametrize("file", ["missing.pem", "nonsense.pem"])
def test_a_certificate_that_cannot_be_used_is_told(shell: Shell, tmp_path: Path, file: str) -> None:
    (tmp_path / "nonsense.pem").write_text("nonsense")
    result = shell("serve", BACKBONE_HTTP_CERTIFICATE=str(tmp_path / file))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / file}: the certificate can't be used: ")
    assert "Traceback" not in result.stderr
