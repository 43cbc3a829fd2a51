"""From a file to a checked document: everything that can be said without asking a Jira."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from backbone.app.declaration.document import Document, SidePart, SynchronizationPart, SynchronizationType
from backbone.app.declaration.findings import DeclarationError, Finding, KeyName, Path, choose_from, written
from backbone.app.declaration.jql import broken, silently_dropping
from backbone.app.declaration.source import LARGEST_FILE, parse
from backbone.app.declaration.starting import WAYS
from backbone.app.declaration.tree import Table, locate, plain

_NUMBER = ("is no number", "Write such as 10 or 2.5")
_CHOICE = ("is neither true nor false", "Write true or false")
_MOMENT = ("is no date", "Write such as 2026-01-31 or 2026-01-31T08:00:00+01:00")
_TABLE = ("is no table", "Write lines of key: value below it")
_MISSING = {
    "start_with": WAYS,
    "connection": "Write the name of one of the connections",
    "project": "Write the key of a project",
    "url": "Write the address of the Jira's start page",
}
"""What to write for a key that has to be written; the others say it by their names."""

_WORDS = {
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dict_type": _TABLE,
    "tuple_type": ("is no list", "Begin each line below it with a dash"),
    "string_type": ("is no text", "Write one text"),
    "string_too_short": ("is empty", "Write a text, or leave the key out where it may be"),
    "string_too_long": ("is too long", "Write at most 255 letters"),
    "too_short": ("is empty", "Name at least one, or leave the key out where it may be"),
    "too_long": ("has too many values", "Write two of them: the first side's and the second's"),
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _CHOICE,
    "bool_type": _CHOICE,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A file that is right in itself; its names are not looked up yet. ``warnings`` do not keep it from being used."""

    file: str
    document: Document
    tree: Table
    warnings: tuple[Finding, ...] = ()

    @property
    def folder(self) -> FilePath:
        """Where its relative paths begin."""
        return FilePath(self.file).absolute().parent

    def finding(self, path: Path, message: str, cure: str = "") -> Finding:
        """What to tell about the place that a path leads to."""
        return finding_at(self.tree, path, message, cure)


def read_declaration(path: FilePath) -> Declaration:
    """The declaration in a file. Raises DeclarationError, also when the file can't be read."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        finding = Finding(line=1, column=1, path="", message=f"can't be read: {reason}", cure="Check the path")
        raise DeclarationError(str(path), [finding]) from error
    return declaration_from(content, str(path))


def declaration_from(content: bytes, file: str) -> Declaration:
    """The declaration in a file's content. Raises DeclarationError."""
    declaration = stored_declaration_from(content, file)
    findings = [declaration.finding(*one) for one in _sealed(declaration.document)]
    if findings:
        raise DeclarationError(file, findings)
    return declaration


def stored_declaration_from(content: bytes, file: str) -> Declaration:
    """The same for a document that we stored: it may point to secrets that are kept sealed."""
    tree = parse(content, file)
    try:
        document = Document.model_validate(plain(tree))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise DeclarationError(file, [_from_model(tree, one) for one in details]) from None
    findings = [finding_at(tree, *one) for one in _contradictions(document)]
    if findings:
        raise DeclarationError(file, findings)
    warnings = sorted({finding_at(tree, *one) for one in _doubts(document)})
    return Declaration(file=file, document=document, tree=tree, warnings=tuple(warnings))


def finding_at(tree: Table, path: Path, message: str, cure: str = "") -> Finding:
    place, trail = locate(tree, path)
    return Finding(line=place.line, column=place.column, path=written(trail), message=message, cure=cure)


def _from_model(tree: Table, error: ErrorDetails) -> Finding:
    path: Path = error["loc"]
    context = error.get("ctx", {})
    match error["type"]:
        case "declaration":
            return finding_at(tree, (*path, *context["at"]), context["message"], context["cure"])
        case "missing" if isinstance(path[-1], int):
            return finding_at(
                tree, path[:-1], "has too few values", "Write two of them: the first side's and the second's"
            )
        case "missing":
            return finding_at(tree, path[:-1], f"{path[-1]!r} is missing", _MISSING.get(str(path[-1]), ""))
        case "extra_forbidden":
            key = str(path[-1])
            cure = choose_from(key, _known_keys(path[:-1]))
            return finding_at(tree, (*path[:-1], KeyName(key)), f"{key!r} is not known here", cure)
        case "enum" | "literal_error":
            return finding_at(tree, path, "is not one of the choices", f"Write {context['expected']}".replace("'", ""))
        case "string_pattern_mismatch":
            keys = (*path[:-2], KeyName(path[-2])) if path[-1] == "[key]" else path
            return finding_at(tree, keys, "is no usable name", "Use letters, digits, dot, dash and underline only")
        case kind:
            message, cure = _WORDS.get(kind, (error["msg"][0].lower() + error["msg"][1:], ""))
            return finding_at(tree, path, message, cure)


def _known_keys(path: Path) -> list[str]:
    """The keys that the table at a path may have."""
    model: type[BaseModel] = Document
    for step in path:
        field = model.model_fields.get(str(step))
        model = (_model_in(field.annotation) if field else None) or model
    return [name for name in model.model_fields if name not in ("mode", "rows", "by_name", "sealed")]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The first model in a type such as ``tuple[FieldPart, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)


Remark = tuple[Path, str, str]


def _contradictions(document: Document) -> Iterator[Remark]:
    seen: dict[str, int] = {}
    for index, one in enumerate(document.synchronizations):
        at: Path = ("synchronizations", index)
        if one.identity in seen:
            other = f"synchronizations[{seen[one.identity] + 1}]"
            yield (
                (*at, "id" if one.id else "name"),
                f"{one.identity!r} is already the name of {other}",
                "Give it another name",
            )
        seen.setdefault(one.identity, index)
        for role, side in one.sides:
            yield from _side_contradictions(document, (*at, role.value), side)
        yield from _type_contradictions(document, at, one)


def _side_contradictions(document: Document, at: Path, side: SidePart) -> Iterator[Remark]:
    if side.connection not in document.connections:
        cure = choose_from(side.connection, document.connections)
        yield (*at, "connection"), f"there is no connection {side.connection!r}", cure
    if side.jql and (doubt := broken(side.jql)):
        yield (*at, "jql"), doubt.message, doubt.cure


def _type_contradictions(document: Document, at: Path, one: SynchronizationPart) -> Iterator[Remark]:
    if one.first is None or one.second is None:
        return
    first, second = document.connections.get(one.first.connection), document.connections.get(one.second.connection)
    if first is None or second is None:
        return
    same = first.url.casefold() == second.url.casefold()
    if same and one.first.project.casefold() == one.second.project.casefold():
        yield (*at, "second", "project"), "a project can't be synchronized with itself", "Name another project"
    if one.type is SynchronizationType.LOCAL and not same:
        yield (*at, "type"), "local means that both projects are in one Jira, but these are two", "Leave type out"
    if one.type is not None and one.type is not SynchronizationType.LOCAL and same:
        yield (*at, "type"), "both projects are in one Jira", "Write type: local, or leave it out"


def _sealed(document: Document) -> Iterator[Remark]:
    cure = "Write {env: NAME} or {file: PATH}: which secrets are kept sealed is for Backbone to know"
    for name, connection in document.connections.items():
        for key in connection.sealed_secrets:
            yield ("connections", name, key, "sealed"), "a sealed secret can't be named in a file", cure


def _doubts(document: Document) -> Iterator[Remark]:
    used = {side.connection for one in document.synchronizations for _, side in one.sides}
    for name, connection in document.connections.items():
        if connection.url.startswith("http://"):
            cure = "Use https:// wherever this Jira has it"
            yield ("connections", name, "url"), "passwords and issues travel unencrypted", cure
        if name not in used:
            yield ("connections", KeyName(name)), "no synchronization uses this connection", ""
    for index, one in enumerate(document.synchronizations):
        for role, side in one.sides:
            for doubt in silently_dropping(side.jql):
                yield ("synchronizations", index, role.value, "jql"), doubt.message, doubt.cure
    yield from _same_projects(document)


def _same_projects(document: Document) -> Iterator[Remark]:
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for index, one in enumerate(document.synchronizations):
        both = frozenset((side.connection, side.project.casefold()) for _, side in one.sides)
        if one.here is not None:
            continue
        if both in seen:
            message = f"{seen[both]!r} joins the same two projects"
            yield ("synchronizations", index), message, "Take care that no issue is in both, or make one of them"
        seen.setdefault(both, one.title)
