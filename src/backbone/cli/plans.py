"""A plan for people and for programs."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from backbone.app.usecases.planning import Kind, Plan
from backbone.cli.outcome import counted, tell, tell_json, tell_table
from backbone.cli.problems import plain_problem, problem_lines


def show_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        tell_json(_plain(plan))
        return
    if plan.writes:
        tell_table(_table(plan))
    for problem in plan.problems:
        for line in problem_lines(problem):
            tell(line)
    counts = Counter(one.kind for one in plan.writes if one.kind is not Kind.CREATE)
    created = len({(one.connection, one.issue) for one in plan.writes if one.kind is Kind.CREATE})
    others = [counted(count, kind) for kind, count in counts.items()]
    listed = ", ".join([f"{counted(created, 'issue')} to create"] * bool(created) + others)
    tell(f"A run would write: {listed}." if plan.writes else "A run would write nothing.")
    for name, calls in plan.calls.items():
        tell(f"REST calls to {name}: {counted(calls.reads, 'read')}, {counted(calls.writes, 'write')}.")


def _table(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("CONNECTION", "ISSUE", "WHAT", "FIELD", "OLD → NEW"):
        table.add_column(head, overflow="fold")
    for one in plan.writes:
        arrow = f"{one.before} → {one.after}" if one.kind is Kind.CHANGE else one.after or one.before
        table.add_row(one.connection, one.issue, one.kind, one.what, arrow)
    return table


def _plain(plan: Plan) -> dict[str, object]:
    return {
        "writes": [
            {
                "connection": one.connection,
                "kind": one.kind.value,
                "issue": one.issue,
                "what": one.what,
                "before": one.before,
                "after": one.after,
            }
            for one in plan.writes
        ],
        "calls": {name: {"reads": calls.reads, "writes": calls.writes} for name, calls in plan.calls.items()},
        "problems": [plain_problem(one) for one in plan.problems],
    }
