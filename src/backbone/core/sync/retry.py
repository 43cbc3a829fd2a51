"""Parked values as changes again: to be tried once more when the cause may be gone (rule 22)."""

from __future__ import annotations

from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.pair import Pair


def parked_changes(half: HalfConfiguration, pair: Pair, *, everything: bool) -> Changes:
    """What is parked for the mappings that still exist: all of it, or only what we owe anyway."""
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
    )


def owes(pair: Pair) -> bool:
    """Whether an edit that we wrote over still has to be written back."""
    return any(one.owed for values in pair.parked.values() for one in values)
