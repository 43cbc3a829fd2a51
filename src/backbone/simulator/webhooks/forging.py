"""Deliveries that Jira never made: what somebody may send who knows the address of a receiver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from backbone.simulator.webhooks.deliveries import Delivery

SIGNATURE = "X-Hub-Signature"
FOREIGN_HOST = "https://jira.example.net"
UNKNOWN_ISSUE = "987654321"
UNKNOWN_KEY = "NOSUCH-1"


class How(StrEnum):
    """What is wrong with a forgery. The last two are signed well: the secret has leaked, or there is none."""

    UNSIGNED = "unsigned"
    WRONG_SIGNATURE = "wrong-signature"
    TAMPERED = "tampered"
    UNKNOWN_ISSUE = "unknown-issue"
    FOREIGN_HOST = "foreign-host"


Forger = Callable[[Delivery, How], Delivery]
Sign = Callable[[bytes], Mapping[str, str]]
"""The headers that prove a body: none where there is no secret."""


def _without_proof(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in {SIGNATURE, "Authorization"}}


def _tampered(body: bytes) -> bytes:
    return body.replace(b'"webhookEvent"', b'"tampered":true,"webhookEvent"', 1)


def _rewritten(body: bytes, old: str, new: str) -> bytes:
    return body.replace(old.encode(), new.encode())


def _about_unknown(delivery: Delivery) -> bytes:
    body = _rewritten(delivery.body, f"/issue/{delivery.issue}", f"/issue/{UNKNOWN_ISSUE}")
    body = _rewritten(body, f'"id":"{delivery.issue}"', f'"id":"{UNKNOWN_ISSUE}"')
    return _rewritten(body, f'"{delivery.key}"', f'"{UNKNOWN_KEY}"')


def forgery(delivery: Delivery, how: How, base: str, sign: Sign) -> Delivery:
    """A delivery like the given one, forged; ``base`` is the true address of the Jira."""
    body, headers = delivery.body, dict(delivery.headers)
    match how:
        case How.UNSIGNED:
            headers = _without_proof(headers)
        case How.WRONG_SIGNATURE:
            headers = {**_without_proof(headers), SIGNATURE: f"sha256={'0' * 64}"}
        case How.TAMPERED:
            body = _tampered(body)
        case How.UNKNOWN_ISSUE:
            body = _about_unknown(delivery)
        case How.FOREIGN_HOST:
            body = _rewritten(body, base, FOREIGN_HOST)
    if how in {How.UNKNOWN_ISSUE, How.FOREIGN_HOST}:
        headers = {**_without_proof(headers), **sign(body)}
    return replace(delivery, body=body, headers=headers, forged=str(how))
