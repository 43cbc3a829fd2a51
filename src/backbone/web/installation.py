"""What the routes work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Protocol

from fastapi import Request

from backbone.app.access.authentication import Authentication
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.connecting import Connecting
from backbone.app.usecases.planning import ScratchStore
from backbone.app.usecases.tasks.host import TaskHost
from backbone.core.model.keys import SynchronizationKey


class Installation(Connecting, TaskHost, Protocol):
    """Everything put together, as far as routes need it."""

    @property
    def authentication(self) -> Authentication:
        """Finds out who calls."""

    @property
    def time_zone(self) -> tzinfo:
        """In which tasks show their instants."""

    def office(self) -> Office:
        """For setting up channels to partners behind firewalls."""

    async def farewell(self, key: SynchronizationKey) -> None:
        """Tell a partner behind firewalls that our half is deleted, as far as it can be reached."""

    def scratch(self) -> ScratchStore:
        """An empty store in memory, for plans."""

    def shown_settings(self) -> Mapping[str, object]:
        """The settings without what is secret."""

    def last_log_lines(self) -> Sequence[str]:
        """The last lines that this process logged."""


def installation_of(request: Request) -> Installation:
    """The installation that the request came to."""
    installation: Installation = request.app.state.installation
    return installation
