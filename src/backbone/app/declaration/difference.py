"""What changes between what is stored and what a file declares, pure: for ``apply --dry-run``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backbone.app.declaration.declared import Json, ResolvedSynchronization, without_keys
from backbone.core.model.configuration import HalfConfiguration


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One statement that comes (``before`` is absent), goes (``after`` is absent) or becomes another."""

    about: str
    before: str | None
    after: str | None

    def show(self) -> str:
        match self.before, self.after:
            case None, after:
                return f"+ {self.about}: {after}"
            case before, None:
                return f"- {self.about}: {before}"
            case before, after:
                return f"~ {self.about}: {before} → {after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A synchronization as it is known: its part of the file, and those current halves that are here."""

    document: Mapping[str, Json]
    halves: tuple[HalfConfiguration, ...]


@dataclass(frozen=True, slots=True)
class Created:
    """A synchronization that the file adds."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A synchronization that gets a new revision."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A synchronization that the file declares as it is."""

    name: str


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A synchronization that the file does not name (any more); it is left as it is."""

    name: str


Outcome = Created | Changed | Unchanged | Undeclared


_SAY_SO_BY_BEING_THERE = frozenset({("comments",), ("attachments",)})
"""Parts without which something stays at home; with defaults alone they are empty."""


def compare(stored: Mapping[str, Stored], declared: Sequence[ResolvedSynchronization]) -> tuple[Outcome, ...]:
    """What would become of every synchronization, known by its identity, those of the file first."""
    outcomes: list[Outcome] = []
    for one in declared:
        known = stored.get(one.identity)
        if known is None:
            outcomes.append(Created(one.identity, compare_documents({}, one.document)))
            continue
        changes = compare_documents(_called_alike(known, one), one.document) or tuple(_resolved_otherwise(known, one))
        outcomes.append(Changed(one.identity, changes) if changes else Unchanged(one.identity))
    names = {one.identity for one in declared}
    return (*outcomes, *(Undeclared(name) for name in stored if name not in names))


def _called_alike(known: Stored, new: ResolvedSynchronization) -> Mapping[str, Json]:
    """What is stored, with the keys that the file has for the same projects: another key of a project changes nothing.

    Nor does it matter which of both writes the identity that both have.
    """
    called = {key: value for key, value in known.document.items() if key != "id"}
    if "id" in new.document:
        called["id"] = new.document["id"]
    for was, now in zip(known.halves, new.halves, strict=True):
        side = now.role.value
        before, after = known.document.get(side), new.document.get(side)
        if isinstance(before, dict) and isinstance(after, dict) and was.project == now.project:
            called[side] = {**before, "project": after.get("project")}
    return called


def compare_documents(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[Change, ...]:
    """Statements that differ; rows are known by what they join, so that their order says nothing."""
    old, new = dict(_statements(dict(before), ())), dict(_statements(dict(after), ()))
    return tuple(
        Change(about=about, before=old.get(about), after=new.get(about))
        for about in dict.fromkeys([*old, *new])
        if old.get(about) != new.get(about)
    )


def _statements(plain: Json, about: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Everything a document says, each under a name: ``fields, priority <> priority, direction``."""
    if about in _SAY_SO_BY_BEING_THERE and plain is not None:
        yield about[0], "travel"
    match plain:
        case dict():
            for key, value in plain.items():
                yield from _statements(value, (*about, key))
        case list():
            for item in plain:
                yield from _listed(item, about)
        case bool():
            yield ", ".join(about), str(plain).lower()  # as YAML has it
        case _:
            yield ", ".join(about), "" if plain is None else str(plain)


def _listed(item: Json, about: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    match item:
        case dict():
            apart = f" ({item['id']})" if "id" in item else ""
            inside = (*about, f"{item.get('first')} <> {item.get('second')}{apart}")
            yield ", ".join(inside), "mapped"
            rest = {key: value for key, value in item.items() if key not in ("first", "second", "id")}
            yield from _statements(rest, inside)
        case list():
            yield ", ".join((*about, " <> ".join(str(one) for one in item))), "mapped"
        case _:
            yield ", ".join((*about, str(item))), "named"


def _resolved_otherwise(known: Stored, new: ResolvedSynchronization) -> Iterator[Change]:
    """What the same words mean now: a project, field or option that was replaced by one of the same name."""
    for was, now in zip(known.halves, new.halves, strict=True):
        before, after = _meanings(without_keys(was)), _meanings(without_keys(now))
        for about in dict.fromkeys([*before, *after]):
            if before.get(about) != after.get(about):
                yield Change(
                    about=f"meaning of the {now.role} side's {about}", before="as stored", after="as Jira has it now"
                )


def _meanings(half: HalfConfiguration) -> dict[str, object]:
    return {
        "project": (half.jira, half.project),
        "JQL": (half.jql, half.start_with),
        "issue types": half.types,
        "comments": half.comments,
        "attachments": half.files,
        "correlation field": half.correlation_field,
        **{f"field {one.name} ({one.alias})": one for one in half.fields},
    }
