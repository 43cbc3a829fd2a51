"""Whether a database is the one that it was made as: what a copy does not know to have been done may have been done."""

from __future__ import annotations

from backbone.adapters.store.schema import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("alter table installation add column original boolean not null default true")
