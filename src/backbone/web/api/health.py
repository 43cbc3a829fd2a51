"""Whether the program is alive, and ready to work."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backbone.web.access import Rule, allowed, anybody
from backbone.web.errors import Refused, is_away
from backbone.web.installation import Installation, installation_of

router = APIRouter(tags=["Health"])

PATIENCE = 2.0
"""Seconds for the database to answer: whoever asks for health does not wait for long."""


class Health(BaseModel):
    """``alive`` is always true in an answer; ``reasons`` say to those who are signed in what is not ready."""

    alive: bool
    ready: bool
    reasons: list[str] | None = None


@router.get("/health", dependencies=[allowed(Rule.ANYBODY)], response_model_exclude_none=True)
async def health(request: Request) -> Health:
    """Whether the program is alive, and whether its database answers; with reasons for those who are signed in."""
    reasons = await _reasons(installation_of(request))
    return Health(alive=True, ready=not reasons, reasons=reasons if await _known(request) else None)


async def _reasons(installation: Installation) -> list[str]:
    try:
        async with asyncio.timeout(PATIENCE), installation.store.unit() as uow:
            await uow.synchronizations.all()
    except Exception as error:
        if not (is_away(error) or isinstance(error, TimeoutError)):
            raise
        return ["The database does not answer."]
    return []


async def _known(request: Request) -> bool:
    """Whether the caller is signed in, as far as that can be found out now."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await anybody(request) is not None
    except (Refused, TimeoutError):
        return False
    except Exception as error:
        if not is_away(error):
            raise
        return False
