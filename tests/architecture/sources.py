"""The Python files of this repository, read and parsed once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "scripts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One module: where it is, what it says, what it means."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path as a reader of the repository writes it."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def all_sources() -> tuple[Source, ...]:
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return tuple(read(path) for path in paths)


def sources_under(folder: str) -> tuple[Source, ...]:
    return tuple(source for source in all_sources() if source.name.startswith(f"{folder}/"))


def read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path=path, text=text, tree=ast.parse(text, filename=str(path)))
