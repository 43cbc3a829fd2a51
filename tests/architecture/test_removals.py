"""What takes a rule out of the sources must find its place there: else `make mutants` would prove nothing of it."""

from __future__ import annotations

from tests.architecture.sources import ROOT
from tests.rules.removals import MUTANTS


def test_the_text_of_every_removal_is_there_exactly_once() -> None:
    found = {
        mutant: (ROOT / "src" / "backbone" / mutant.file).read_text(encoding="utf-8").count(mutant.old)
        for mutant in MUTANTS
    }
    assert [f"rule {one.rule}, {one.file}: {one.old}" for one, times in found.items() if times != 1] == []
