"""Where Jiras say that something changed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response

from backbone.app.usecases.webhooks.hinting import Delivery, Forged, Unknown, hint
from backbone.web.access import Rule, allowed
from backbone.web.bodies import MEGABYTE, long_body
from backbone.web.errors import Refused, not_found
from backbone.web.installation import installation_of

router = APIRouter(tags=["Hints"])

LARGEST = 4 * MEGABYTE
"""Jira sends the whole issue along; more than this is cut off, and polling finds the change."""

Address = Annotated[
    str,
    Path(alias="address", max_length=100, description="The secret part of the address; `backbone webhooks` shows it."),
]
Issue = Annotated[
    str | None, Query(alias="issue", max_length=60, description="Id of the issue, put in by Jira; may be absent.")
]
Signature = Annotated[
    str | None,
    Header(alias="X-Hub-Signature", max_length=300, description="`sha256=` and the HMAC of the body, in hex."),
]


@router.post(
    "/hints/{address}",
    dependencies=[allowed(Rule.ANYBODY), long_body(LARGEST, seconds=20.0)],
    status_code=HTTPStatus.NO_CONTENT,
)
async def take_hint(
    request: Request, address: Address, issue: Issue = None, x_hub_signature: Signature = None
) -> Response:
    """A webhook of a Jira delivers here. It changes nothing but the moment of the next look.

    Who knows the address and, where this Jira can sign, the secret is believed; nothing of the body is kept.
    """
    here = installation_of(request)
    body = b"".join([piece async for piece in request.stream()])
    delivery = Delivery(address=address, signature=x_hub_signature, body=body, issue=issue)
    try:
        await hint(here.store, here.sealer, here.system, delivery)
    except Unknown:
        raise not_found("webhook at this address") from None
    except Forged:
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "The signature is wrong or missing.",
            "Enter the secret that `backbone webhooks register` shows into the webhook in Jira.",
        ) from None
    return Response(status_code=HTTPStatus.NO_CONTENT)
