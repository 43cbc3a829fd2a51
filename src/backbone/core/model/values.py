"""What a field holds, in the canonical form of its kind (rule 9), and the fingerprint by which it is compared.

Codecs bring values into this form: line ends are line feeds, numbers have no superfluous digits, instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NewType

Fingerprint = NewType("Fingerprint", str)
"""Short text that is equal for equal values: the value itself while it is short, else its SHA-256."""

SEPARATOR = " / "
"""Between parent and child where a cascade is named in one text, as in a table."""

Shared = tuple[str, ...]
"""A single value as both sides understand it: () is empty, one text, or parent and child of a cascade."""

_LONGEST_PLAIN = 80


class FieldKind(StrEnum):
    """How a field's value is written and compared."""

    TEXT = "text"
    MULTILINE = "multiline"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    URL = "url"
    OPTION = "option"
    CASCADE = "cascade"
    STATUS = "status"
    LABELS = "labels"
    OPTIONS = "options"

    @property
    def multi(self) -> bool:
        """Whether the value is a set whose elements travel one by one (rule 3)."""
        return self in _MULTI

    @property
    def rendered(self) -> bool:
        """Whether Jira may return another text than the one written (rule 9)."""
        return self in _RENDERED


_MULTI = (FieldKind.LABELS, FieldKind.OPTIONS)
_RENDERED = (FieldKind.MULTILINE, FieldKind.TEXT)


@dataclass(frozen=True, slots=True)
class Empty:
    """The field is there and holds nothing."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, number, date, instant or URL as canonical text."""

    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of several choices: a select option, priority, status or label; the id counts, the name is shown."""

    id: str
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Cascade:
    """A parent option with or without a child."""

    parent: Option
    child: Option | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """A set of options; labels are options whose id is their text."""

    options: frozenset[Option]


Value = Empty | Scalar | Option | Cascade | Members
EMPTY = Empty()


def labels(*texts: str) -> Members:
    """The members whose ids are their texts.

    >>> sorted(option.name for option in labels("b", "a").options)
    ['a', 'b']
    """
    return Members(frozenset(Option(text, text) for text in texts))


def fingerprint(value: Value) -> Fingerprint:
    """Equal for equal local values; options count by id, so that a renamed option is no edit.

    >>> fingerprint(Option("3", "High")) == fingerprint(Option("3", "Hoch"))
    True
    """
    match value:
        case Empty():
            return Fingerprint("")
        case Scalar(text):
            return _short("s", [text])
        case Option(id=ident):
            return _short("o", [ident])
        case Cascade(parent, child):
            return _short("c", [parent.id] if child is None else [parent.id, child.id])
        case Members(options):
            return _short("m", sorted(option.id for option in options)) if options else Fingerprint("")


def fingerprint_of_shared(value: Shared) -> Fingerprint:
    """Equal for equal shared values."""
    return _short("x", list(value)) if value else Fingerprint("")


def _short(tag: str, parts: list[str]) -> Fingerprint:
    plain = f"{tag}[{','.join(map(encode_basestring, parts))}]"
    if len(plain) <= _LONGEST_PLAIN:
        return Fingerprint(plain)
    return Fingerprint(tag + "#" + sha256(plain.encode("utf-8", "surrogatepass")).hexdigest())


def show(value: Value) -> str:
    """A value for people: in plans, problems and explanations."""
    match value:
        case Empty():
            return "(empty)"
        case Scalar(text):
            return text
        case Option(name=name):
            return name
        case Cascade(parent, child):
            return parent.name if child is None else f"{parent.name} / {child.name}"
        case Members(options):
            return ", ".join(sorted(option.name for option in options)) or "(empty)"
