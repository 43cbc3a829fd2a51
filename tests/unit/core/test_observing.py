"""What a look makes of a value that only we know."""

from __future__ import annotations

from dataclasses import fields

from backbone.core.model.keys import Millis, Role
from backbone.core.model.pair import NOTHING_AGREED, Baseline, BaselineState
from backbone.core.model.stamps import ElementStamp, Stamp
from backbone.core.model.values import Fingerprint, Scalar
from backbone.core.sync.diff import observed
from tests.fakes.halves import half

STAMP = Stamp(number=7, role=Role.FIRST, origin="one")


def test_all_that_was_known_stays_but_the_value_itself() -> None:
    mapping = half("INT-1", "A-1", "A", Role.FIRST).fields[0]
    known = Baseline(
        state=BaselineState.AGREED,
        local=Fingerprint("before"),
        shared=Fingerprint("told"),
        stamp=STAMP,
        members={"1": "one"},
        elements={"one": ElementStamp(present=True, stamp=STAMP)},
        at=Millis(1),
        floor=STAMP,
    )
    assert all(getattr(known, one.name) != getattr(NOTHING_AGREED, one.name) for one in fields(Baseline))

    now = observed(mapping, Scalar("now"), known, Millis(2))

    changed = {one.name for one in fields(Baseline) if getattr(now, one.name) != getattr(known, one.name)}
    assert changed == {"state", "local", "shared", "at"}
