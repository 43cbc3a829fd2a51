"""The description of the API, for programs that make clients or check calls."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from backbone.web.access import Rule, allowed

router = APIRouter(tags=["Description"])


@router.get("/openapi.json", dependencies=[allowed(Rule.ANYBODY)])
async def openapi(request: Request) -> JSONResponse:
    """This description (OpenAPI 3.1)."""
    return JSONResponse(request.app.openapi())
