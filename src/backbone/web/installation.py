"""What the routes work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import tzinfo
from typing import Protocol

from fastapi import Request

from backbone.app.access.authentication import Authentication
from backbone.app.declaration.credentials import Unseal
from backbone.app.engine.context import Engine
from backbone.app.usecases.planning import ScratchStore
from backbone.ports.administration import AdministrationStore
from backbone.ports.records import StoredConnection
from backbone.ports.sealing import Sealer
from backbone.ports.system import System
from backbone.ports.tracker import Tracker


class Installation(Protocol):
    """Everything put together, as far as routes need it."""

    @property
    def store(self) -> AdministrationStore: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def system(self) -> System: ...

    @property
    def authentication(self) -> Authentication:
        """Finds out who calls."""

    @property
    def sealer(self) -> Sealer:
        """Seals secrets that callers give; ``app/access/sealed.py`` keeps them."""

    @property
    def time_zone(self) -> tzinfo:
        """In which tasks show their instants."""

    def scratch(self) -> ScratchStore:
        """An empty store in memory, for plans."""

    def shown_settings(self) -> Mapping[str, object]:
        """The settings without what is secret."""

    def last_log_lines(self) -> Sequence[str]:
        """The last lines that this process logged."""

    async def open_connections(self) -> bool:
        """Open the stored connections that are new or were applied again; whether there were any."""

    async def unblock(self) -> None:
        """The same, and let hosts be called again that refused our log-in."""

    def trying(self, candidate: StoredConnection, unseal: Unseal) -> AbstractAsyncContextManager[Tracker]:
        """The Jira of a connection that is not stored yet. Raises Mistake."""


def installation_of(request: Request) -> Installation:
    """The installation that the request came to."""
    installation: Installation = request.app.state.installation
    return installation
