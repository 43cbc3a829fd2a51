"""The first schema, with the engine's own."""

from __future__ import annotations

from pathlib import Path

from backbone.adapters.store.schema import apply_engine_schema, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    apply_engine_schema()
