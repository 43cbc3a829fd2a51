"""What somebody edited of a single value: the difference to what was agreed (rules 1, 2, 6 to 9).

One field at a time, values in and values out. Our own writes vanish here because they equal the baseline or an
attempted value; invisible differences vanish because they share to the same value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.core.mapping.values import Unshareable, share
from backbone.core.model.changes import FieldChange
from backbone.core.model.configuration import FieldMapping, StartPolicy
from backbone.core.model.keys import Millis
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import Attempted, FieldStamp, Signer, Stamp
from backbone.core.model.values import FieldKind, Shared, Value, fingerprint, fingerprint_of_shared


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """All that is known of one single-valued field at this moment.

    ``edited`` is when it was edited last; ``after`` the stamp of an own write that the editor had seen;
    ``silent`` tells that the history denies any edit, although the text differs (rule 9); ``foreign`` that it shows
    one by somebody else since the baseline. ``drifted`` tells that the value is not the one that was agreed, be it that
    our Jira made it anew: then a resync writes it.
    """

    mapping: FieldMapping
    value: Value
    base: Baseline
    known: FieldStamp | None
    attempted: tuple[Attempted, ...] = ()
    edited: Millis
    updated: Millis
    after: Stamp | None = None
    silent: bool = False
    foreign: bool = False
    drifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDiff:
    """What the look brought: the new baseline, the new stamp of the field, and what the partner must be told."""

    base: Baseline
    known: FieldStamp | None
    change: FieldChange | None = None


def diff_field(view: FieldView, signer: Signer) -> FieldDiff:
    """Compare one single value with its baseline."""
    local = fingerprint(view.value)
    if view.base.state is BaselineState.UNKNOWN:
        return _first_look(view, signer)
    if view.base.local is None and not view.foreign:
        return FieldDiff(base=observed(view.mapping, view.value, view.base, view.updated), known=view.known)
    if view.after is None and (local == view.base.local or any(local == one.value for one in view.attempted)):
        return _renamed(view) if local == view.base.local else _unchanged(view)
    if view.silent:
        return FieldDiff(base=replace(view.base, local=local, at=view.updated), known=view.known)
    shared = share(view.mapping, view.value)
    if isinstance(shared, Unshareable) or not view.mapping.sends:
        return _unchanged(view)
    if view.after is None and fingerprint_of_shared(shared) == view.base.shared:
        return FieldDiff(base=replace(view.base, local=local, at=view.updated), known=view.known)
    return _edit(view, signer, shared)


def _unchanged(view: FieldView) -> FieldDiff:
    return FieldDiff(base=view.base, known=view.known)


def _first_look(view: FieldView, signer: Signer) -> FieldDiff:
    """Nothing was agreed yet: the side that the start policy names asserts its value, the other one observes."""
    shared = share(view.mapping, view.value)
    asserts = view.mapping.start is not StartPolicy.HOLD and view.mapping.start.value == signer.role.value
    if asserts and view.mapping.sends and not isinstance(shared, Unshareable):
        return _edit(view, signer, shared)
    return FieldDiff(base=observed(view.mapping, view.value, view.base, view.updated), known=view.known)


def _renamed(view: FieldView) -> FieldDiff:
    """Nobody edited the value, but a changed table gives it another shared name: it is told again as the old edit.

    Under its old stamp it reaches only a partner who could not take it under its old name (rule 10).
    """
    base = view.base
    if not (view.mapping.sends and view.mapping.kind in _NAMED and base.stamp is not None and base.shared is not None):
        return _unchanged(view)
    shared = share(view.mapping, view.value)
    if isinstance(shared, Unshareable) or fingerprint_of_shared(shared) == base.shared:
        return _unchanged(view)
    change = FieldChange(alias=view.mapping.alias, value=shared, stamp=base.stamp)
    return FieldDiff(base=replace(base, shared=fingerprint_of_shared(shared)), known=view.known, change=change)


_NAMED = frozenset({FieldKind.OPTION, FieldKind.CASCADE, FieldKind.STATUS})


def observed(mapping: FieldMapping, value: Value, base: Baseline, at: Millis) -> Baseline:
    """The baseline of a single value that only we know."""
    shared = share(mapping, value)
    return Baseline(  # and not replace, which takes four times as long: this is made of every field of a new issue
        state=BaselineState.OBSERVED,
        local=fingerprint(value),
        shared=None if isinstance(shared, Unshareable) else fingerprint_of_shared(shared),
        stamp=base.stamp,
        members=base.members,
        elements=base.elements,
        at=at,
        floor=base.floor,
    )


def untouched(mapping: FieldMapping, value: Value, base: Baseline) -> bool:
    """Whether a field to which we write nothing is as it was, and has the name under which it was told.

    Most fields are, at most looks; no more has to be known of them.
    """
    same = base.local == fingerprint(value) and base.state is not BaselineState.UNKNOWN
    return same and mapping.kind not in _NAMED


def _edit(view: FieldView, signer: Signer, shared: Shared) -> FieldDiff:
    local = fingerprint(view.value)
    known = view.known
    if known is None or known.value != local or view.after is not None:
        seen = (known.stamp if known else None, view.base.stamp, view.base.floor, view.after)
        known = FieldStamp(value=local, stamp=signer.stamp(view.edited, *seen))
    base = agreed(view.value, shared, known.stamp, view.updated)
    if known.stamp == view.base.stamp:
        return FieldDiff(base=base, known=known)
    return FieldDiff(
        base=base, known=known, change=FieldChange(alias=view.mapping.alias, value=shared, stamp=known.stamp)
    )


def agreed(value: Value, shared: Shared, stamp: Stamp, at: Millis | None) -> Baseline:
    """The baseline of a single value that both sides know."""
    return Baseline(
        state=BaselineState.AGREED,
        local=fingerprint(value),
        shared=fingerprint_of_shared(shared),
        stamp=stamp,
        at=at,
    )
