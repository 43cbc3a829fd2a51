"""The shape of JSON: which keys there are at which place, always or sometimes, and of which types."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any  # what is to be described
Kinds = Mapping[str, str]

CUSTOM = re.compile(r"customfield_\d+")
NAMED_FREELY = frozenset({"permissions", "roles", "names"})
TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place such as ``$.fields.status.name``; ``always`` when every object there has the key."""

    types: frozenset[str]
    always: bool


Shape = dict[str, Place]


def kinds_of(body: Json) -> dict[str, str]:
    """The kind of every custom field that some ``schema`` in the body tells."""
    found: dict[str, str] = {}
    if isinstance(body, dict):
        for key, value in body.items():
            schema = value.get("schema", value) if isinstance(value, dict) else None
            if CUSTOM.fullmatch(key) and isinstance(schema, dict) and "custom" in schema:
                found[key] = str(schema["custom"]).rpartition(":")[2]
            found |= kinds_of(value)
    if isinstance(body, list):
        for value in body:
            found |= kinds_of(value)
    return found


@dataclass(slots=True)
class Survey:
    """What was seen so far: types by place, how many objects had the key, and how many could have."""

    kinds: Kinds
    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parents: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)

    def visit(self, body: Json, place: str = "$") -> None:
        """Look at a body and what is below it."""
        self.types[place].add(TYPES.get(type(body), "null"))
        if isinstance(body, list):
            for value in body:
                self.visit(value, f"{place}[]")
        if isinstance(body, dict):
            self.parents[place] += 1
            for name in {self._name(place, key) for key in body}:
                self.present[f"{place}.{name}"] += 1
            for key, value in body.items():
                if not CUSTOM.fullmatch(self._name(place, key)):
                    self.visit(value, f"{place}.{self._name(place, key)}")

    def _name(self, place: str, key: str) -> str:
        if place.rpartition(".")[2] in NAMED_FREELY:
            return "*"
        return f"<{self.kinds[key]}>" if key in self.kinds else key

    def shape(self) -> Shape:
        """What was seen."""
        return {
            place: Place(frozenset(found), self.present[place] == self.parents[place.rpartition(".")[0]])
            for place, found in self.types.items()
        }


def shape_of(bodies: Iterable[Json], kinds: Kinds) -> Shape:
    """The shape of several answers of one kind; custom fields go by their kind, unknown ones are left out."""
    survey = Survey(kinds)
    for body in bodies:
        survey.visit(body)
    return survey.shape()


def merged(shapes: Iterable[Shape]) -> Shape:
    """What several recorded answers show together; always is what none of them lacks."""
    known = list(shapes)
    places = {place for shape in known for place in shape}
    return {
        place: Place(
            frozenset().union(*(shape[place].types for shape in known if place in shape)),
            all(shape[place].always if place in shape else not _described(place, shape) for shape in known),
        )
        for place in places
    }


def differences(ours: Shape, theirs: Shape) -> set[str]:
    """What is missing or of other types in our answers, compared with recorded ones.

    What we say beyond a recording is left to the descriptions of the interface: no recording shows everything.
    """
    found = set()
    for place, seen in ours.items():
        recorded = theirs.get(place)
        if recorded is not None and not _agree(seen.types, recorded.types):
            found.add(f"{place}: {_words(seen.types)} instead of {_words(recorded.types)}")
    for place, recorded in theirs.items():
        if place not in ours and recorded.always and _described(place, ours):
            found.add(f"{place}: missing")
    return found


def _described(place: str, shape: Shape) -> bool:
    above = place.rpartition(".")[0] if not place.endswith("[]") else ""
    return above in shape and any(other.startswith(f"{above}.") for other in shape)


def _agree(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return ours <= theirs | {"null"} or theirs == {"null"}


def _words(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def to_json(shape: Shape) -> dict[str, str]:
    """The shape as lines: types, with a question mark for what is there sometimes."""
    return {place: "|".join(sorted(p.types)) + ("" if p.always else "?") for place, p in sorted(shape.items())}


def from_json(lines: Mapping[str, str]) -> Shape:
    """The shape that ``to_json`` wrote down."""
    return {
        place: Place(frozenset(text.rstrip("?").split("|")), not text.endswith("?")) for place, text in lines.items()
    }
