"""Paired issues that differ in fields on which nothing was agreed, and nobody said whose value counts (rule 6)."""

from __future__ import annotations

from collections.abc import Collection

from backbone.core.model.configuration import FieldMapping, HalfConfiguration, StartPolicy
from backbone.core.model.keys import MappingId
from backbone.core.model.pair import Baseline, BaselineState, Pair


def newly_observed(half: HalfConfiguration, before: Pair, after: Pair) -> tuple[FieldMapping, ...]:
    """Mappings of which nothing was known and whose value was looked at now, under the policy to hold differences."""
    if before.baselines is after.baselines:
        return ()
    return tuple(
        one
        for one in half.fields
        if one.start is StartPolicy.HOLD and _unknown(before, one.id) and _observed(after, one.id)
    )


def undecided(
    half: HalfConfiguration, pair: Pair, other: HalfConfiguration, partner: Pair, among: Collection[MappingId]
) -> tuple[FieldMapping, ...]:
    """Those of the mappings that both sides have looked at and not agreed on, and whose values differ.

    A value that can't be shared competes with nothing (rule 8), so it is in no conflict.
    """
    aliases = {one.alias: one for one in other.fields}
    found = []
    for mapping in half.fields:
        theirs = aliases.get(mapping.alias)
        if mapping.id not in among or theirs is None or not _travels(mapping, theirs):
            continue
        here, there = pair.baselines.get(mapping.id), partner.baselines.get(theirs.id)
        if here is not None and there is not None and _differ(mapping, here, there):
            found.append(mapping)
    return tuple(found)


def _travels(mapping: FieldMapping, theirs: FieldMapping) -> bool:
    return (mapping.sends and theirs.receives) or (mapping.receives and theirs.sends)


def _differ(mapping: FieldMapping, here: Baseline, there: Baseline) -> bool:
    if mapping.kind.multi:
        return _elements_differ(here, there)
    if BaselineState.OBSERVED is not here.state or BaselineState.OBSERVED is not there.state:
        return False
    return here.shared is not None and there.shared is not None and here.shared != there.shared


def _elements_differ(here: Baseline, there: Baseline) -> bool:
    """Whether one side has an element of which neither has ever told the other."""
    if here.members is None or there.members is None:
        return False
    different = set(here.members.values()) ^ set(there.members.values())
    return bool(different - here.elements.keys() - there.elements.keys())


def _unknown(pair: Pair, mapping: MappingId) -> bool:
    base = pair.baselines.get(mapping)
    return base is None or base.state is BaselineState.UNKNOWN


def _observed(pair: Pair, mapping: MappingId) -> bool:
    base = pair.baselines.get(mapping)
    return base is not None and base.state is BaselineState.OBSERVED
