"""What was done to an issue, as a table and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from backbone.app.usecases.explaining import Step
from backbone.cli.problems import bare_moment


def explanation_table(issue: str, steps: Sequence[Step]) -> Table:
    """Oldest first."""
    table = Table(title=f"What was done to {issue} and its partner", box=None, pad_edge=False, title_justify="left")
    for head in ("WHEN (UTC)", "ISSUE", "WHAT", "RULE", "BEFORE", "AFTER", "BECAUSE", "BY"):
        table.add_column(head, overflow="fold")
    for step in steps:
        entry = step.entry
        table.add_row(
            bare_moment(entry.at),
            entry.issue.key if entry.issue else "",
            entry.what,
            entry.rule,
            entry.before,
            entry.after,
            entry.because,
            f"{step.synchronization} {entry.connector}, revision {entry.revision}",
        )
    return table


def plain_step(step: Step) -> dict[str, object]:
    entry = step.entry
    return {
        "at": entry.at,
        "synchronization": step.synchronization,
        "connector": entry.connector,
        "revision": entry.revision,
        "issue": entry.issue.key if entry.issue else None,
        "what": entry.what,
        "mapping": entry.mapping,
        "rule": entry.rule,
        "before": entry.before,
        "after": entry.after,
        "because": entry.because,
    }
