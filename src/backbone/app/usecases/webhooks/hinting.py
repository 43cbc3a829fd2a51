"""A Jira says that something changed: believed if it knows the secrets, and then only as a reason to look."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from backbone.app.access.sealed import unseal_secret
from backbone.app.usecases.webhooks.secrets import secrets_of
from backbone.core.model.keys import IssueId
from backbone.ports.administration import AdministrationStore
from backbone.ports.sealing import Sealer
from backbone.ports.system import System

METHODS = frozenset({"sha256", "sha384", "sha512"})
_ID = re.compile(r"[1-9]\d{0,17}")
_COMMENT = re.compile(r"/issue/([1-9]\d{0,17})/comment/")


class Unknown(Exception):
    """Nothing is at this address."""


class Forged(Exception):
    """The address is known, the signature is wrong or missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came: to which address, with which signature, and what it says about an issue."""

    address: str
    signature: str | None
    body: bytes
    issue: str | None = None


class _IssueJson(msgspec.Struct):
    id: str | int | None = None


class _CommentJson(msgspec.Struct):
    address: str = msgspec.field(default="", name="self")


class _EventJson(msgspec.Struct):
    """All that is read of a delivery; the rest of it is neither kept nor believed."""

    issue: _IssueJson | None = None
    comment: _CommentJson | None = None


async def hint(store: AdministrationStore, sealer: Sealer, system: System, delivery: Delivery) -> None:
    """Have the connection looked at soon. Raises Unknown and Forged; both change nothing."""
    now = system.now()
    async with store.administration() as unit:
        known = await unit.webhooks.by_address(digest_of(delivery.address))
        if known is None:
            raise Unknown
        secrets = secrets_of(await unseal_secret(unit, sealer, known.secret))
        if secrets.signed and not genuine(secrets.signature, delivery.signature, delivery.body):
            await unit.webhooks.refused(known.connection, now)
            await unit.commit(lasting=False)
            raise Forged
        await unit.hints.note(known.connection, sorted(issues_in(delivery)), now)
        await unit.webhooks.heard(known.connection, now)
        await unit.commit(lasting=False)


def digest_of(address: str) -> str:
    """What is stored of the secret part of an address."""
    return sha256(address.encode()).hexdigest()


def genuine(secret: str, signature: str | None, body: bytes) -> bool:
    """Whether ``METHOD=HEX`` is the HMAC of the body by a method that is still good."""
    method, separator, told = (signature or "").strip().partition("=")
    if not separator or method.lower() not in METHODS or not told.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, method.lower()).hexdigest(), told.lower())


def issues_in(delivery: Delivery) -> frozenset[IssueId]:
    """Ids of the issues that a delivery is about; nothing else of it counts."""
    return frozenset(IssueId(one) for one in _told(delivery) if _ID.fullmatch(one))


def _told(delivery: Delivery) -> Iterable[str]:
    if delivery.issue is not None:
        yield delivery.issue
    try:
        event = msgspec.json.decode(delivery.body, type=_EventJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return
    if event.issue is not None and event.issue.id is not None:
        yield str(event.issue.id)
    if event.comment is not None and (found := _COMMENT.search(urlsplit(event.comment.address).path)):
        yield found[1]
