"""Values asserted with fresh stamps because a person said so: ours count, whatever was agreed or is held back.

Pure. Unsent edits have to be told first (rule 4); what is asserted here is newer than all that is known of a field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from backbone.core.mapping.values import Unshareable, share
from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import MappingId
from backbone.core.model.pair import BaselineState, Pair, Parked
from backbone.core.model.stamps import ElementStamp, FieldStamp, Stamp
from backbone.core.model.values import Fingerprint, Shared, Value
from backbone.core.sync.diff import agreed
from backbone.core.sync.members import MembersView
from backbone.core.sync.outgoing import Look, view_field, view_members


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """The look with its new memory, what the partner has to be told, and fields whose value can't be shared."""

    look: Look
    changes: Changes = field(default_factory=Changes)
    unshareable: tuple[FieldMapping, ...] = ()


def assert_values(
    look: Look, wanted: Collection[MappingId], theirs: Mapping[MappingId, frozenset[str]] | None = None
) -> Asserted:
    """Our values of the wanted mappings, with fresh stamps; what is held back of them has no say any more.

    ``theirs`` are elements that the partner has of multi-values: those that we lack are told as removed. Of a mapping
    without them only the elements that are held back are told. What a mapping does not send is not told.
    """
    done = Asserted(look=look)
    for mapping in look.half.mappings_for(look.snapshot.type):
        value = look.snapshot.values.get(mapping.field)
        if mapping.id not in wanted or value is None:
            continue
        if mapping.kind.multi:
            done = _members(done, mapping, value, (theirs or {}).get(mapping.id))
        else:
            done = _single(done, mapping, value)
    return done


def _single(done: Asserted, mapping: FieldMapping, value: Value) -> Asserted:
    look = done.look
    view, shared = view_field(look, mapping, value), share(mapping, value)
    if isinstance(shared, Unshareable):
        return replace(done, unshareable=(*done.unshareable, mapping))
    pair = without_all_parked(look.pair, mapping.id)
    if not mapping.sends:
        return replace(done, look=replace(look, pair=pair))
    stamp = fresh(look, mapping, view.known)
    base = agreed(value, shared, stamp, view.updated)
    known = FieldStamp(value=base.local or Fingerprint(""), stamp=stamp)
    stamps = replace(look.stamps, fields={**look.stamps.fields, mapping.field: known})
    pair = replace(pair, baselines={**pair.baselines, mapping.id: base})
    told = FieldChange(alias=mapping.alias, value=shared, stamp=stamp)
    return replace(
        done,
        look=replace(look, pair=pair, stamps=stamps),
        changes=replace(done.changes, fields=(*done.changes.fields, told)),
    )


def fresh(look: Look, mapping: FieldMapping, known: FieldStamp | None) -> Stamp:
    """A stamp newer than everything that is known of a single value, held or agreed."""
    base = look.pair.agreed_of(mapping.id)
    held = [one.stamp for one in look.pair.parked.get(mapping.id, ())]
    return look.signer.stamp(look.now, base.stamp, known.stamp if known else None, *held)


def _members(done: Asserted, mapping: FieldMapping, value: Value, theirs: frozenset[str] | None) -> Asserted:
    look = done.look
    view = view_members(look, mapping, value)
    held = {one.element: one.stamp for one in look.pair.parked.get(mapping.id, ()) if one.element is not None}
    pair = without_all_parked(look.pair, mapping.id)
    if not mapping.sends:
        return replace(done, look=replace(look, pair=pair))
    scope = set(held) if theirs is None else {*held, *theirs, *view.shared.values()}
    known, elements, told = dict(view.known), dict(view.base.elements), list(done.changes.elements)
    for alias in sorted(scope):
        present = alias in view.shared.values()
        stamp = look.signer.stamp(look.now, *_seen(view, alias), held.get(alias))
        elements[alias] = ElementStamp(present=present, stamp=stamp)
        known |= dict.fromkeys(sorted(_idents(view, alias)), elements[alias])
        told.append(ElementChange(alias=mapping.alias, element=alias, present=present, stamp=stamp))
    base = replace(
        view.base, state=BaselineState.AGREED, members=view.shared, elements=elements, at=look.snapshot.updated
    )
    stamps = replace(look.stamps, elements={**look.stamps.elements, mapping.field: known})
    pair = replace(pair, baselines={**pair.baselines, mapping.id: base})
    return replace(
        done,
        look=replace(look, pair=pair, stamps=stamps),
        changes=replace(done.changes, elements=tuple(told)),
    )


def _idents(view: MembersView, alias: str) -> set[str]:
    """The local options that share to an element, now or when we looked last."""
    both = [*view.shared.items(), *(view.base.members or {}).items()]
    return {ident for ident, shared in both if shared == alias}


def _seen(view: MembersView, alias: str) -> list[Stamp]:
    stamps = [view.known[ident].stamp for ident in _idents(view, alias) if ident in view.known]
    return [*stamps, view.base.elements[alias].stamp] if alias in view.base.elements else stamps


# --- the partner's ----------------------------------------------------------------------------------------------------


def without_all_parked(pair: Pair, mapping: MappingId) -> Pair:
    """The pair once nothing of a mapping is held back any more."""
    return replace(pair, parked={key: held for key, held in pair.parked.items() if key != mapping})


def admit_parked(pair: Pair, mapping: MappingId) -> Pair:
    """What is held back of a mapping is to be written now, come what may: a person said so (rules 1 and 16)."""
    held = tuple(replace(one, owed=True) for one in pair.parked.get(mapping, ()))
    recent = {key: writes for key, writes in pair.recent.items() if key != mapping}
    return replace(pair, parked={**pair.parked, mapping: held} if held else pair.parked, recent=recent)


def restore_value(look: Look, mapping: FieldMapping, value: Shared) -> tuple[Pair, FieldChange | None]:
    """A value that lost is to count again: held to be written here, and told to the partner under the same stamp."""
    stamp = fresh(look, mapping, look.stamps.fields.get(mapping.field))
    owed = Parked(value=value, stamp=stamp, owed=True)
    pair = replace(look.pair, parked={**look.pair.parked, mapping.id: (owed,)})
    return pair, FieldChange(alias=mapping.alias, value=value, stamp=stamp) if mapping.sends else None
