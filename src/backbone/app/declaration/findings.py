"""What is wrong, or doubtful, in a configuration file: the place, the sentence, the cure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_LISTED = 20
"""So many existing names are listed in a cure; a Jira may have thousands."""

Path = tuple[str | int, ...]
"""Way from the top of the file to a thing in it: names of keys and indices of rows."""


class KeyName(str):
    """The last step of a path that means the key itself, not the value beside it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing to tell about a place of the file. Line and column count from 1; ``cure`` may be empty."""

    line: int
    column: int
    path: str
    message: str
    cure: str = ""

    def show(self, file: str) -> str:
        """The finding as editors and terminals understand it: ``FILE:LINE:COL: message. cure``."""
        where = f"{self.path}: " if self.path else ""
        cure = f" {self.cure}." if self.cure else ""
        return f"{file}:{self.line}:{self.column}: {_on_one_line(f'{where}{self.message}.{cure}')}"


class DeclarationError(Exception):
    """The file can't be used; its author must act. Nothing was changed."""

    def __init__(self, file: str, findings: Iterable[Finding]) -> None:
        self.file = file
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(finding.show(file) for finding in self.findings))


def _on_one_line(text: str) -> str:
    """Words of files and of Jiras can't break the line, and can't steer the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))


def written(path: Path) -> str:
    """A path as its reader writes it.

    >>> written(("synchronizations", 0, "fields", 2, "first"))
    'synchronizations[1].fields[3].first'
    """
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, whatever the case of its letters."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def choose_from(word: str, known: Iterable[str]) -> str:
    """The cure for an unknown name: the nearest one, and what exists."""
    names = sorted(set(known), key=str.casefold)
    if not names:
        return "There is none to choose from"
    listed = ", ".join(names[:MOST_LISTED]) + (f" and {len(names) - MOST_LISTED} more" if names[MOST_LISTED:] else "")
    near = nearest(word, names)
    return (f"Did you mean {near!r}? " if near else "") + f"There is: {listed}"
