"""Multi-values, whose elements travel one by one, each with its stamp (rule 3).

Elements are known here by the id of the local option; the partner knows them by what they share to. Several local
elements may share to one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from backbone.core.mapping.values import UNSHAREABLE, Unknown, Unshareable, adopt_element, counterparts, share_element
from backbone.core.model.changes import ElementChange, MembersAsserted
from backbone.core.model.configuration import FieldMapping, StartPolicy
from backbone.core.model.keys import Millis
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import ElementStamp, Signer, Stamp
from backbone.core.model.values import Members, Option, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersView:
    """All that is known of one multi-value; ``known`` and ``attempted`` are by local option id."""

    mapping: FieldMapping
    value: Members
    base: Baseline
    known: Mapping[str, ElementStamp] = field(default_factory=dict)
    attempted: Mapping[str, ElementStamp] = field(default_factory=dict)
    edited: Millis
    updated: Millis

    @property
    def shared(self) -> dict[str, str]:
        """Present elements that can be shared: local id and what it shares to."""
        return shared_by_id(self.mapping, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersDiff:
    """What the look brought: the new baseline, the stamps of elements, and what the partner must be told."""

    base: Baseline
    known: Mapping[str, ElementStamp]
    changes: tuple[ElementChange, ...] = ()


def shared_by_id(mapping: FieldMapping, members: Members) -> dict[str, str]:
    """The elements that can be shared: local id and what it shares to."""
    pairs = ((option.id, share_element(mapping, option)) for option in members.options)
    return {ident: alias for ident, alias in pairs if not isinstance(alias, Unshareable)}


def as_members(value: Value) -> Members:
    """An empty multi-value has no members."""
    return value if isinstance(value, Members) else Members(frozenset())


def diff_members(view: MembersView, signer: Signer) -> MembersDiff:
    """Compare a multi-value with its baseline, element by element."""
    if view.base.members is None:
        asserts = view.mapping.start is not StartPolicy.HOLD and view.mapping.start.value == signer.role.value
        if view.base.state is not BaselineState.UNKNOWN or not (asserts and view.mapping.sends):
            return MembersDiff(base=_observed(view), known=view.known)
        view = replace(view, base=replace(view.base, members={}))
    if not view.mapping.sends:
        return MembersDiff(base=view.base, known=view.known)
    touched = _touched(view)
    if not touched:
        members = view.base.members or {}
        base = replace(view.base, state=BaselineState.AGREED, members=members, at=view.updated)
        return MembersDiff(base=base, known=view.known)
    return _told(view, touched, _stamped(view, touched, signer))


def _observed(view: MembersView) -> Baseline:
    return replace(view.base, state=BaselineState.OBSERVED, members=view.shared, at=view.updated)


def _touched(view: MembersView) -> dict[str, str]:
    """Elements that came or went, other than by our own attempt: local id and what it shares to.

    One that is there still and only lost its name, since a changed table does not have it, did not go (rule 8). Where
    a changed table took a name from one element and gave it to another one, all that it renamed are among them.
    """
    before, now = view.base.members or {}, view.shared
    gone = before.keys() - {option.id for option in view.value.options}
    touched = {ident: now.get(ident) or before[ident] for ident in gone | (now.keys() - before.keys())}
    touched = {ident: alias for ident, alias in touched.items() if not _own(view, ident, present=ident in now)}
    renamed = _renamed(view) if touched else {}
    return touched | {ident: name for ident, name in renamed.items() if name is not None}


def _renamed(view: MembersView) -> dict[str, str | None]:
    """The remembered elements that a changed table calls otherwise: local id and present name, if it has one.

    None where no present element has the former name of another one: then each name stands for one element still.
    """
    before, now = view.base.members or {}, view.shared
    called = {ident: now.get(ident) or _called(view.mapping, ident) for ident in before}
    renamed = {ident: name for ident, name in called.items() if name != before[ident]}
    return renamed if any(before[ident] in now.values() for ident in renamed) else {}


def _called(mapping: FieldMapping, ident: str) -> str | None:
    """What an option shares to of which only the id is left."""
    if mapping.table is not None:
        return mapping.table.to_alias.get(ident)
    return next((option.name for option in (mapping.options or {}).values() if option.id == ident), None)


def _own(view: MembersView, ident: str, *, present: bool) -> bool:
    attempted = view.attempted.get(ident)
    return attempted is not None and attempted.present == present


def _stamped(view: MembersView, touched: Collection[str], signer: Signer) -> dict[str, ElementStamp]:
    now = view.shared
    return {ident: _element_stamp(view, signer, ident, present=ident in now) for ident in sorted(touched)}


def _element_stamp(view: MembersView, signer: Signer, ident: str, *, present: bool) -> ElementStamp:
    known, floor = view.known.get(ident), view.base.floor
    if known is not None and known.present == present and (floor is None or known.stamp >= floor):
        return known
    alias = view.shared.get(ident) or (view.base.members or {}).get(ident, "")
    told = view.base.elements.get(alias)
    seen = (known.stamp if known else None, told.stamp if told else None, floor)
    return ElementStamp(present=present, stamp=signer.stamp(view.edited, *seen))


def _told(view: MembersView, touched: Mapping[str, str], stamped: Mapping[str, ElementStamp]) -> MembersDiff:
    """Tell the partner of the shared elements whose presence is not what it knows.

    A name that a changed table gave to another element is told although the partner has it: it may have the former one.
    """
    now = view.shared
    passed = _passed(view)
    members = {ident: alias for ident, alias in (view.base.members or {}).items() if ident not in touched}
    members |= {ident: alias for ident, alias in now.items() if ident in touched}
    elements, changes = dict(view.base.elements), []
    for alias in sorted(set(touched.values())):
        present = alias in now.values()
        if present != _partner_has(view.base, alias) or alias in passed:
            stamp = _newest(stamped[ident] for ident, shared in touched.items() if shared == alias)
            elements[alias] = ElementStamp(present=present, stamp=stamp)
            changes.append(ElementChange(alias=view.mapping.alias, element=alias, present=present, stamp=stamp))
    base = replace(view.base, state=BaselineState.AGREED, members=members, elements=elements, at=view.updated)
    return MembersDiff(base=base, known={**view.known, **stamped}, changes=tuple(changes))


def _passed(view: MembersView) -> frozenset[str]:
    """The names that a changed table took from remembered elements, and those that it gave them instead."""
    renamed, before = _renamed(view), view.base.members or {}
    return frozenset(before[ident] for ident in renamed) | {name for name in renamed.values() if name is not None}


def _partner_has(base: Baseline, alias: str) -> bool:
    told = base.elements.get(alias)
    return told.present if told is not None else alias in (base.members or {}).values()


def _newest(stamps: Iterable[ElementStamp]) -> Stamp:
    return max(one.stamp for one in stamps)


# --- incoming ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementWrite:
    """An element to add (the option we adopt) or to remove (all local ones that share to it)."""

    mapping: FieldMapping
    change: ElementChange
    options: frozenset[Option]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSettled:
    """Nothing to write: what the baseline and the stamps become."""

    base: Baseline
    known: Mapping[str, ElementStamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOlder:
    """Ours is newer; ``answer`` is what the partner has to be told, if it was not told yet."""

    base: Baseline
    answer: ElementChange | None


def merge_element(view: MembersView, change: ElementChange) -> ElementWrite | ElementSettled | ElementOlder | Unknown:
    """Merge one incoming element into the multi-value as it is now."""
    adopted = adopt_element(view.mapping, change.element)
    newest = _newest_known(view, change.element, adopted)
    if view.base.floor is not None and change.stamp < view.base.floor:  # named by the same resync, it is no older
        newest = max(newest, view.base.floor) if newest is not None else view.base.floor
    if newest is not None and change.stamp <= newest:
        return _older(view, change, newest)
    present = counterparts(view.mapping, view.value, change.element)
    if not change.present:
        present |= _agreed_as(view, change.element, present)
    if change.present == bool(present):
        return settle_element(view.base, view.known, change, present or _options(adopted))
    if not change.present:
        return ElementWrite(mapping=view.mapping, change=change, options=present)
    if isinstance(adopted, Unknown):
        return adopted
    return ElementWrite(mapping=view.mapping, change=change, options=frozenset({adopted}))


def _agreed_as(view: MembersView, alias: str, called: frozenset[Option]) -> frozenset[Option]:
    """The present elements that the partner knows by that name, be it that a changed table gives them another one.

    Where others are ``called`` so now, those stay that it knows by their new names, too.
    """
    before, now = view.base.members or {}, view.shared
    agreed = frozenset(option for option in view.value.options if before.get(option.id) == alias)
    if not called:
        return agreed
    return frozenset(one for one in agreed if not _partner_has(view.base, now.get(one.id, alias)))


def _options(adopted: Option | Unknown) -> frozenset[Option]:
    return frozenset() if isinstance(adopted, Unknown) else frozenset({adopted})


def _newest_known(view: MembersView, alias: str, adopted: Option | Unknown) -> Stamp | None:
    idents = {adopted.id} if isinstance(adopted, Option) else set()
    idents |= {ident for ident, shared in (view.base.members or {}).items() if shared == alias}
    stamps = [view.known[ident].stamp for ident in idents if ident in view.known]
    if alias in view.base.elements:
        stamps.append(view.base.elements[alias].stamp)
    return max(stamps, default=None)


def asserted_elements(view: MembersView, whole: MembersAsserted) -> tuple[ElementChange, ...]:
    """What a resync of the partner wants of each element: those that it names are there, all others are not."""
    here = set(view.shared.values())
    return tuple(
        ElementChange(alias=whole.alias, element=name, present=name in whole.elements, stamp=whole.stamp)
        for name in sorted(here | whole.elements)
    )


def with_floor(base: Baseline, stamp: Stamp) -> Baseline:
    """The baseline once a resync named all elements: of the others nothing older than its stamp counts any more."""
    floor = stamp if base.floor is None else max(base.floor, stamp)
    return replace(base, state=BaselineState.AGREED, floor=floor)


def _older(view: MembersView, change: ElementChange, newest: Stamp) -> ElementOlder:
    present = change.element in view.shared.values()
    told = view.base.elements.get(change.element)
    if change.stamp == newest and present == change.present:
        elements = {**view.base.elements, change.element: ElementStamp(present=present, stamp=newest)}
        return ElementOlder(base=replace(view.base, elements=elements, members=_called_so(view, change)), answer=None)
    if (told is not None and told.stamp == newest) or not view.mapping.sends:
        return ElementOlder(base=view.base, answer=None)
    elements = {**view.base.elements, change.element: ElementStamp(present=present, stamp=newest)}
    answer = ElementChange(alias=view.mapping.alias, element=change.element, present=present, stamp=newest)
    return ElementOlder(base=replace(view.base, elements=elements), answer=answer)


def _called_so(view: MembersView, change: ElementChange) -> Mapping[str, str] | None:
    """What is remembered, once those that a changed table calls so are remembered by that name."""
    if view.base.members is None or not change.present:
        return view.base.members
    now = view.shared
    return {
        ident: change.element if now.get(ident) == change.element else alias
        for ident, alias in view.base.members.items()
    }


def after_attempt(view: MembersView, option: Option | None, attempted: ElementStamp) -> MembersView:
    """The view as if our attempted write of an element had been remembered: what differs from it is an edit."""
    alias = UNSHAREABLE if option is None else share_element(view.mapping, option)
    if option is None or isinstance(alias, Unshareable):
        return view
    newest = _newest_known(view, alias, option)
    if newest is not None and newest >= attempted.stamp:
        return view
    change = ElementChange(alias=view.mapping.alias, element=alias, present=attempted.present, stamp=attempted.stamp)
    settled = settle_element(view.base, view.known, change, frozenset({option}))
    return replace(view, base=settled.base, known=settled.known)


def settle_element(
    base: Baseline, known: Mapping[str, ElementStamp], change: ElementChange, options: frozenset[Option]
) -> ElementSettled:
    """The element is as the partner wants it, written by us or already so."""
    stamp = ElementStamp(present=change.present, stamp=change.stamp)
    idents = {option.id for option in options}
    members = {ident: alias for ident, alias in (base.members or {}).items() if change.present or ident not in idents}
    if change.present:
        members |= dict.fromkeys(sorted(idents), change.element)
    return ElementSettled(
        base=replace(
            base, state=BaselineState.AGREED, members=members, elements={**base.elements, change.element: stamp}
        ),
        known={**known, **dict.fromkeys(sorted(idents), stamp)},
    )
