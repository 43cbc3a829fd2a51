"""Looks at one issue for tests of a single decision: half B, an issue with some values, what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import (
    ConnectorKey,
    FieldId,
    IssueId,
    IssueKey,
    IssueRef,
    MappingId,
    Millis,
    PairUid,
    ProjectId,
    Role,
)
from backbone.core.model.pair import Baseline, BaselineState, Pair, PairState
from backbone.core.model.snapshot import HistoryItem, IssueSnapshot, Marker
from backbone.core.model.stamps import IssueStamps, Stamp
from backbone.core.model.values import Value
from backbone.core.sync.incoming import Plan, decide_incoming
from backbone.core.sync.outgoing import Look
from tests.fakes.halves import DEFECT, half, mappings

NOW = Millis(1_000_000)
MARKER = Marker(installation="i", incarnation="n", synchronization="INT-1", partner="", attempt="t")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a multi-value in a message."""

    name: str
    present: bool


def element(name: str, *, present: bool) -> Element:
    return Element(name, present)


def mapping_of(field: FieldId) -> FieldMapping:
    return next(one for one in mappings(Role.SECOND) if one.field == field)


def looking(
    values: Mapping[FieldId, Value],
    *,
    baselines: Mapping[FieldId, Baseline] | None = None,
    stamps: IssueStamps | None = None,
    history: tuple[HistoryItem, ...] = (),
) -> Look:
    """A look of half B; fields without a baseline were observed as they are."""
    ref = IssueRef(id=IssueId("B1"), key=IssueKey("B-1"))
    known = {MappingId(f"m-{field}"): Baseline(state=BaselineState.OBSERVED) for field in values}
    known |= {MappingId(f"m-{field}"): base for field, base in (baselines or {}).items()}
    pair = Pair(
        uid=PairUid("u"),
        connector=ConnectorKey("B-1"),
        state=PairState.LINKED,
        born_here=False,
        local=ref,
        baselines=known,
    )
    snapshot = IssueSnapshot(
        ref=ref,
        project=ProjectId("B"),
        type=DEFECT,
        created=Millis(NOW - 1000),
        updated=Millis(NOW - 500),
        read_at=NOW,
        values=values,
        comments=(),
        files=(),
        history=history,
    )
    configuration = half("INT-1", "B-1", "B", Role.SECOND)
    return Look(half=configuration, pair=pair, stamps=stamps or IssueStamps(), snapshot=snapshot, now=NOW)


def merged(look: Look, field: FieldId, value: tuple[str, ...] | Element, *, number: int) -> Plan:
    """The plan for one incoming change with a stamp of the first connector."""
    stamp = Stamp(number=number, role=Role.FIRST, origin="A")
    if isinstance(value, Element):
        change = ElementChange(alias=field, element=value.name, present=value.present, stamp=stamp)
        changes = Changes(elements=(change,))
    else:
        changes = Changes(fields=(FieldChange(alias=field, value=value, stamp=stamp),))
    plan = decide_incoming(look, changes, MARKER)
    assert isinstance(plan, Plan)
    return plan
