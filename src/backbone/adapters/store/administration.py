"""Units of work with the repositories of administrators; apart, so that the engine's units stay light."""

from __future__ import annotations

from collections.abc import Callable

from backbone.adapters.store.access import PostgresAdministrators, PostgresPeople
from backbone.adapters.store.access_attempts import PostgresAttempts
from backbone.adapters.store.access_audit import PostgresSecrets
from backbone.adapters.store.access_tokens import PostgresSessions, PostgresTokens
from backbone.adapters.store.imports import PostgresImports
from backbone.adapters.store.information import PostgresInformation
from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.repeats import PostgresRepeats
from backbone.adapters.store.revisions import (
    PostgresArchive,
    PostgresDrafts,
    PostgresHindrances,
    PostgresRevisions,
)
from backbone.adapters.store.rows import Rows
from backbone.adapters.store.tasks import PostgresTasks
from backbone.adapters.store.troubleshooting import PostgresTroubles
from backbone.adapters.store.units import PostgresUnit, TurnsOf
from backbone.adapters.store.webhooks import PostgresWebhooks
from backbone.core.model.keys import Millis


class PostgresAdministrationUnit(PostgresUnit):
    """One transaction."""

    def __init__(self, rows: Rows, locks: PostgresLocks, turns: TurnsOf, now: Callable[[], Millis]) -> None:
        super().__init__(rows, locks, turns, now)
        self.administrators = PostgresAdministrators(rows)
        self.people = PostgresPeople(rows)
        self.tokens = PostgresTokens(rows)
        self.sessions = PostgresSessions(rows)
        self.attempts = PostgresAttempts(rows)
        self.secrets = PostgresSecrets(rows)
        self.tasks = PostgresTasks(rows)
        self.repeats = PostgresRepeats(rows)
        self.revisions = PostgresRevisions(rows)
        self.drafts = PostgresDrafts(rows)
        self.archive = PostgresArchive(rows)
        self.information = PostgresInformation(rows)
        self.imports = PostgresImports(rows)
        self.hindrances = PostgresHindrances(rows)
        self.troubles = PostgresTroubles(rows)
        self.webhooks = PostgresWebhooks(rows)
