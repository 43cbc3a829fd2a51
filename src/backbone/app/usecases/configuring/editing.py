"""Changing a synchronization over the public interface: its name, its description, its configuration.

Names are looked up before anything is locked. Whoever changed it meanwhile wins; the one who comes second is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import identity_of
from backbone.app.declaration.difference import Changed, Stored, compare
from backbone.app.declaration.document import SidePart
from backbone.app.engine.context import Engine
from backbone.app.usecases.configurations import APART, taken_back
from backbone.app.usecases.configuring.declaring import (
    Part,
    Resolved,
    Trackers,
    Unfit,
    Wrong,
    find_names,
    normal,
    read,
    require_projects,
    trackers_for,
)
from backbone.app.usecases.publishing import Halves, act_of, change, halves_in_force, require_same_projects
from backbone.core.model.keys import ConnectionName, Millis, SynchronizationKey, jira_of
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import Signed, StoredConnection, Synchronization
from backbone.ports.tracker import ProjectInfo

Expected = Callable[[Synchronization], bool]
"""Whether the synchronization is still the one that the caller meant to change."""


class Gone(Exception):
    """The synchronization was deleted meanwhile."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the synchronization; what was asked for might undo that."""

    def __init__(self, by: Signed) -> None:
        super().__init__(f"{by.by} changed it")
        self.by = by


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to be changed; what is absent stays. ``configuration`` is as the public interface shows it."""

    summary: str | None = None
    description: str | None = None
    configuration: Part | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Who edits, and with what."""

    store: AdministrationStore
    engine: Engine
    caller: Caller
    now: Millis


async def edit_integration(editor: Editor, key: SynchronizationKey, edit: Edit, expected: Expected) -> Synchronization:
    """Change it, and publish its configuration where that changes. Raises Unfit, Gone, ChangedMeanwhile, Mistake."""
    async with editor.store.administration() as unit:
        known = await known_now(unit, key)
        if not expected(known):
            raise ChangedMeanwhile(known.modified)
        stored = await unit.synchronizations.connections()
        before = await halves_in_force(unit, known)
    part = described(known, edit)
    if edit.configuration is not None:
        given = taken_back(edit.configuration, known.document, before[0])
        part = normal(with_configuration(part, given), stored)
    if _configuration(part) == _configuration(known.document):
        return await _rename(editor, known, part)
    resolved = await check_publication(editor, part, before)
    return await publish(editor, known, resolved, edit.message or "changed over the REST API")


async def check_publication(editor: Editor, part: Part, before: Halves) -> Resolved:
    """The configuration with every name found, if the caller may publish it. Raises Unfit.

    ``before`` is what is in force: its projects stay.
    """
    async with editor.store.administration() as unit:
        stored = await unit.synchronizations.connections()
    trackers = await require_sides(editor, part, stored, before)
    return await find_names(read(part, stored), trackers)


async def require_sides(editor: Editor, part: Part, stored: Sequence[StoredConnection], before: Halves) -> Trackers:
    """The Jiras of both sides, whose projects are those in force and the caller's. Raises Unfit."""
    read(part, stored)
    trackers = trackers_for(part, editor.engine.trackers, before)
    _require_same(part, await require_projects(editor.caller, part, trackers), before)
    return trackers


def _require_same(part: Part, projects: tuple[ProjectInfo, ProjectInfo], before: Halves) -> None:
    """Raises Unfit: pairs belong to the two projects they were made for."""
    sides = [SidePart.model_validate(part[side]) for side in ("first", "second")]
    wrong = [
        Wrong(
            place=f"configuration.{half.role}",
            message="this side would become another project or connection, to which its pairs do not belong",
            cure="Create another synchronization, and stop this one",
        )
        for side, project, half in zip(sides, projects, before, strict=True)
        if (jira_of(ConnectionName(side.connection)), project.id) != (half.jira, half.project)
    ]
    if wrong:
        raise Unfit(wrong)


async def publish(editor: Editor, known: Synchronization, resolved: Resolved, why: str) -> Synchronization:
    """Make it the configuration in force, if that is another one. Raises ChangedMeanwhile, Gone, Mistake."""
    async with editor.store.administration() as unit:
        one = await publish_within(unit, editor, known, resolved, why)
        await unit.commit()
    return one


async def publish_within(
    unit: AdministrationUnit, editor: Editor, known: Synchronization, resolved: Resolved, why: str
) -> Synchronization:
    """The same in a transaction that the caller commits."""
    known = await _lock(unit, known)
    before = await halves_in_force(unit, known)
    require_same_projects(before, resolved.synchronization)
    stored = Stored(document=known.document, halves=before)  # type: ignore[arg-type]  # it was plain JSON when it was saved
    [outcome, *_] = compare({identity_of(known.document): stored}, [resolved.synchronization])
    if not isinstance(outcome, Changed):
        return known
    act = act_of(resolved.declared, Signed(by=editor.caller.shown, at=editor.now, why=why))
    one = await change(unit, known, resolved.synchronization, act)
    entry = entry_of(
        editor.caller,
        "integration.publish",
        one.key,
        editor.now,
        before={"revision": known.revision},
        after={"revision": one.revision, "why": why},
    )
    await unit.audit.write(entry)
    return one


def described(known: Synchronization, edit: Edit) -> Part:
    """The document under the wanted name. What it was first called stays its identity."""
    identity = identity_of(known.document)
    name = edit.summary or known.name
    part = {key: value for key, value in known.document.items() if key not in APART}
    part["name"] = name
    if name != identity:
        part["id"] = identity
    description = (
        known.document.get("description") if edit.description in (None, known.description) else edit.description
    )
    if description:
        part["description"] = description
    return part  # type: ignore[return-value]  # it was plain JSON when it was saved


def with_configuration(part: Part, configuration: Part) -> Part:
    """The document with another configuration under the same name."""
    return {**{name: part[name] for name in ("name", "id", "description") if name in part}, **configuration}


async def _rename(editor: Editor, known: Synchronization, part: Part) -> Synchronization:
    """Only the name and the description: no new revision, and the engine notices nothing."""
    description = str(part.get("description") or known.description)
    name = str(part["name"])
    if (name, description) == (known.name, known.description):
        return known
    signed = Signed(by=editor.caller.shown, at=editor.now)
    async with editor.store.administration() as unit:
        known = await _lock(unit, known)
        one = replace(known, name=name, description=description, document=_in_order(part), modified=signed)
        await unit.synchronizations.save(one, [])
        before = {"summary": known.name, "description": known.description}
        after = {"summary": one.name, "description": one.description}
        await unit.audit.write(
            entry_of(editor.caller, "integration.edit", one.key, editor.now, before=before, after=after)
        )
        await unit.commit()
    return one


async def known_now(unit: AdministrationUnit, key: SynchronizationKey) -> Synchronization:
    """Raises Gone."""
    known = await unit.synchronizations.get(key)
    if known is None:
        raise Gone
    return known


async def _lock(unit: AdministrationUnit, known: Synchronization) -> Synchronization:
    """As it is now, locked. Raises Gone, ChangedMeanwhile when it is not what it was when the names were looked up."""
    now = await unit.synchronizations.lock(known.key)
    if now is None:
        raise Gone
    if (now.revision, now.document) != (known.revision, known.document):
        raise ChangedMeanwhile(now.modified)
    return now


def _configuration(document: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if key not in APART}


def _in_order(part: Part) -> dict[str, object]:
    """As a file has it: what it is called first."""
    return {name: part[name] for name in ("name", "id", "description") if name in part} | _configuration(part)
