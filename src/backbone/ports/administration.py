"""The port to what administrators work with: accounts, tasks, drafts, and what was deleted and may come back.

The engine does not need it. Each group of tables has a module of its own beside this one.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from backbone.ports.access import Administrators, Attempts, People, Secrets, Sessions, Tokens
from backbone.ports.information import Imports, Information
from backbone.ports.repeats import Repeats
from backbone.ports.revisions import Archive, Drafts, Hindrances, Revisions
from backbone.ports.store import Store, UnitOfWork
from backbone.ports.tasks import Tasks
from backbone.ports.troubleshooting import Troubles
from backbone.ports.webhooks import Webhooks


class AdministrationUnit(UnitOfWork, Protocol):
    """One transaction that knows what administrators work with, beside all that the engine works with."""

    @property
    def administrators(self) -> Administrators: ...
    @property
    def people(self) -> People: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def repeats(self) -> Repeats: ...
    @property
    def revisions(self) -> Revisions: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def information(self) -> Information: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def hindrances(self) -> Hindrances: ...
    @property
    def troubles(self) -> Troubles: ...
    @property
    def webhooks(self) -> Webhooks: ...


class AdministrationStore(Store, Protocol):
    """A store that administrators work with."""

    def administration(self) -> AbstractAsyncContextManager[AdministrationUnit]: ...
