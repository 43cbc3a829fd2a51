"""An incoming single value against ours (rules 1, 5 and 8): who is newer, and whether anything has to be written."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.mapping.values import Unknown, Unshareable, adopt, share
from backbone.core.model.changes import FieldChange
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.pair import Baseline
from backbone.core.model.stamps import FieldStamp
from backbone.core.model.values import Value, fingerprint, fingerprint_of_shared
from backbone.core.sync.diff import FieldView, agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The value is to be written; ``before`` is what the field holds now, absent if it was not readable."""

    mapping: FieldMapping
    change: FieldChange
    value: Value
    before: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Nothing to write: the field is already what the partner wants."""

    base: Baseline
    known: FieldStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """Ours is newer; ``answer`` is what the partner has to be told, if it was not told yet. ``lost`` names a loser."""

    base: Baseline
    answer: FieldChange | None
    lost: bool


def merge_field(view: FieldView, change: FieldChange) -> Write | Settled | Older | Unknown:
    """Merge one incoming value into the field as it is now; unsent edits of ours are stamped already (rule 4)."""
    newest = view.known.stamp if view.known else None
    if view.base.stamp is not None:
        newest = view.base.stamp if newest is None else max(newest, view.base.stamp)
    if newest is not None and change.stamp <= newest:
        return _older(view, change)
    adopted = adopt(view.mapping, change.value)
    if share(view.mapping, view.value) == change.value or adopted == view.value or _stands_for(view, change):
        return settle(view.value, change, view)
    if isinstance(adopted, Unknown):
        return adopted
    return Write(mapping=view.mapping, change=change, value=adopted, before=view.value)


def _stands_for(view: FieldView, change: FieldChange) -> bool:
    """Whether our text is what the partner's was made of, or was made of it: a Jira may render texts anew (rule 9)."""
    if change.asserts is None:
        return False
    shared = share(view.mapping, view.value)
    if not isinstance(shared, Unshareable) and fingerprint_of_shared(shared) == change.asserts:
        return True
    unchanged = view.base.local == fingerprint(view.value) and not view.drifted
    return view.mapping.kind.rendered and unchanged and view.base.shared == change.asserts


def settle(value: Value, change: FieldChange, view: FieldView) -> Settled:
    """The field holds ``value``, which stands for what the partner sent."""
    return Settled(
        base=agreed(value, change.value, change.stamp, view.updated),
        known=FieldStamp(value=fingerprint(value), stamp=change.stamp),
    )


def _older(view: FieldView, change: FieldChange) -> Older:
    repeat = view.base.stamp is not None and change.stamp == view.base.stamp
    shared = share(view.mapping, view.value)
    if repeat or isinstance(shared, Unshareable):
        return Older(base=view.base, answer=None, lost=False)
    lost = shared != change.value
    known = view.known
    if known is None or known.value != fingerprint(view.value):
        return Older(base=view.base, answer=None, lost=lost)
    if change.stamp == known.stamp:
        return Older(base=agreed(view.value, shared, known.stamp, view.updated), answer=None, lost=False)
    if not view.mapping.sends or known.stamp == view.base.stamp:
        return Older(base=view.base, answer=None, lost=lost)
    base = agreed(view.value, shared, known.stamp, view.updated)
    answer = FieldChange(alias=view.mapping.alias, value=shared, stamp=known.stamp)
    return Older(base=base, answer=answer, lost=lost)
