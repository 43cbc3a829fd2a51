"""The store on PostgreSQL: units of work, locks with fences, budgets of hosts, and the schema they live in."""

from __future__ import annotations

from backbone.adapters.store.budget import PostgresBudget
from backbone.adapters.store.rows import Connection
from backbone.adapters.store.schema import DatabaseIsNewer, new_incarnation, prepare
from backbone.adapters.store.store import PostgresStore, open_store
from backbone.adapters.store.units import TransactionTurns

__all__ = [
    "Connection",
    "DatabaseIsNewer",
    "PostgresBudget",
    "PostgresStore",
    "TransactionTurns",
    "new_incarnation",
    "open_store",
    "prepare",
]
