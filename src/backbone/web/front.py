"""Where callers find this installation, and which proxies speak for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import Scope

from backbone.web.errors import Refused

BASE = "/plugins/servlet/backbone-issue-sync/api/1"
"""Before the addresses of all resources, as the documented API has it."""

_HOST = re.compile(r"[A-Za-z0-9._\-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """``public`` is the address that people use, with the path before ours, without a slash at its end.

    ``trusted`` are the networks of proxies whose word about the caller's address and scheme is taken; none by default.
    """

    public: str | None = None
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def path(self) -> str:
        """What stands before our addresses, such as ``/backbone``; mostly nothing."""
        return urlsplit(self.public).path.rstrip("/") if self.public else ""

    def trusts(self, scope: Scope) -> bool:
        """Whether the request comes from a trusted proxy."""
        client = scope.get("client")
        if not self.trusted or client is None:
            return False
        try:
            address = ip_address(client[0])
        except ValueError:
            return False
        return any(address in network for network in self.trusted)


def front_of(request: Request) -> Front:
    """How callers reach the installation that the request came to."""
    front: Front = request.app.state.front
    return front


def address_of(request: Request, path: str) -> str:
    """The whole address of a path of ours, as callers may use it; such as ``resourceLocation`` of a task."""
    front = front_of(request)
    if front.public is not None:
        return f"{front.public}{path}"
    return f"{request.scope['scheme']}://{host_of(request)}{path}"


def host_of(request: Request) -> str:
    """The host that the caller asked for. Raises Refused (400) for one that is none."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise Refused(HTTPStatus.BAD_REQUEST, "The header Host is no host.")
    return host


def placed(scope: Scope, front: Front) -> Scope:
    """The scope with the path before ours taken off its routes, whether or not the proxy took it off already."""
    path, raw = str(scope["path"]), bytes(scope.get("raw_path") or b"")
    if front.path and not (path == front.path or path.startswith(front.path + "/")):
        path, raw = front.path + path, front.path.encode() + raw
    return {**scope, **_told_by_proxy(scope, front), "path": path, "raw_path": raw, "root_path": front.path}


def _told_by_proxy(scope: Scope, front: Front) -> dict[str, object]:
    if not front.trusts(scope):
        return {}
    told: dict[str, object] = {}
    headers = dict(scope["headers"])
    scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1").strip().casefold()
    if scheme in ("http", "https"):
        told["scheme"] = scheme
    callers = [one.strip() for one in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")]
    for caller in reversed(callers):  # each proxy appends; the last one that we do not trust is the caller
        try:
            address = ip_address(caller)
        except ValueError:
            break
        told["client"] = (caller, 0)
        if not any(address in network for network in front.trusted):
            break
    return told
