"""The application: all resources under one base, and what stands in front of them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from backbone.web import errors, home, signing_in
from backbone.web.access import Authenticate
from backbone.web.api import (
    application_connection,
    bundle,
    channels,
    connectors,
    description,
    drafts,
    editing,
    exchanging,
    health,
    hints,
    information,
    inspection,
    integrations,
    metrics,
    pairing,
    problems,
    resyncs,
    revisions,
    sessions,
    switching,
    tasks,
    tokens,
)
from backbone.web.describing import Json, describe
from backbone.web.edge import Edge
from backbone.web.front import BASE, Front
from backbone.web.installation import Installation
from backbone.web.routes import Table, table_of

__all__ = ["BASE", "ROUTERS", "create_app", "table"]

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    description.router,
    sessions.router,
    tokens.router,
    tasks.router,
    information.router,
    pairing.router,
    connectors.router,
    application_connection.router,
    resyncs.router,
    integrations.router,
    editing.router,
    revisions.router,
    drafts.router,
    exchanging.router,
    channels.router,
    switching.router,
    problems.router,
    inspection.router,
    metrics.router,
    bundle.router,
    hints.router,
)
"""One a noun; a new module of ``web/api`` is added here."""


def table() -> Table:
    """All routes with their rules. Raises LookupError for one without."""
    return table_of([*((BASE, router) for router in ROUTERS), ("", home.router), ("", signing_in.router)])


class Application(FastAPI):
    """Describes itself as its callers see it."""

    def openapi(self) -> Json:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self, table(), self.state.front.path)
        return self.openapi_schema


def create_app(installation: Installation, authenticate: Authenticate, front: Front | None = None) -> FastAPI:
    """The application; nothing is started."""
    app = described(front)
    app.state.installation = installation
    app.state.authenticate = authenticate
    errors.install(app)
    app.add_middleware(Edge, table=table(), front=app.state.front)
    return app


def described(front: Front | None = None) -> FastAPI:
    """The application as far as its description goes: its routes, and nothing to answer them with."""
    app = Application(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.front = front or Front()
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    app.include_router(home.router)
    app.include_router(signing_in.router)
    return app
