"""The application: all resources under one base, and what stands in front of them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from backbone import __version__
from backbone.web import errors
from backbone.web.access import Authenticate
from backbone.web.api import health
from backbone.web.installation import Installation

BASE = "/plugins/servlet/backbone-issue-sync/api/1"

ROUTERS: tuple[APIRouter, ...] = (health.router,)
"""One a noun; a new module of ``web/api`` is added here."""


def create_app(installation: Installation, authenticate: Authenticate) -> FastAPI:
    """The application; nothing is started."""
    app = FastAPI(
        title="Backbone",
        version=__version__,
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.installation = installation
    app.state.authenticate = authenticate
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    return app
