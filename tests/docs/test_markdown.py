"""Pages lead somewhere, and their lines hold a sentence each."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.sources import ROOT

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
TWO_SENTENCES = re.compile(r"[a-z)`*][.!?] +[A-Z][a-z]")


def test_every_link_to_a_file_leads_to_one() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in LINK.findall(prose(page))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]

    assert broken == []


def test_a_line_holds_one_sentence() -> None:
    crowded = [
        f"{page.relative_to(ROOT)}: {line.strip()[:80]}"
        for page in pages()
        for line in prose(page).splitlines()
        if not line.lstrip().startswith(("|", ">", "#")) and TWO_SENTENCES.search(without_code(line))
    ]

    assert crowded == []


def test_every_page_can_be_reached_from_the_index() -> None:
    docs = ROOT / "docs"
    reached: set[Path] = set()
    waiting = [docs / "index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting.extend(page.parent / target for target in LINK.findall(prose(page)) if "://" not in target)

    assert sorted(path.relative_to(ROOT).as_posix() for path in set(docs.rglob("*.md")) - reached) == []


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def without_code(line: str) -> str:
    return re.sub(r"`[^`]*`", "`x`", line)
