"""What `verify` found, as a table and for programs."""

from __future__ import annotations

from rich.table import Table

from backbone.app.usecases.comparing import Difference
from backbone.app.usecases.verifying import Verdict
from backbone.cli.outcome import counted, tell, tell_json, tell_table


def show_verdict(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        plain = {"pairs": verdict.pairs, "differences": [_plain(one) for one in verdict.differences]}
        tell_json({**plain, "elsewhere": list(verdict.elsewhere)})
        return
    if verdict.differences:
        tell_table(_table(verdict))
    if verdict.pairs or not verdict.elsewhere:
        tell(f"{counted(verdict.pairs, 'pair')} compared, {counted(len(verdict.differences), 'difference')}.")
    for key in verdict.elsewhere:
        tell(
            f"{key}: not compared, since its other half is a partner's."
            f" Run 'backbone audit verify {key}' on both sides to compare what was exchanged."
        )


def _table(verdict: Verdict) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("FIRST", "SECOND", "WHAT", "AT FIRST", "AT SECOND", "WHY"):
        table.add_column(head, overflow="fold")
    for one in verdict.differences:
        keys = [ref.key if ref else "" for ref in (one.first, one.second)]
        table.add_row(*keys, one.what, one.at_first, one.at_second, one.why)
    return table


def _plain(one: Difference) -> dict[str, object]:
    return {
        "first": one.first.key if one.first else None,
        "second": one.second.key if one.second else None,
        "what": one.what,
        "at_first": one.at_first,
        "at_second": one.at_second,
        "why": one.why,
    }
