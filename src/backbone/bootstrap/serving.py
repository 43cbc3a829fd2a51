"""The engine and the REST API in one process: both are kept running, and neither takes the other along."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.serving import keep_serving
from backbone.bootstrap.whole import Backbone
from backbone.settings import Settings
from backbone.web.access import Authenticate
from backbone.web.api.metrics import open_to_neighbours
from backbone.web.app import create_app
from backbone.web.authentication import HttpAuthentication
from backbone.web.front import Front
from backbone.web.listening import Listening, Opened, open_listening, serve

log = structlog.get_logger()

PAUSE = 5.0
"""Seconds before a part that failed is begun again."""


def listen(settings: Settings) -> Opened | None:
    """The socket of the REST API, opened before anything else is begun; None where it is switched off.

    Raises Mistake.
    """
    if not settings.http:
        return None
    host, _, port = settings.http.rpartition(":")
    listening = Listening(
        host=host,
        port=int(port),
        certificate=settings.http_certificate,
        key=settings.http_key or settings.http_certificate,
    )
    try:
        opened = open_listening(listening)
    except (ssl.SSLError, FileNotFoundError, PermissionError) as error:
        if settings.http_certificate is None:
            raise _not_listening(settings, error) from error
        cause = f"the certificate can't be used: {_reason(error)}"
        cure = "Let BACKBONE_HTTP_CERTIFICATE and BACKBONE_HTTP_KEY name a certificate and its key, as PEM"
        raise Mistake(str(settings.http_certificate), cause, cure) from error
    except OSError as error:
        raise _not_listening(settings, error) from error
    if opened.in_plain_sight and not (settings.public_address or "").startswith("https:"):
        log.warning("passwords-in-plain-text", address=opened.address, cure="set BACKBONE_HTTP_CERTIFICATE")
    return opened


def _not_listening(settings: Settings, error: OSError) -> Mistake:
    cure = "Stop what listens there, or set BACKBONE_HTTP to another address, or to nothing"
    return Mistake(f"BACKBONE_HTTP={settings.http}", f"can't listen there: {_reason(error)}", cure)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def front_of(settings: Settings) -> Front:
    """How callers reach this installation."""
    return Front(public=settings.public_address, trusted=settings.trusted_proxies)


async def serve_all(backbone: Backbone, opened: Opened | None, stop: asyncio.Event) -> None:
    """Run the engine, and the REST API where there is a socket for it, until told to stop."""
    parts = [kept_up("engine", lambda: keep_serving(backbone, stop), stop)]
    if opened is not None:
        authenticate: Authenticate = HttpAuthentication(backbone.authentication, backbone.system)
        if backbone.settings.metrics_without_login:
            authenticate = open_to_neighbours(authenticate)
        app = create_app(backbone, authenticate, front_of(backbone.settings))
        parts.append(kept_up("web", lambda: serve(app, opened, stop), stop))
    await asyncio.gather(*parts)


async def kept_up(name: str, work: Callable[[], Awaitable[None]], stop: asyncio.Event, pause: float = PAUSE) -> None:
    """Do the work until told to stop; begin it anew when it fails, as the other part goes on all the while."""
    while not stop.is_set():
        try:
            await work()
        except Exception as error:
            log.exception("part-failed", part=name, error=type(error).__name__, seconds=pause)
        if not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()
