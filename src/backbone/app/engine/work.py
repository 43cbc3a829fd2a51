"""Carrying out a plan: fields in one request, the status step by step, then comments and attachments.

A refusal holds back as little as possible (rule 22): the fields that Jira names are parked and the rest is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.engine.context import Engine
from backbone.app.engine.mirror import mirror
from backbone.app.engine.move import move
from backbone.app.engine.plans import Work, with_outcome
from backbone.app.engine.trouble import gone
from backbone.core.model.actions import EditFields, ElementEdit
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import FieldId
from backbone.core.model.pair import Parked
from backbone.core.model.problems import Code
from backbone.core.model.values import FieldKind, Option
from backbone.core.sync.incoming import trouble
from backbone.core.sync.members import ElementWrite
from backbone.core.sync.merge import Write
from backbone.core.sync.notes import Note, What
from backbone.core.sync.retry import parked
from backbone.core.sync.settle import settle_elements, settle_writes
from backbone.ports.tracker import Edited, Lane, Refusal, Wanted

__all__ = ["Work", "perform"]

ROUNDS = 4
"""So often a request is made again without the fields that were refused, before they are tried one by one."""


async def perform(engine: Engine, work: Work) -> Work:
    """Do everything that the plan says; what can't be done is parked and becomes a problem."""
    work = await _write_fields(engine, work)
    if work.plan.status is not None:
        work = await move(engine, work, work.plan.status)
    return await mirror(engine, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    writes: tuple[Write, ...]
    elements: tuple[ElementWrite, ...]

    def __bool__(self) -> bool:
        return bool(self.writes or self.elements)

    def fields(self) -> frozenset[FieldId]:
        return frozenset(self.kinds())

    def kinds(self) -> dict[FieldId, FieldKind]:
        kinds = {one.mapping.field: one.mapping.kind for one in self.writes}
        return kinds | {one.mapping.field: one.mapping.kind for one in self.elements}

    def only(self, fields: frozenset[FieldId]) -> _Batch:
        return _Batch(
            writes=tuple(one for one in self.writes if one.mapping.field in fields),
            elements=tuple(one for one in self.elements if one.mapping.field in fields),
        )


async def _write_fields(engine: Engine, work: Work) -> Work:
    batch = _Batch(writes=work.plan.writes, elements=work.plan.elements)
    for _ in range(ROUNDS):
        if not batch:
            return work
        done = await _edit(engine, work, batch)
        if isinstance(done, Edited):
            return _settle(work, batch, done)
        named = batch.fields() & done.fields.keys()
        if not named and len(batch.fields()) > 1:
            return await _one_by_one(engine, work, batch)
        refused = named or batch.fields()
        work = _park(work, batch.only(refused), done)
        batch = batch.only(batch.fields() - refused)
    return await _one_by_one(engine, work, batch)


async def _one_by_one(engine: Engine, work: Work, batch: _Batch) -> Work:
    """The refusal names no field, or one after the other: each is tried by itself, so that only culprits are held back."""
    for field in sorted(batch.fields()):
        single = batch.only(frozenset({field}))
        done = await _edit(engine, work, single)
        work = _settle(work, single, done) if isinstance(done, Edited) else _park(work, single, done)
    return work


async def _edit(engine: Engine, work: Work, batch: _Batch) -> Edited | Refusal:
    await work.fence.check()
    look = work.look
    edit = EditFields(
        issue=look.snapshot.ref.id,
        values={one.mapping.field: one.value for one in batch.writes},
        elements=_element_edits(batch.elements),
        before={one.mapping.field: one.before for one in batch.writes if one.before is not None},
    )
    done = await engine.tracker(look.half).edit(edit, Wanted(fields=batch.kinds(), history=True), Lane.LIVE)
    if isinstance(done, Refusal) and done.gone:
        raise gone(work)
    return done


def _element_edits(elements: tuple[ElementWrite, ...]) -> dict[FieldId, ElementEdit]:
    add: dict[FieldId, set[Option]] = {}
    remove: dict[FieldId, set[Option]] = {}
    for element in elements:
        target = add if element.change.present else remove
        target.setdefault(element.mapping.field, set()).update(element.options)
    return {
        field: ElementEdit(add=frozenset(add.get(field, ())), remove=frozenset(remove.get(field, ())))
        for field in add.keys() | remove.keys()
    }


def _settle(work: Work, batch: _Batch, done: Edited) -> Work:
    look = replace(work.look, pair=work.plan.pair, stamps=work.plan.stamps)
    outcome = settle_writes(look, batch.writes, done.at, done.after, work.plan.entry)
    work = with_outcome(work, outcome)
    look = replace(look, pair=work.plan.pair, stamps=work.plan.stamps)
    return with_outcome(work, settle_elements(look, batch.elements, done.at))


def _park(work: Work, batch: _Batch, refusal: Refusal) -> Work:
    """Keep what was refused, with its stamp, and say why."""
    for write in batch.writes:
        held = Parked(value=write.change.value, stamp=write.change.stamp)
        work = _parked(work, write.mapping, held, refusal)
    for element in batch.elements:
        change = element.change
        held = Parked(value=(), stamp=change.stamp, element=change.element, present=change.present)
        work = _parked(work, element.mapping, held, refusal)
    return work


def _parked(work: Work, mapping: FieldMapping, held: Parked, refusal: Refusal) -> Work:
    words = refusal.fields.get(mapping.field) or refusal.words
    cure = f"Put '{mapping.name}' on the edit screen of this issue type or mend what Jira complains about, then retry."
    if "permission" in words.casefold():  # Jira says so in the language of our account; in others the words tell
        cure = "Give our account the permission that Jira names, then retry."
    problem = trouble(
        work.look,
        Code.FIELD_REFUSED,
        f"Jira refused '{mapping.name}': {words}",
        cure,
        mapping=mapping.id,
    )
    plan = replace(
        work.plan,
        pair=parked(work.plan.pair, mapping.id, held),
        problems=(*work.plan.problems, problem),
        notes=(*work.plan.notes, Note(what=What.FIELD_PARKED, mapping=mapping.id, because=words)),
    )
    return replace(work, plan=plan)
