"""Generated pages say what their sources say today."""

from __future__ import annotations

import re

import pytest

from scripts.generate_docs import PAGES, REFERENCE
from tests.architecture.sources import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_dependency_gives_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    required = re.findall(
        r'^  "([a-z][\w.\[\],-]*(?:[<>=].*)?)",(.*)$',
        between(text, "dependencies = [", "[project.scripts]"),
        re.MULTILINE,
    )

    assert [name for name, rest in required if "#" not in rest] == []
    assert required != []


def test_the_exact_versions_name_no_host() -> None:
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]
