"""``~``: whether a text contains the words of a text query.

Words match regardless of case, in any order and all of them; ``*`` and ``?`` stand for other
characters but not at the beginning; quotes inside the text make a phrase. Stemming, fuzziness,
proximity and boosts of Jira's index are not imitated: a query that uses their signs is refused.
Facts: Atlassian, "Search syntax for text fields".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

TextTest: TypeAlias = Callable[[str], bool]

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r'"([^"]*)"|([^\s"]+)')
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_SIGNS = re.compile(r"[~^\[\]{}:\\()|&!+]|^-|^(AND|OR|NOT)$")


class TextProblem(ValueError):
    """A text query that is empty or that uses what is not imitated; the sentence lacks the field."""


def read_text_query(text: str) -> TextTest:
    """A test for texts; raises TextProblem."""
    text = _ESCAPED.sub(_unescape, text)
    if text.count('"') % 2:
        raise TextProblem("unparsable")
    pieces = [_read_piece(phrase, word) for phrase, word in _PIECE.findall(text)]
    tests = [test for piece in pieces for test in piece]
    if not tests:
        raise TextProblem("empty")

    def contains_all(candidate: str) -> bool:
        words = " " + " ".join(_WORD.findall(candidate.lower())) + " "
        return all(test(words) for test in tests)

    return contains_all


def _unescape(match: re.Match[str]) -> str:
    """An escaped sign is no sign; between words it is as good as a blank, for the index has words only."""
    return match.group(1) if match.group(1).isalnum() else " "


def _read_piece(phrase: str, word: str) -> list[TextTest]:
    if phrase:
        words = _WORD.findall(phrase.lower())
        return [_containing(" " + " ".join(words) + " ")] if words else []
    if _SIGNS.search(word):
        raise TextProblem("unparsable")
    if word[:1] in {"*", "?"}:
        raise TextProblem(f"start {word[0]}")
    if "*" in word or "?" in word:
        return [_resembling(word.lower())]
    return [_containing(f" {part} ") for part in _WORD.findall(word.lower())]


def _containing(needle: str) -> TextTest:
    return lambda words: needle in words


def _resembling(pattern: str) -> TextTest:
    parts = [{"*": r"\S*", "?": r"\S"}.get(sign, re.escape(sign)) for sign in pattern]
    compiled = re.compile(r"(?<= )" + "".join(parts) + r"(?= )")
    return lambda words: compiled.search(words) is not None
