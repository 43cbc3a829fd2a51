"""What takes a rule out of the sources must find its place there: else `make mutants` would prove nothing of it."""

from __future__ import annotations

from tests.architecture.sources import ROOT
from tests.rules.removals import MUTANTS
from tests.rules.removals_of_channels import MUTANTS_OF_CHANNELS, RULES_OF_CHANNELS


def test_the_text_of_every_removal_is_there_exactly_once() -> None:
    found = {
        mutant: (ROOT / "src" / "backbone" / mutant.file).read_text(encoding="utf-8").count(mutant.old)
        for mutant in (*MUTANTS, *MUTANTS_OF_CHANNELS)
    }
    assert [f"rule {one.rule}, {one.file}: {one.old}" for one, times in found.items() if times != 1] == []


def test_every_rule_of_channels_has_a_removal_and_the_test_that_fails_is_there() -> None:
    lost = []
    for mutant in MUTANTS_OF_CHANNELS:
        file, _, test = mutant.held_by.partition("::")
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"):
            lost.append(mutant.held_by)
    assert lost == []
    assert {one.rule for one in MUTANTS_OF_CHANNELS} == set(RULES_OF_CHANNELS)
