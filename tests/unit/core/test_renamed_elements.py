"""A changed table may give the name of one element of a multi-value to another one; both halves stay equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backbone.core.model.configuration import HalfConfiguration, ValueTable
from backbone.core.model.keys import SUMMARY, Role
from backbone.core.model.values import EMPTY, FieldKind, Members, Option, Scalar, Value
from tests.fakes.halves import TEAM
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import Scene
from tests.rules.pieces import mapping_of

RED, ROSE = Option("7", "Red"), Option("9", "Rose")
ROT, ROSA = Option("8", "Rot"), Option("10", "Rosa")

BEFORE = {Role.FIRST: {"red": RED}, Role.SECOND: {"red": ROT}}
AFTER = {Role.FIRST: {"crimson": RED, "red": ROSE}, Role.SECOND: {"crimson": ROT, "red": ROSA}}


def _scene() -> tuple[Scene, FakeIssue, FakeIssue]:
    scene = Scene()
    _tables(scene, BEFORE)
    issue, partner = scene.pair(**{TEAM: _these(RED)})
    assert partner.values[TEAM] == _these(ROT)
    return scene, issue, partner


def _tables(scene: Scene, tables: Mapping[Role, Mapping[str, Option]]) -> None:
    scene.reconfigure(_colours(scene.first, tables[Role.FIRST]), _colours(scene.second, tables[Role.SECOND]))


def _colours(one: HalfConfiguration, names: Mapping[str, Option]) -> HalfConfiguration:
    table = ValueTable(to_alias={option.id: name for name, option in names.items()}, from_alias=names)
    teams = replace(mapping_of(TEAM), kind=FieldKind.OPTIONS, table=table)
    return replace(one, fields=(*(mapping for mapping in one.fields if mapping.field != TEAM), teams))


def _these(*options: Option) -> Value:
    return Members(frozenset(options))


def test_a_renamed_element_is_replaced_by_the_one_that_has_its_name_now() -> None:
    scene, issue, partner = _scene()

    _tables(scene, AFTER)
    scene.a.set(issue, TEAM, _these(ROSE))
    scene.settle()

    assert partner.values[TEAM] == _these(ROSA)
    assert issue.values[TEAM] == _these(ROSE)


def test_an_element_that_has_the_former_name_of_another_one_comes_beside_it() -> None:
    scene, issue, partner = _scene()

    _tables(scene, AFTER)
    scene.a.set(issue, TEAM, _these(RED, ROSE))
    scene.settle()

    assert partner.values[TEAM] == _these(ROT, ROSA)


def test_of_two_elements_that_had_the_same_name_in_turn_each_is_removed_by_itself() -> None:
    scene, issue, partner = _scene()
    _tables(scene, AFTER)
    scene.a.set(issue, TEAM, _these(RED, ROSE))
    scene.settle()

    scene.a.set(issue, TEAM, _these(RED))
    scene.settle()
    assert partner.values[TEAM] == _these(ROT)

    scene.b.set(partner, TEAM, EMPTY)
    scene.settle()
    assert issue.values[TEAM] == _these()


def test_of_two_elements_that_changed_their_names_only_the_one_is_removed_that_was() -> None:
    scene = Scene()
    _tables(scene, AFTER)
    issue, partner = scene.pair(**{TEAM: _these(RED, ROSE)})
    assert partner.values[TEAM] == _these(ROT, ROSA)

    swapped = {Role.FIRST: {"red": RED, "crimson": ROSE}, Role.SECOND: {"red": ROT, "crimson": ROSA}}
    _tables(scene, swapped)
    scene.a.set(issue, TEAM, _these(ROSE))
    scene.settle()

    assert partner.values[TEAM] == _these(ROSA)


def test_where_the_partner_calls_its_element_as_before_it_stays() -> None:
    scene, issue, partner = _scene()

    _tables(scene, {**AFTER, Role.SECOND: BEFORE[Role.SECOND]})
    scene.a.set(issue, TEAM, _these(ROSE))
    scene.settle()

    assert partner.values[TEAM] == _these(ROT)
    assert scene.problems() == []


def test_an_element_of_a_name_that_another_one_lost_is_told_although_the_partner_had_that_name() -> None:
    scene, issue, partner = _scene()

    _tables(scene, {Role.FIRST: {"red": ROSE}, Role.SECOND: {"red": ROSA}})
    scene.a.set(issue, TEAM, _these(RED, ROSE))
    scene.settle()

    assert partner.values[TEAM] == _these(ROT, ROSA)


def test_an_element_whose_row_a_table_lost_is_left_alone_at_the_partners() -> None:
    scene = Scene()
    _tables(scene, AFTER)
    issue, partner = scene.pair(**{TEAM: _these(RED, ROSE)})

    _tables(scene, {Role.FIRST: {"red": ROSE}, Role.SECOND: AFTER[Role.SECOND]})
    scene.a.set(issue, SUMMARY, Scalar("edited"))
    scene.settle()

    assert partner.values[TEAM] == _these(ROT, ROSA)
