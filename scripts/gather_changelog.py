"""Gathers the fragments of changelog.d into CHANGELOG.md: `python scripts/gather_changelog.py 0.2.0`."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = "## [Unreleased]\n"

# In the order in which an operator should read them.
KINDS = {
    "breaking": "Breaking",
    "security": "Security",
    "added": "Added",
    "changed": "Changed",
    "deprecated": "Deprecated",
    "removed": "Removed",
    "fixed": "Fixed",
}


class FragmentError(Exception):
    """A file in changelog.d cannot be used; who wrote it must rename or fill it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One visible change, as its operator should read it."""

    kind: str
    text: str


def read_fragments(folder: Path) -> list[Fragment]:
    return [read_fragment(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def read_fragment(path: Path) -> Fragment:
    match path.name.split("."):
        case [_, kind, "md"] if kind in KINDS:
            pass
        case _:
            message = f"{path.name}: call it NAME.KIND.md where KIND is one of {', '.join(KINDS)}"
            raise FragmentError(message)
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        message = f"{path.name}: is empty"
        raise FragmentError(message)
    return Fragment(kind=kind, text=text)


def gather(fragments: Sequence[Fragment]) -> str:
    """One heading a kind, one list item a fragment."""
    parts = []
    for kind, heading in KINDS.items():
        items = [f"- {fragment.text}".replace("\n", "\n  ") for fragment in fragments if fragment.kind == kind]
        if items:
            parts.append(f"### {heading}\n\n" + "\n".join(items) + "\n")
    return "\n".join(parts)


def insert(changelog: str, body: str, version: str, day: dt.date) -> str:
    before, place, after = changelog.partition(PLACE)
    if not place:
        message = f"CHANGELOG.md has no line {PLACE.strip()!r}"
        raise FragmentError(message)
    return f"{before}{place}\n## [{version}] - {day.isoformat()}\n\n{body}{after}"


def main(version: str) -> None:
    folder = ROOT / "changelog.d"
    changelog = ROOT / "CHANGELOG.md"
    body = gather(read_fragments(folder))
    today = dt.datetime.now(tz=dt.UTC).date()
    changelog.write_text(insert(changelog.read_text(encoding="utf-8"), body, version, today), encoding="utf-8")
    for path in folder.glob("*.md"):
        path.unlink()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except FragmentError as error:
        sys.exit(str(error))
