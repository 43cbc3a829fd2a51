"""What a person of a Jira may do: administrators of Jira always, those of projects as the rule says."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller
from backbone.app.access.entitlement import caller_of, person_name, rights_of
from backbone.app.access.refusal import NOT_ENTITLED, NOT_IN_GROUP
from backbone.core.model.keys import ConnectionName, Millis, ProjectId
from backbone.ports.access import AccessRule, KnownPerson
from backbone.ports.people import JiraPerson
from backbone.ports.records import StoredConnection

NORTH, SAME, OTHER = ConnectionName("north"), ConnectionName("north~INT-1"), ConnectionName("other")
PUMP = ProjectId("10000")
STORED = [
    StoredConnection(name=name, document={"declared": {"url": url}})
    for name, url in (
        (NORTH, "https://jira.north.example"),
        (SAME, "https://JIRA.north.example/"),
        (OTHER, "https://jira.other.example"),
    )
]
MARA = JiraPerson(account="mara", shown="Mara", administers=False, projects=frozenset({PUMP}), groups=frozenset())


def _known(person: JiraPerson) -> KnownPerson:
    rights = rights_of(person, "https://jira.north.example")
    return KnownPerson(name=person_name(NORTH, person.account), shown=person.shown, rights=rights, seen=Millis(1))


def test_a_project_administrator_has_the_project_on_every_connection_to_that_jira() -> None:
    caller = caller_of(_known(MARA), AccessRule(), STORED)

    assert isinstance(caller, Caller)
    assert caller.name == "jira:north:mara"
    assert caller.projects == {(NORTH, PUMP), (SAME, PUMP)}
    assert not caller.administrator


def test_an_administrator_of_jira_has_the_instance() -> None:
    caller = caller_of(_known(replace(MARA, administers=True)), AccessRule(everyone=False), STORED)

    assert isinstance(caller, Caller)
    assert caller.instances == {NORTH, SAME}
    assert not caller.everything


def test_somebody_who_administers_nothing_is_not_let_in() -> None:
    assert caller_of(_known(replace(MARA, projects=frozenset())), AccessRule(), STORED) is NOT_ENTITLED


def test_a_rule_lets_in_members_of_its_groups_only_whatever_the_capitals() -> None:
    rule = AccessRule(everyone=False, groups=("Backbone Users",))
    member = replace(MARA, groups=frozenset({"backbone users"}))

    assert caller_of(_known(MARA), rule, STORED) is NOT_IN_GROUP
    assert isinstance(caller_of(_known(member), rule, STORED), Caller)


def test_a_rule_without_groups_shuts_all_project_administrators_out() -> None:
    member = replace(MARA, groups=frozenset({"anything"}))

    assert caller_of(_known(member), AccessRule(everyone=False), STORED) is NOT_IN_GROUP


def test_rights_of_a_jira_do_not_move_with_a_connection_that_leads_elsewhere_now() -> None:
    elsewhere = [StoredConnection(name=NORTH, document={"declared": {"url": "https://jira.other.example"}})]

    assert caller_of(_known(replace(MARA, administers=True)), AccessRule(), elsewhere) is NOT_ENTITLED
