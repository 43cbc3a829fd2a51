"""The application: all resources under one base, and what stands in front of them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from backbone import __version__
from backbone.web import errors
from backbone.web.access import Authenticate
from backbone.web.api import connectors, health, information, integrations, switching, tasks
from backbone.web.edge import Edge
from backbone.web.front import BASE, Front
from backbone.web.installation import Installation
from backbone.web.routes import Table, table_of

__all__ = ["BASE", "ROUTERS", "create_app", "table"]

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    tasks.router,
    information.router,
    connectors.router,
    integrations.router,
    switching.router,
)
"""One a noun; a new module of ``web/api`` is added here."""


def table() -> Table:
    """All routes with their rules. Raises LookupError for one without."""
    return table_of((BASE, router) for router in ROUTERS)


def create_app(installation: Installation, authenticate: Authenticate, front: Front | None = None) -> FastAPI:
    """The application; nothing is started."""
    app = FastAPI(title="Backbone", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.installation = installation
    app.state.authenticate = authenticate
    app.state.front = front or Front()
    errors.install(app)
    app.add_middleware(Edge, table=table(), front=app.state.front)
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    return app
