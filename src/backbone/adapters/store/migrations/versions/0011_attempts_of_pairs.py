"""What was begun for an issue belongs to one of its pairs."""

from __future__ import annotations

from pathlib import Path

from backbone.adapters.store.schema import run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
