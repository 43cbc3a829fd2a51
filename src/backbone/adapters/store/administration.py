"""Units of work with the repositories of administrators; apart, so that the engine's units stay light."""

from __future__ import annotations

from collections.abc import Callable

from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.rows import Rows
from backbone.adapters.store.units import PostgresUnit, TurnsOf
from backbone.core.model.keys import Millis


class PostgresAdministrationUnit(PostgresUnit):
    """One transaction."""

    def __init__(self, rows: Rows, locks: PostgresLocks, turns: TurnsOf, now: Callable[[], Millis]) -> None:
        super().__init__(rows, locks, turns, now)
