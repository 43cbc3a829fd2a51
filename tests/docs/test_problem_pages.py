"""The catalogue of problems is complete: every code has its page, its words, its actions, and a test that raises it."""

from __future__ import annotations

import re

import pytest

from backbone.app.usecases.troubleshooting.about import EFFECTS, Action
from backbone.app.usecases.troubleshooting.catalogue import CATALOGUE, help_page
from backbone.app.usecases.troubleshooting.pages import code_page, index_page
from backbone.core.model.problems import Code
from tests.architecture.sources import ROOT

DOCS = ROOT / "docs"


def test_every_code_is_described_and_every_action_explained() -> None:
    assert set(CATALOGUE) == set(Code)
    assert set(EFFECTS) == set(Action)


@pytest.mark.parametrize("code", Code)
def test_a_code_has_a_page_that_says_what_it_means_why_it_happens_and_what_to_do(code: Code) -> None:
    about, page = CATALOGUE[code], (DOCS / help_page(code)).read_text(encoding="utf-8")

    assert page == code_page(code), "run `make docs`"
    assert about.reasons != ()
    assert about.actions != () or code in (Code.HALF_PAIR, Code.PARTNER_LEFT)
    for said in (about.title, about.meaning, about.looks, *about.reasons, about.holds):
        assert said.endswith((".", ":")) or said in (about.title, about.looks), said
        assert said in page
    assert all(f"`backbone problems {action} ID`" in page for action in about.actions)


def test_no_page_is_left_over_and_the_index_leads_to_each() -> None:
    pages = {page.name for page in (DOCS / "reference/problems").iterdir()}

    assert pages == {"index.md", *(f"{code}.md" for code in Code)}
    assert re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\)", index_page(), re.MULTILINE) == list(CATALOGUE)


def test_every_code_is_raised_by_a_test() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.name != "test_problem_pages.py"
    )

    assert [code for code in Code if f"Code.{code.name}" not in tests and f'"{code}"' not in tests] == []
