"""Two halves converge, whatever resyncs people ask for in between and wherever those are cut short.

And what nobody can have noticed is made good: after a resync the other side has the sender's values.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backbone.app.engine.resync import Fate
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, ConnectionName, FieldId, Millis
from backbone.core.model.values import Value
from tests.fakes.halves import LOCAL_ONLY, NOTE
from tests.fakes.jira import FakeIssue
from tests.fakes.resync import Struck, resync
from tests.fakes.scene import A, B
from tests.fakes.world import drive
from tests.properties.agreement import check_fields, pairs_of
from tests.properties.people import CHOICES
from tests.properties.test_two_halves import TwoHalves


@dataclass(frozen=True, slots=True)
class Wish:
    """A resync that somebody asked for."""

    half: HalfConfiguration
    at: Millis
    status: bool
    struck: Struck


class Resyncs(TwoHalves):
    """People ask for resyncs; one that died goes on at some time, at the latest before all is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []

    @rule(side=st.sampled_from([A, B]), status=st.booleans())
    def wish(self, side: ConnectionName, status: bool) -> None:
        half = next(one for one in self.world.halves if one.connection == side)
        self.wishes.append(Wish(half, self.world.system.now(), status, Struck(self.world)))

    @precondition(lambda self: self.wishes)
    @rule(at=st.integers(0, 20), what=st.sampled_from(["nothing", "crash", "lost"]))
    def go_on(self, at: int, what: str) -> None:
        with self._disturbed(what, at):
            self._resync(self.wishes[0])

    @rule(side=st.sampled_from([A, B]), data=st.data())
    def drift(self, side: ConnectionName, data: st.DataObject) -> None:
        """The sides go apart without a trace, and a resync makes them equal again."""
        self._check()
        self.world.system.time += 3_600_000
        pairs = pairs_of(self.world)
        for first, second in pairs:
            sender, other = (second, first) if side == B else (first, second)
            shared = [field for field in CHOICES[side] if field != NOTE and sender.values[field] != LOCAL_ONLY]
            self._drift(A if side == B else B, other, shared, data)
        kept = {one.ref.id: dict(one.values) for one in self.jiras[side].issues.values()}
        self.wish(side, status=False)
        self._check()
        for one in self.jiras[side].issues.values():
            assert one.values == kept[one.ref.id], "a resync changes nothing at its sender"
        for first, second in pairs:
            check_fields(first, second)

    def _drift(self, side: ConnectionName, issue: FakeIssue, fields: list[FieldId], data: st.DataObject) -> None:
        """What the sender can't share asserts nothing, and an edit of the other side wins over it."""
        for field in data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True)):
            value = data.draw(st.sampled_from([one for one in CHOICES[side][field] if one != LOCAL_ONLY]))
            issue.values[field] = value

    def _check(self) -> None:
        self._end_trouble()
        for _ in range(20):
            for one in list(self.wishes):
                self._resync(one)
            if not self.wishes:
                break
            drive(self.world.settle())
        assert not self.wishes, "a resync ends"
        super()._check()

    def _resync(self, one: Wish) -> None:
        """Go on with it; what it asserted counts as edited by its side."""
        before = one.struck.issues
        one.struck.world = self.world
        fates = drive(resync(self.world, one.half, status=one.status, at=one.at, struck=one.struck))
        side = one.half.connection
        for issue in one.struck.issues - before:
            if one.struck.fates[issue] is Fate.ASSERTED:
                self._note(side, self.jiras[side].issues[issue])
        if (fates and Fate.LATER not in fates.values()) or not set(self.jiras[side].issues) - one.struck.issues:
            self.wishes.remove(one)

    def _note(self, side: ConnectionName, issue: FakeIssue) -> None:
        for field, value in issue.values.items():
            self._noted(issue, field, side, value)

    def _noted(self, issue: FakeIssue, field: FieldId, side: ConnectionName, value: Value) -> None:
        if field in CHOICES[side] or field == STATUS:
            self.edits.setdefault((issue.ref.id, field), []).append((side, value))


TestResyncs = Resyncs.TestCase
