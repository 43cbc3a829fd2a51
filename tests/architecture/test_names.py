"""Names tell what is inside, and words are spelled one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.sources import ROOT, all_sources

# Everything fits under these, so everything ends there.
FORBIDDEN = {
    "base",
    "common",
    "handler",
    "handlers",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "service",
    "services",
    "shared",
    "stuff",
    "util",
    "utilities",
    "utils",
}

# Beginnings of words, slips of our own fingers; add yours. FastAPI calls a thing "dependant", so that one is allowed.
MISSPELLINGS = """
    syncroni[sz] sychroni[sz] synchronis[ei] reciev seperat occured occurence transiton transistion
    attachement attachemnt procastinate confluance atlassain correlaiton baselinne idempotant
    consistant existance wich neccess succesful untill adress paramter configuartion mappiing
"""
MISSPELLED = re.compile(rf"\b(?:{'|'.join(MISSPELLINGS.split())})", re.IGNORECASE)
WORDY = {".md", ".py", ".toml", ".yaml", ".yml", ".json", ".sql", ".sh"}


def test_no_module_has_a_name_that_fits_everything() -> None:
    vague = [
        source.name
        for source in all_sources()
        if not FORBIDDEN.isdisjoint(part.strip("_") for part in Path(source.name).with_suffix("").parts)
    ]

    assert vague == []


def test_every_module_has_a_docstring() -> None:
    silent = [source.name for source in all_sources() if not ast.get_docstring(source.tree)]

    assert silent == []


def test_no_word_is_misspelled_in_a_way_we_know() -> None:
    slips = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := MISSPELLED.search(line))
    ]

    assert slips == []


def texts() -> list[Path]:
    folders = ("src", "tests", "scripts", "docs", "changelog.d")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in WORDY]
    own = Path(__file__)
    return sorted(path for path in [*inside, *ROOT.glob("*.md")] if path.is_file() and path != own)
