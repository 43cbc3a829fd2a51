"""Whether the program is alive, and ready to work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backbone.web.access import Rule, allowed
from backbone.web.installation import installation_of

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """``alive`` is always true in an answer."""

    alive: bool
    ready: bool


@router.get("/health", dependencies=[allowed(Rule.ANYBODY)])
async def health(request: Request) -> Health:
    """Whether the program is alive, and whether its database answers."""
    async with installation_of(request).store.unit() as uow:
        await uow.synchronizations.all()
    return Health(alive=True, ready=True)
