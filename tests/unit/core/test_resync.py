"""Where a Jira renders texts anew, a resync writes nothing over a text that stands for the same (rule 9)."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.changes import Changes, FieldChange
from backbone.core.model.keys import SUMMARY, MappingId, Millis, Role
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Fingerprint, Scalar, fingerprint, fingerprint_of_shared
from backbone.core.sync.incoming import Plan, decide_incoming
from backbone.core.sync.outgoing import Look, Told
from backbone.core.sync.resync import Assertion, decide_resync
from tests.rules.pieces import MARKER, NOW, looking

WRITTEN, RENDERED = ("*a* ",), ("*a*",)
OLD = Stamp(number=100, role=Role.FIRST, origin="A")
NEW = Stamp(number=900_000, role=Role.FIRST, origin="A")

AGREED = Baseline(
    state=BaselineState.AGREED,
    local=fingerprint(Scalar(RENDERED[0])),
    shared=fingerprint_of_shared(WRITTEN),
    stamp=OLD,
    at=Millis(NOW - 500),
)


def _cloud(text: str) -> Look:
    """A half whose Jira made ``RENDERED`` of what the partner wrote, and holds a text now."""
    look = looking({SUMMARY: Scalar(text)}, baselines={SUMMARY: AGREED})
    return replace(look, half=replace(look.half, renders=True))


def _incoming(look: Look, value: tuple[str, ...], asserts: Fingerprint) -> Plan:
    change = FieldChange(alias=SUMMARY, value=value, stamp=NEW, asserts=asserts)
    plan = decide_incoming(look, Changes(fields=(change,)), MARKER)
    assert isinstance(plan, Plan)
    return plan


def test_what_was_made_of_the_partners_text_is_not_written_again() -> None:
    plan = _incoming(_cloud(RENDERED[0]), WRITTEN, fingerprint_of_shared(WRITTEN))
    assert plan.quiet
    assert plan.pair.baselines[MappingId("m-summary")].stamp == NEW


def test_another_text_is_written_although_no_history_tells_of_an_edit() -> None:
    plan = _incoming(_cloud("restored from a backup"), WRITTEN, fingerprint_of_shared(WRITTEN))
    assert [one.value for one in plan.writes] == [Scalar(WRITTEN[0])]


def test_a_text_that_the_partner_rendered_is_not_written_over_its_source() -> None:
    base = replace(AGREED, local=fingerprint(Scalar(WRITTEN[0])))
    look = looking({SUMMARY: Scalar(WRITTEN[0])}, baselines={SUMMARY: base})
    assert _incoming(look, RENDERED, fingerprint_of_shared(WRITTEN)).quiet


def _asserted(look: Look) -> FieldChange:
    wanted = Assertion(mappings=frozenset({MappingId("m-summary")}), status=False, at=Millis(NOW - 10))
    told = decide_resync(look, wanted)
    assert isinstance(told, Told)
    [change] = told.changes.fields
    return change


def test_a_rendered_text_is_asserted_as_what_it_was_made_of() -> None:
    change = _asserted(_cloud(RENDERED[0]))
    assert (change.value, change.asserts) == (RENDERED, fingerprint_of_shared(WRITTEN))
    assert change.stamp.number == NOW - 10


def test_a_text_that_is_not_what_was_agreed_is_asserted_as_itself() -> None:
    change = _asserted(_cloud("restored from a backup"))
    assert change.asserts == fingerprint_of_shared(("restored from a backup",))


def test_an_assertion_is_newer_than_everything_that_is_known() -> None:
    look = _cloud(RENDERED[0])
    ahead = replace(AGREED, stamp=replace(OLD, number=NOW + 5))
    pair = replace(look.pair, baselines={**look.pair.baselines, MappingId("m-summary"): ahead})
    assert _asserted(replace(look, pair=pair)).stamp.number == NOW + 6
