"""Rules 6 to 10: what we remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backbone.core.model.configuration import HalfConfiguration, StartPolicy, ValueTable
from backbone.core.model.keys import SUMMARY, Revision, Role
from backbone.core.model.pair import Baseline, BaselineState
from backbone.core.model.stamps import FieldStamp, Stamp
from backbone.core.model.values import (
    EMPTY,
    FieldKind,
    Members,
    Option,
    Scalar,
    fingerprint,
    fingerprint_of_shared,
    labels,
)
from backbone.core.sync.outgoing import Told, decide_outgoing
from tests.fakes.halves import (
    BUG,
    HIGH,
    LABELS,
    LOCAL_ONLY,
    LOW,
    LOWEST,
    P1,
    P3,
    PRIORITIES,
    PRIORITY,
    TEAM,
    half,
    mappings,
    only,
)
from tests.fakes.jira import Late
from tests.fakes.scene import Scene
from tests.rules.pieces import looking, mapping_of, merged

UNKNOWN = Baseline()


def test_rule_06_an_unknown_value_never_sends_under_hold() -> None:
    look = looking({SUMMARY: Scalar("ours")}, baselines={SUMMARY: UNKNOWN})
    configuration = replace(look.half, fields=mappings(Role.SECOND, StartPolicy.HOLD))

    told = decide_outgoing(replace(look, half=configuration))

    assert isinstance(told, Told)
    assert not told.changes
    assert told.pair.baselines[mapping_of(SUMMARY).id].state is BaselineState.OBSERVED


def test_rule_06_only_the_side_that_the_start_policy_names_asserts_its_value() -> None:
    look = looking({SUMMARY: Scalar("ours"), LABELS: labels("x")}, baselines={SUMMARY: UNKNOWN, LABELS: UNKNOWN})
    first = replace(look, half=replace(look.half, fields=mappings(Role.SECOND, StartPolicy.FIRST)))
    second = replace(look, half=replace(look.half, fields=mappings(Role.SECOND, StartPolicy.SECOND)))

    not_named, named = decide_outgoing(first), decide_outgoing(second)

    assert isinstance(not_named, Told)
    assert isinstance(named, Told)
    assert not not_named.changes
    assert [one.value for one in named.changes.fields] == [("ours",)]
    assert [one.element for one in named.changes.elements] == ["x"]


def test_rule_06_equal_values_become_agreed() -> None:
    plan = merged(looking({SUMMARY: Scalar("same")}, baselines={SUMMARY: UNKNOWN}), SUMMARY, ("same",), number=5)

    assert plan.quiet
    assert plan.pair.baselines[mapping_of(SUMMARY).id].state is BaselineState.AGREED


def test_rule_06_defaults_of_the_other_jira_are_not_taken_for_edits() -> None:
    scene = Scene()
    first, second = scene.pair(priority=LOCAL_ONLY)

    assert second.values[PRIORITY] == P1
    assert first.values[PRIORITY] == LOCAL_ONLY


def test_rule_06_an_edit_of_what_the_new_issue_had_by_default_is_told_although_nobody_had_looked_yet() -> None:
    scene = Scene()
    scene.b.defaults = {PRIORITY: P1, LABELS: labels("default")}
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a"), LABELS: EMPTY})
    scene.at(scene.b, "created", lambda: _label_newest(scene))
    scene.settle()
    issue, partner = scene.issues()

    assert partner.values[LABELS] == labels("default", "mine")
    assert issue.values[LABELS] == labels("mine")


def _label_newest(scene: Scene) -> None:
    scene.wait(5)
    newest = list(scene.b.issues.values())[-1]
    scene.b.set(newest, LABELS, labels("default", "mine"))


def test_rule_07_an_edit_made_right_after_our_write_is_not_taken_for_ours() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("written"))
    scene.tell(scene.a)
    scene.at(scene.b, "edited", lambda: _edit_later(scene, "edited"))

    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("edited")


def _edit_later(scene: Scene, text: str) -> None:
    scene.wait(1)
    scene.b.set(scene.issues()[1], SUMMARY, Scalar(text))


def test_rule_07_what_jira_made_of_our_write_is_adopted() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.b.normalize = lambda value: Scalar(value.text.strip()) if isinstance(value, Scalar) else value
    scene.a.set(first, SUMMARY, Scalar(" padded "))

    scene.settle()

    assert second.values[SUMMARY] == Scalar("padded")
    assert first.values[SUMMARY] == Scalar(" padded ")


def test_rule_08_a_value_that_shares_to_the_incoming_one_is_left_alone() -> None:
    scene = Scene()
    first, second = scene.pair(priority=HIGH)
    scene.a.set(first, PRIORITY, LOWEST)
    scene.look(scene.a)
    scene.wait(60)
    scene.b.set(second, PRIORITY, P3)

    scene.settle()

    assert first.values[PRIORITY] == LOWEST


def test_rule_08_a_change_within_one_shared_value_is_not_told() -> None:
    scene = Scene()
    first, _ = scene.pair(priority=LOW)
    before = scene.messages
    scene.a.set(first, PRIORITY, LOWEST)

    scene.settle()

    assert scene.messages == before


def test_rule_08_a_value_that_cannot_be_shared_does_not_compete() -> None:
    scene = Scene()
    first, second = scene.pair(priority=LOW)
    scene.wait(60)
    scene.b.set(second, PRIORITY, P1)
    scene.wait(60)
    scene.a.set(first, PRIORITY, LOCAL_ONLY)

    scene.settle()

    assert first.values[PRIORITY] == HIGH


def test_rule_09_a_text_rendered_anew_is_adopted_silently() -> None:
    look = looking({SUMMARY: Scalar("rendered anew")}, baselines={SUMMARY: _agreed("as written")})
    told = decide_outgoing(replace(look, half=replace(look.half, renders=True)))

    assert isinstance(told, Told)
    assert not told.changes
    assert told.pair.baselines[mapping_of(SUMMARY).id].local == fingerprint(Scalar("rendered anew"))


def test_rule_09_a_repeat_of_an_agreed_text_is_not_written() -> None:
    look = looking({SUMMARY: Scalar("rendered anew")}, baselines={SUMMARY: _agreed("as written")})
    look = replace(look, half=replace(look.half, renders=True))

    assert merged(look, SUMMARY, ("as written",), number=50).quiet


def _agreed(text: str) -> Baseline:
    return Baseline(
        state=BaselineState.AGREED,
        local=fingerprint(Scalar(text)),
        shared=fingerprint_of_shared((text,)),
        stamp=Stamp(number=50, role=Role.FIRST, origin="A"),
    )


def test_rule_10_mappings_in_another_order_keep_their_memory() -> None:
    scene = Scene()
    first, second = scene.pair(customfield_2=Scalar("t"))
    before = scene.messages
    _reconfigure(scene, reverse=True)
    scene.settle()
    assert scene.messages == before

    scene.b.set(second, TEAM, EMPTY)
    scene.settle()
    assert first.values[TEAM] == EMPTY


def test_rule_10_an_element_that_a_changed_table_calls_otherwise_is_still_the_one_that_is_removed() -> None:
    scene = Scene()
    options = {Role.FIRST: Option("7", "Red"), Role.SECOND: Option("8", "Rot")}
    scene.reconfigure(_colours(scene.first, "red", options), _colours(scene.second, "red", options))
    issue, partner = scene.pair(**{TEAM: Members(frozenset({options[Role.FIRST]}))})
    assert partner.values[TEAM] == Members(frozenset({options[Role.SECOND]}))

    scene.reconfigure(_colours(scene.first, "crimson", options), _colours(scene.second, "crimson", options))
    scene.a.set(issue, TEAM, EMPTY)
    scene.settle()

    assert partner.values[TEAM] == Members(frozenset())


def _colours(one: HalfConfiguration, name: str, options: Mapping[Role, Option]) -> HalfConfiguration:
    """The half whose teams are the elements of a multi-value: one option, under that name."""
    option = options[one.role]
    table = ValueTable(to_alias={option.id: name}, from_alias={name: option})
    teams = replace(mapping_of(TEAM), kind=FieldKind.OPTIONS, table=table)
    others = tuple(mapping for mapping in one.fields if mapping.field != TEAM)
    return replace(one, fields=(*others, teams))


def test_rule_10_a_message_names_the_revision_that_it_was_made_with() -> None:
    scene = Scene()
    first, _ = scene.pair()
    _reconfigure(scene, reverse=False)
    scene.a.set(first, SUMMARY, Scalar("b"))
    scene.tell(scene.a)

    assert [one.revision for one in scene.waiting()] == [Revision(2)]


def test_rule_10_an_issue_whose_answer_was_lost_is_remembered_as_it_was_created() -> None:
    scene = Scene()
    scene.at(scene.b, "created", _lost)
    scene.a.create_issue(scene.first.types[0].local, {SUMMARY: Scalar("a"), PRIORITY: LOW})
    scene.tell(scene.a)
    scene.turns()
    scene.turns()
    swapped = replace(PRIORITIES[Role.SECOND], from_alias={"P1": P3, "P3": P1}, to_alias={"21": "P3", "23": "P1"})
    _reconfigure(scene, reverse=False, priorities=swapped)
    scene.wait(180)

    scene.turns()
    _, second = scene.issues()
    base = scene.half_of(second).baselines[mapping_of(PRIORITY).id]

    assert base.local == fingerprint(P3)


def _lost() -> None:
    raise Late("no answer came")


def _reconfigure(scene: Scene, *, reverse: bool, priorities: ValueTable | None = None) -> None:
    """Revision 2 of the configuration."""
    halves = []
    for one in (scene.first, scene.second):
        fields = tuple(reversed(one.fields)) if reverse else one.fields
        if priorities is not None and one.role is Role.SECOND:
            fields = tuple(replace(each, table=priorities) if each.field == PRIORITY else each for each in fields)
        halves.append(replace(one, fields=fields, revision=Revision(2)))
    scene.reconfigure(*halves)


def test_rule_08_an_unmapped_direction_never_competes() -> None:
    look = looking({TEAM: Scalar("ours")}, baselines={TEAM: _agreed("old")})
    one_way = tuple(replace(one, sends=False) for one in only(half("INT-1", "B-1", "B", Role.SECOND), [TEAM]).fields)
    look = replace(look, half=replace(look.half, fields=one_way))

    told = decide_outgoing(look)

    assert isinstance(told, Told)
    assert not told.changes


def test_rule_06_a_field_stamp_alone_is_no_agreement() -> None:
    stamp = FieldStamp(value=fingerprint(Scalar("x")), stamp=Stamp(number=9, role=Role.FIRST, origin="A"))
    look = looking({SUMMARY: Scalar("x")}, baselines={SUMMARY: UNKNOWN})
    look = replace(look, stamps=replace(look.stamps, fields={SUMMARY: stamp}))

    told = decide_outgoing(look)

    assert isinstance(told, Told)
    assert told.pair.baselines[mapping_of(SUMMARY).id].state is BaselineState.OBSERVED
