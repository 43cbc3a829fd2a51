"""Parked values: kept until they can be written, tried again when the cause may be gone (rule 22)."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import MappingId
from backbone.core.model.pair import Pair, Parked
from backbone.core.model.stamps import Stamp


def parked(pair: Pair, mapping: MappingId, held: Parked) -> Pair:
    """Keep a value that can't be written now, unless a newer one of the same field or element is kept already."""
    known = pair.parked.get(mapping, ())
    if any(one.element == held.element and one.stamp > held.stamp for one in known):
        return pair
    others = tuple(one for one in known if one.element != held.element)
    return replace(pair, parked={**pair.parked, mapping: (*others, held)})


def without_parked(pair: Pair, mapping: MappingId, element: str | None, up_to: Stamp) -> Pair:
    """The pair once a value with that stamp is settled: what was parked before it has no say any more."""
    if mapping not in pair.parked:
        return pair
    held = tuple(one for one in pair.parked[mapping] if one.element != element or one.stamp > up_to)
    others = {key: values for key, values in pair.parked.items() if key != mapping}
    return replace(pair, parked={**others, mapping: held} if held else others)


def parked_changes(half: HalfConfiguration, pair: Pair, *, everything: bool) -> Changes:
    """What is parked for the mappings that still exist, and held: all of it, or only what we owe anyway."""
    mappings = {one.id: one for one in half.fields}
    held = [
        (mappings[key], one)
        for key, values in pair.parked.items()
        if key in mappings
        for one in values
        if everything or one.owed
    ]
    return Changes(
        fields=tuple(
            FieldChange(alias=mapping.alias, value=one.value, stamp=one.stamp)
            for mapping, one in held
            if one.element is None
        ),
        elements=tuple(
            ElementChange(alias=mapping.alias, element=one.element, present=one.present, stamp=one.stamp)
            for mapping, one in held
            if one.element is not None
        ),
        comments=tuple(pair.held_comments.values()) if everything else (),
        files=tuple(pair.held_files.values()) if everything else (),
    )


def owes(pair: Pair) -> bool:
    """Whether an edit that we wrote over still has to be written back."""
    return any(one.owed for values in pair.parked.values() for one in values)


def holds_back(pair: Pair) -> bool:
    """Whether anything that the partner told of could not be written here yet."""
    return bool(pair.parked or pair.held_comments or pair.held_files or pair.unshown)
