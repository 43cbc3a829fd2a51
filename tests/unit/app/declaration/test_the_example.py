"""The example of the documentation is read, resolved and compiled."""

from __future__ import annotations

import json

import pytest

from backbone.app.declaration.declared import Declared, compile_halves
from backbone.app.declaration.document import SynchronizationType
from backbone.app.declaration.reading import declaration_from, read_declaration
from backbone.app.declaration.resolve import resolve
from backbone.core.model.configuration import HalfConfiguration, StartAll, StartPolicy, TypeMapping
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, Revision, Role, SynchronizationKey
from backbone.core.model.values import Option
from tests.architecture.sources import ROOT
from tests.unit.app.declaration.fake_metadata import acme, beta

EXAMPLE = r"""
connections:
  acme: {url: https://jira.acme.example, user: sync, password: {env: ACME_PASSWORD}}
  beta: {url: https://beta.atlassian.net, email: sync@beta.example, api_token: {env: BETA_TOKEN}}
synchronizations:
  - name: Project A <> Agile Project
    type: cloud
    first:  {connection: acme, project: PA, jql: "labels is EMPTY OR labels != internal"}
    second: {connection: beta, project: PB}
    start_with: all
    issue_types: [{first: Bug, second: Defect}, {first: Task, second: Task}]
    fields:
      - {first: summary, second: summary}
      - {first: priority, second: priority, values: [[High, P1], [Medium, P2], [Low, P3]]}
      - {first: labels, second: labels, direction: first_to_second}
    status: {first_to_second: {Open: "To Do", Done: Closed}, second_to_first: {"To Do": Open, Closed: Done}}
    comments: {direction: both, template: "{author} wrote on {created}:\n{body}"}
    attachments: {direction: both}
"""


@pytest.fixture
async def declared() -> Declared:
    return await resolve(
        declaration_from(EXAMPLE.encode(), "backbone.yaml"),
        {ConnectionName("acme"): acme(), ConnectionName("beta"): beta()},
    )


@pytest.fixture
def halves(declared: Declared) -> tuple[HalfConfiguration, ...]:
    return compile_halves(
        declared.synchronizations[0],
        synchronization=SynchronizationKey("INT-1"),
        connectors=(ConnectorKey("PA-1"), ConnectorKey("PB-1")),
        revision=Revision(3),
        started=Millis(1_000),
    )


def test_both_jiras_are_connections(declared: Declared) -> None:
    assert [(one.name, one.url, one.account.cloud) for one in declared.connections] == [
        ("acme", "https://jira.acme.example", False),
        ("beta", "https://beta.atlassian.net", True),
    ]


def test_the_halves_name_projects_by_id_and_hide_them_behind_an_origin(
    halves: tuple[HalfConfiguration, ...],
) -> None:
    first, second = halves

    assert (first.project, first.connection, first.role) == ("10000", "acme", Role.FIRST)
    assert (second.project, second.connection, second.role) == ("20000", "beta", Role.SECOND)
    assert first.jql == "labels is EMPTY OR labels != internal"
    assert len(first.origin) == len(second.origin) == 8
    assert first.origin != second.origin


def test_keys_and_revision_are_those_of_the_caller(halves: tuple[HalfConfiguration, ...]) -> None:
    assert {(half.synchronization, half.revision) for half in halves} == {("INT-1", 3)}
    assert [half.connector for half in halves] == ["PA-1", "PB-1"]
    assert {half.start_with for half in halves} == {StartAll()}


def test_issue_types_share_the_second_sides_name(halves: tuple[HalfConfiguration, ...]) -> None:
    first, second = halves

    assert first.types[0] == TypeMapping(local=Option("1", "Bug"), alias="Defect", sends=True, receives=True)
    assert second.types[0] == TypeMapping(local=Option("31", "Defect"), alias="Defect", sends=True, receives=True)


def test_a_field_is_the_same_mapping_on_both_sides(halves: tuple[HalfConfiguration, ...]) -> None:
    first, second = halves

    assert [(one.id, one.alias) for one in first.fields] == [(one.id, one.alias) for one in second.fields]
    assert [one.field for one in first.fields] == ["summary", "priority", "labels", "status"]


def test_what_travels_one_way_is_sent_by_one_and_received_by_the_other(
    halves: tuple[HalfConfiguration, ...],
) -> None:
    labels = [next(one for one in half.fields if one.field == "labels") for half in halves]

    assert [(one.sends, one.receives, one.start) for one in labels] == [
        (True, False, StartPolicy.FIRST),
        (False, True, StartPolicy.FIRST),
    ]


def test_a_table_shares_and_adopts_by_id(halves: tuple[HalfConfiguration, ...]) -> None:
    first, second = (half.fields[1].table for half in halves)

    assert first is not None
    assert second is not None
    assert first.to_alias == {"1": "P1", "2": "P2", "3": "P3"}
    assert first.from_alias == {"P1": Option("1", "High"), "P2": Option("2", ""), "P3": Option("3", "")}
    assert second.to_alias == {"51": "P1", "52": "P2", "53": "P3"}


def test_the_status_travels_by_its_table(halves: tuple[HalfConfiguration, ...]) -> None:
    first, second = (half.fields[3].table for half in halves)

    assert first is not None
    assert second is not None
    assert first.to_alias == {"1": "To Do", "3": "Closed"}
    assert second.from_alias == {"To Do": Option("41", ""), "Closed": Option("43", "")}
    assert all(half.transitions for half in halves)


def test_statuses_without_a_row_are_told(declared: Declared) -> None:
    told = [one.message for one in declared.warnings if one.path.endswith("status")]

    assert told == [
        "the first side's 'In Progress' will not be sent",
        "the second side's 'Doing' will not be sent",
    ]


def test_comments_and_attachments_travel_both_ways(halves: tuple[HalfConfiguration, ...]) -> None:
    for half in halves:
        assert half.comments.sends
        assert half.comments.receives
        assert half.comments.template == "{author} wrote on {created}:\n{body}"
        assert half.files.sends
        assert half.files.receives


def test_what_is_stored_is_plain_json_and_holds_no_secret(declared: Declared) -> None:
    stored = json.dumps([declared.connections[0].document, declared.synchronizations[0].document])

    assert "ACME_PASSWORD" in stored
    assert declared.synchronizations[0].type is SynchronizationType.CLOUD
    assert json.loads(stored)[1]["fields"][2]["direction"] == "first_to_second"


async def test_the_example_of_the_repository_compiles() -> None:
    declaration = read_declaration(ROOT / "examples" / "two-projects.yaml")

    declared = await resolve(declaration, {ConnectionName("acme"): acme(), ConnectionName("beta"): beta()})

    first, second = declared.synchronizations[0].first, declared.synchronizations[0].second
    assert [one.name for one in second.fields][-3:] == ["Severity", "Location", "Status"]
    assert (first.correlation_field, second.correlation_field) == ("customfield_10012", "customfield_20012")
    assert (declared.synchronizations[0].interval, first.files.largest) == (5, 20_000_000)
