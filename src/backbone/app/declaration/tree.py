"""A file's content as a tree in which every key and value knows its place.

Scalars stay the text that was written, since only the reader of a value knows its meaning: an option called ``1.10``
or ``No`` keeps its name. Nothing (``~``, ``null``, no text at all) is ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.declaration.findings import KeyName, Path

Plain = None | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as written, or nothing."""

    text: str | None
    place: Place
    size: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence."""

    items: tuple[Tree, ...]
    place: Place
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its own place, and its value."""

    key: str
    place: Place
    value: Tree


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; keys are unique."""

    entries: tuple[Entry, ...]
    place: Place
    size: int


Tree = Leaf | Listing | Table


def plain(tree: Tree) -> Plain:
    """The tree without places."""
    match tree:
        case Leaf(text=text):
            return text
        case Listing(items=items):
            return [plain(item) for item in items]
        case Table(entries=entries):
            return {one.key: plain(one.value) for one in entries}


def locate(tree: Tree, path: Path) -> tuple[Place, Path]:
    """The place of what a path leads to, and the steps that exist; steps that don't are passed over."""
    trail: list[str | int] = []
    place = tree.place
    for step in path:
        match tree, step:
            case Listing(items=items), int(index) if index < len(items):
                tree, place = items[index], items[index].place
            case Table(entries=entries), str(name) if found := [one for one in entries if one.key == name]:
                tree = found[0].value
                place = found[0].place if isinstance(step, KeyName) or _empty(tree) else tree.place
            case _:
                continue
        trail.append(step)
    return place, tuple(trail)


def _empty(tree: Tree) -> bool:
    return isinstance(tree, Leaf) and tree.text is None
