"""What `doctor` found: the place, what is wrong, and the cure."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.usecases.examining import Examined
from backbone.cli.outcome import counted, sentence, tell, tell_json


def show_findings(findings: Sequence[Examined], *, as_json: bool) -> None:
    if as_json:
        tell_json(
            [{"serious": one.serious, "place": one.place, "finding": one.finding, "cure": one.cure} for one in findings]
        )
        return
    for one in findings:
        tell(f"{'wrong' if one.serious else 'note '}  {one.place}: {one.finding.rstrip('.')}.")
        if one.cure:
            tell(f"       {sentence(one.cure)}")
    serious = sum(one.serious for one in findings)
    tell(f"{counted(serious, 'finding')} must be put right." if serious else "Nothing stands in the way.")
