"""The reference page of the simulator's faults says what the faults say."""

from __future__ import annotations

from backbone.simulator.faults import fault_names
from backbone.simulator.faults.page import faults_page
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "simulator-faults.md"


def test_the_page_of_faults_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == faults_page(), (
        "run `python -m backbone.simulator.faults.page > docs/reference/simulator-faults.md`"
    )


def test_every_fault_has_a_row() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [name for name in fault_names() if f"| `{name}` |" not in page] == []
