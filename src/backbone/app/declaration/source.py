"""From the bytes of a YAML file to a tree; hostile files are refused, not expanded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from backbone.app.declaration.findings import DeclarationError, Finding
from backbone.app.declaration.tree import START, Entry, Leaf, Listing, Place, Table, Tree

LARGEST_FILE = 500_000
"""Bytes; a configuration of a hundred synchronizations has about half of that."""
LARGEST_TREE = 50_000
"""Values, with every repetition by an alias counted."""
DEEPEST = 20

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
"""What escapes can write, but neither a database nor a Jira can hold."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def parse(content: bytes, file: str) -> Table:
    """The tree of a file's content. Raises DeclarationError for anything but one YAML document with a table."""
    if len(content) > LARGEST_FILE:
        raise _error(file, START, f"has {len(content)} bytes, more than {LARGEST_FILE}", "Split it")
    try:
        events = YAML(typ="rt", pure=True).parse(_text(content, file))
        tree = _Builder(file, iter(events)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        problem = str(error.problem or error.context)
        raise _error(file, place, f"is no YAML: {problem}", _cure(problem)) from error
    except (YAMLError, ValueError, AssertionError, AttributeError, IndexError, RecursionError) as error:
        # The last five are how the library fails on some malformed files.
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _error(file, START, f"is no YAML: {first}", _cure(first)) from error
    if not isinstance(tree, Table):
        raise _error(file, tree.place, "holds no table", "Begin with `connections:`")
    return tree


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise _error(file, Place(line, column), "is no UTF-8", "Save the file as UTF-8") from error


def _cure(problem: str) -> str:
    """What most often mends a file that the parser of YAML complains about in its own words."""
    if "\\t" in problem:
        return "Indent by spaces, not by tabs"
    if "block end" in problem:
        return "Indent this line as its neighbours are"
    if "mapping values" in problem:
        return "Put a text that holds a colon in quotes, and look whether this line is indented as its neighbours are"
    return "Look for a quote or a bracket that is not closed, here or above"


def _error(file: str, place: Place, message: str, cure: str) -> DeclarationError:
    finding = Finding(line=place.line, column=place.column, path="", message=message, cure=cure)
    return DeclarationError(file, [finding])


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Makes the tree from the events of the parser, which expands nothing by itself."""

    def __init__(self, file: str, events: Iterator[Event]) -> None:
        self._file = file
        self._events = events
        self._anchors: dict[str, Tree] = {}
        self._depth = 0
        self._size = 0

    def document(self) -> Tree:
        event = next(self._events)
        while not isinstance(event, DocumentStartEvent):
            if isinstance(event, StreamEndEvent):
                raise _error(self._file, START, "is empty", "Begin with `connections:`")
            event = next(self._events)
        tree = self._tree(next(self._events))
        next(self._events)
        after = next(self._events)
        if not isinstance(after, StreamEndEvent):
            raise _error(self._file, _place(after), "a second document begins here", "Write one document a file")
        return tree

    def _tree(self, event: Event) -> Tree:
        if isinstance(event, AliasEvent):
            return self._repeated(event)
        if isinstance(event, NodeEvent) and getattr(event, "tag", None) is not None:
            raise _error(self._file, _place(event), "tags are not understood", "Leave the word with ! out")
        self._grow(1, event)
        tree = self._made(event)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._anchors[event.anchor] = tree
        return tree

    def _made(self, event: Event) -> Tree:
        match event:
            case ScalarEvent():
                nothing = event.style is None and event.value in _NOTHING
                return Leaf(None if nothing else self._text(event), _place(event))
            case SequenceStartEvent():
                return self._nested(self._listing, event)
            case _:
                return self._nested(self._table, event)

    def _repeated(self, event: AliasEvent) -> Tree:
        tree = self._anchors.get(event.anchor)
        if tree is None:
            raise _error(self._file, _place(event), f"*{event.anchor} repeats what is not complete before it", "")
        self._grow(tree.size, event)
        return tree

    def _grow(self, size: int, event: Event) -> None:
        self._size += size
        if self._size > LARGEST_TREE:
            raise _error(self._file, _place(event), f"holds more than {LARGEST_TREE} values", "Repeat less by aliases")

    def _nested(self, build: Callable[[Event], Tree], event: Event) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _error(self._file, _place(event), f"is nested deeper than {DEEPEST} levels", "Write it flatter")
        tree = build(event)
        self._depth -= 1
        return tree

    def _listing(self, start: Event) -> Tree:
        items: list[Tree] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._tree(event))
        return Listing(tuple(items), _place(start), 1 + sum(item.size for item in items))

    def _table(self, start: Event) -> Tree:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            if key in entries:
                line = entries[key].place.line
                raise _error(self._file, _place(event), f"{key!r} stands here twice, also in line {line}", "Remove one")
            entries[key] = Entry(key, _place(event), self._tree(next(self._events)))
        size = 1 + sum(1 + entry.value.size for entry in entries.values())
        return Table(tuple(entries.values()), _place(start), size)

    def _key(self, event: Event) -> str:
        if not isinstance(event, ScalarEvent):
            raise _error(self._file, _place(event), "a key is a text", "Put it in quotes")
        if event.style is None and event.value == "<<":
            raise _error(self._file, _place(event), "merging tables by << is not understood", "Write the keys out")
        self._grow(1, event)
        return self._text(event)

    def _text(self, event: ScalarEvent) -> str:
        text = str(event.value)
        if _UNHOLDABLE.search(text):
            message, cure = "holds a character that no text can have", "Leave \\0 and \\ud800 to \\udfff out"
            raise _error(self._file, _place(event), message, cure)
        return text
