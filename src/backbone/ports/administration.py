"""The port to what administrators work with: accounts, tasks, drafts, and what was deleted and may come back.

The engine does not need it. Each group of tables has a module of its own beside this one.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from backbone.ports.store import Store, UnitOfWork


class AdministrationUnit(UnitOfWork, Protocol):
    """One transaction that knows what administrators work with, beside all that the engine works with."""


class AdministrationStore(Store, Protocol):
    """A store that administrators work with."""

    def administration(self) -> AbstractAsyncContextManager[AdministrationUnit]: ...
