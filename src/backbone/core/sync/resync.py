"""What a resync tells the partner of an issue: its present values as if they had just been entered (rule 6).

A person asks for it where the sides went apart: after a mapping was mended, or after issues were paired by hand. The
stamps are as new as the wish itself, so that whatever was edited after it, on either side, stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.core.mapping.values import Unshareable, share, show_shared
from backbone.core.model.changes import Changes, FieldChange, MembersAsserted
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import STATUS, MappingId, Millis
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import ElementStamp, FieldStamp, Stamp
from backbone.core.model.values import Fingerprint, Shared, Value, fingerprint, fingerprint_of_shared
from backbone.core.protocol.sequence import coalesce
from backbone.core.sync.diff import FieldView, agreed
from backbone.core.sync.members import MembersView, with_floor
from backbone.core.sync.notes import Note, What, shorten
from backbone.core.sync.outgoing import Look, Needs, Told, decide_outgoing, view_field, view_members

BECAUSE = "a resync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a person wants to be resynchronized: these mappings, the status if asked for, as of the moment of the wish."""

    mappings: frozenset[MappingId]
    status: bool
    at: Millis

    def covers(self, mapping: FieldMapping) -> bool:
        """Whether the mapping's value is asserted; the status only if it was asked for by itself."""
        if mapping.field == STATUS:
            return self.status and mapping.sends
        return mapping.id in self.mappings and mapping.sends


def decide_resync(look: Look, wanted: Assertion) -> Told | Needs:
    """Decide what the partner must be told: what was edited anyway, and the values that are asserted."""
    told = decide_outgoing(look)
    if isinstance(told, Needs):
        return told
    for mapping in look.half.mappings_for(look.snapshot.type):
        value = look.snapshot.values.get(mapping.field)
        if value is None or not wanted.covers(mapping) or told.pair.parked.get(mapping.id):
            continue  # a value that waits to be written here is newer than ours: it must not be lost over there
        assert_value = _assert_members if mapping.kind.multi else _assert_field
        told = assert_value(look, told, mapping, value, wanted.at)
    return told


def _assert_field(look: Look, told: Told, mapping: FieldMapping, value: Value, at: Millis) -> Told:
    """A value that can't be shared competes with nothing, and so asserts nothing (rule 8)."""
    shared = share(mapping, value)
    if isinstance(shared, Unshareable):
        return told
    view = view_field(replace(look, pair=told.pair, stamps=told.stamps), mapping, value)
    stamp = look.signer.stamp(at, view.known.stamp if view.known else None, view.base.stamp)
    before = look.pair.agreed_of(mapping.id)
    stands_for = _stands_for(replace(view, base=before), shared)
    change = FieldChange(alias=mapping.alias, value=shared, stamp=stamp, asserts=stands_for)
    base = replace(agreed(value, shared, stamp, view.updated), shared=stands_for)
    known = FieldStamp(value=fingerprint(value), stamp=stamp)
    told = _with_base(told, mapping, base)
    return replace(
        told,
        stamps=replace(told.stamps, fields={**told.stamps.fields, mapping.field: known}),
        changes=coalesce([told.changes, Changes(fields=(change,))]),
        notes=(*told.notes, _note(mapping, show_shared(shared))),
    )


def _stands_for(view: FieldView, shared: Shared) -> Fingerprint:
    """The fingerprint of the value that was agreed, as long as the field holds what our Jira made of it (rule 9)."""
    base = view.base
    unedited = base.state is BaselineState.AGREED and base.local == fingerprint(view.value)
    if view.mapping.kind.rendered and unedited and base.shared is not None:
        return base.shared
    return fingerprint_of_shared(shared)


def _assert_members(look: Look, told: Told, mapping: FieldMapping, value: Value, at: Millis) -> Told:
    view = view_members(replace(look, pair=told.pair, stamps=told.stamps), mapping, value)
    stamp = look.signer.stamp(at, *_stamps_of(view))
    here = view.shared
    there = {name: ElementStamp(present=True, stamp=stamp) for name in here.values()}
    gone = {name: ElementStamp(present=False, stamp=stamp) for name in view.base.elements.keys() - there.keys()}
    base = replace(with_floor(view.base, stamp), members=here, elements=there | gone, at=view.updated)
    known = {**view.known, **{ident: ElementStamp(present=True, stamp=stamp) for ident in here}}
    whole = MembersAsserted(alias=mapping.alias, elements=frozenset(there), stamp=stamp)
    told = _with_base(told, mapping, base)
    return replace(
        told,
        stamps=replace(told.stamps, elements={**told.stamps.elements, mapping.field: known}),
        changes=_without_elements(told.changes, whole),
        notes=(*told.notes, _note(mapping, ", ".join(sorted(there)) or "(empty)")),
    )


def _stamps_of(view: MembersView) -> list[Stamp]:
    """Every stamp that is known of the multi-value: the assertion is newer than all."""
    known = [one.stamp for one in (*view.known.values(), *view.base.elements.values())]
    return known if view.base.floor is None else [*known, view.base.floor]


def _without_elements(changes: Changes, whole: MembersAsserted) -> Changes:
    """The whole multi-value says all that its elements would."""
    elements = tuple(one for one in changes.elements if one.alias != whole.alias)
    return coalesce([replace(changes, elements=elements), Changes(members=(whole,))])


def _with_base(told: Told, mapping: FieldMapping, base: Baseline) -> Told:
    return replace(told, pair=replace(told.pair, baselines={**told.pair.baselines, mapping.id: base}))


def _note(mapping: FieldMapping, after: str) -> Note:
    return Note(what=What.FIELD_SENT, mapping=mapping.id, after=shorten(after), because=BECAUSE)
