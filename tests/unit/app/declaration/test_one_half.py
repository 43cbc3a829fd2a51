"""Where a partner behind firewalls has the other half, the file names that half by aliases."""

from __future__ import annotations

import pytest

from backbone.core.model.configuration import TypeMapping
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import STATUS, FieldId, Role, TypeId
from backbone.core.model.values import FieldKind, Option
from tests.unit.app.declaration.looking_up import fields, warned
from tests.unit.app.declaration.one_sided import (
    MASTER,
    OFFER,
    SLAVE,
    TYPES,
    master,
    master_refused,
    offer,
    only,
    slave,
    slave_refused,
)

BOTH = Ways(to_slave=True, to_master=True)
OUT = Ways(to_slave=True, to_master=False)
PROBLEM = "    issue_types: [{first: problem, second: Defect}]\n"
TITLE = "{first: title, second: summary}"

# the master -----------------------------------------------------------------------------------------------------------


async def test_the_master_has_its_own_half_only() -> None:
    one = only(await master())

    assert [half.role for half in one.halves] == [Role.FIRST]
    assert one.here is Role.FIRST
    assert [project.key for project in one.projects] == ["PA"]


async def test_what_the_master_names_for_the_partner_is_the_alias() -> None:
    [half] = only(await master()).halves

    assert half.types == (
        TypeMapping(local=Option("1", "Bug"), alias="problem", sends=True, receives=True),
        TypeMapping(local=Option("2", "Task"), alias="chore", sends=True, receives=False),
    )
    assert [(one.field, one.alias) for one in half.fields] == [
        ("summary", "title"),
        ("priority", "urgency"),
        ("customfield_10013", "teams"),
        ("customfield_10014", "effort"),
        (STATUS, STATUS),
    ]


async def test_values_travel_by_their_aliases_only() -> None:
    [half] = only(await master()).halves
    table = half.fields[1].table

    assert table is not None
    assert dict(table.to_alias) == {"1": "urgent", "2": "usual", "3": "usual"}
    assert dict(table.from_alias) == {"urgent": Option("1", "High"), "usual": Option("2", "Medium")}


async def test_a_value_that_only_comes_in_is_known_under_its_alias_and_never_by_its_name() -> None:
    [half] = only(await master(TYPES + "    status: {second_to_first: {closed: Done}}\n")).halves
    table = half.fields[0].table

    assert table is not None
    assert dict(table.to_alias) == {"3": "closed"}
    assert dict(table.from_alias) == {"closed": Option("3", "Done")}


async def test_the_exchange_has_aliases_kinds_and_ways() -> None:
    assert await offer() == Exchange(
        types=(SharedType(alias="problem", ways=BOTH), SharedType(alias="chore", ways=OUT)),
        fields=(
            SharedField(alias="title", kind=FieldKind.TEXT, ways=BOTH),
            SharedField(alias="urgency", kind=FieldKind.OPTION, ways=BOTH, values=("urgent", "usual")),
            SharedField(alias="teams", kind=FieldKind.OPTIONS, ways=OUT),
            SharedField(alias="effort", kind=FieldKind.NUMBER, ways=BOTH, types=("problem",)),
            SharedField(alias=STATUS, kind=FieldKind.STATUS, ways=BOTH, values=("new", "closed")),
        ),
        comments=BOTH,
        files=OUT,
        largest=5_000_000,
    )


async def test_names_of_options_do_not_leave_unasked() -> None:
    told = await master_refused(TYPES + fields("{first: priority, second: urgency}"))

    assert told == [
        (
            "f.yaml:10:9: synchronizations[1].fields[1]: 'values' is missing, without which the names of the "
            "options would leave. Write an alias for each, or values: by_name where the partner may know the names."
        )
    ]


async def test_an_alias_stands_for_one_field() -> None:
    told = await master_refused(
        TYPES + fields("{first: summary, second: text}", "{first: description, second: text}"),
    )

    assert told == [
        (
            "f.yaml:11:38: synchronizations[1].fields[2].second: 'text' is joined above already. "
            "Give each field an alias of its own."
        )
    ]


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (TYPES + fields("{first: Sumary, second: title}"), "there is no field 'Sumary'. Did you mean 'Summary'?"),
        (TYPES.replace("Bug", "Bugg"), "there is no issue type in project PA called 'Bugg'. Did you mean 'Bug'?"),
        (TYPES + fields("{first: Severity, second: status, values: by_name}"), "status is the alias of the status."),
        (TYPES + fields('{first: summary, second: "a\\tb"}'), "is no alias."),
        (TYPES + "    correlation_field: {second: Key}\n", "is said of the partner's Jira, which is not known here."),
        (TYPES + "    type: local\n", "a partner behind firewalls is not in the same Jira."),
        (TYPES + fields("{first: summary, second: title, values: by_name}"), "have no options to choose from."),
        (
            TYPES
            + fields(
                "{first: Twin2, second: a}".replace("Twin2", "customfield_10015"),
                "{first: customfield_10015, second: b}",
            ),
            "'Twin' would be written by two mappings.",
        ),
        ("", "'issue_types' is missing."),
    ],
)
async def test_what_can_not_work_on_the_master_is_told(rest: str, told: str) -> None:
    assert any(told in line for line in await master_refused(rest))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}}\n", "", "'second' is missing."),
        ("    first: {connection: acme, project: PA}\n", "", "exactly one half is here"),
        ("name: Acme <> Beta\n", "description: Hello\n", "'name' is missing."),
    ],
)
async def test_one_half_needs_a_channel_and_a_name(old: str, new: str, told: str) -> None:
    assert any(told in line for line in await master_refused(OFFER, top=MASTER.replace(old, new)))


async def test_authors_are_hidden_from_a_partner_unless_the_file_says_otherwise() -> None:
    [hidden] = only(await master()).halves
    [shown] = only(await master(TYPES + "    comments: {hide_authors: false}\n")).halves
    [some] = only(await master(TYPES + "    comments: {authors: {Anna Arendt: A.}}\n")).halves

    assert hidden.comments.anonymous == "Somebody"
    assert shown.comments.anonymous is None
    assert some.comments.authors == {"Anna Arendt": "A."}


# the slave ------------------------------------------------------------------------------------------------------------


async def test_before_the_first_publication_the_slave_exchanges_nothing() -> None:
    declared = await slave(PROBLEM + "    comments: {direction: both}\n", published=None)
    [half] = only(declared).halves

    assert (half.types, half.fields, half.comments.sends, half.comments.receives) == ((), (), False, False)
    assert any("nothing that the master published has come yet" in line for line in warned(declared))


async def test_the_slave_maps_aliases_to_its_own_names() -> None:
    rows = fields(TITLE, "{first: urgency, second: priority, values: [[urgent, P1], [usual, P2], [usual, P3]]}")
    [half] = only(await slave(PROBLEM + rows, published=await offer())).halves
    title, urgency = half.fields

    assert half.types == (TypeMapping(local=Option("31", "Defect"), alias="problem", sends=True, receives=True),)
    assert (title.field, title.alias) == ("summary", "title")
    assert urgency.table is not None
    assert dict(urgency.table.to_alias) == {"51": "urgent", "52": "usual", "53": "usual"}
    assert dict(urgency.table.from_alias) == {"urgent": Option("51", "P1"), "usual": Option("52", "P2")}


async def test_the_slave_shares_no_more_than_the_master_lets_travel() -> None:
    rest = (
        "    issue_types: [{first: chore, second: Task}]\n"
        + fields("{first: teams, second: Teams, values: by_name}")
        + "    attachments: {largest_mb: 9}\n"
    )
    [half] = only(await slave(rest, published=await offer())).halves

    assert half.types == (TypeMapping(local=Option("32", "Task"), alias="chore", sends=False, receives=True),)
    assert [(one.sends, one.receives) for one in half.fields] == [(False, True)]
    assert (half.files.sends, half.files.receives, half.files.largest) == (False, True, 5_000_000)


async def test_the_slave_keeps_to_the_issue_types_of_a_field() -> None:
    rest = "    issue_types: [{first: problem, second: Defect}, {first: chore, second: Task}]\n"
    rest += fields("{first: effort, second: Story points}")
    [half] = only(await slave(rest, published=await offer())).halves

    assert half.fields[0].types == frozenset({TypeId("31")})
    assert half.fields[0].field == FieldId("customfield_20014")


async def test_the_slave_maps_statuses_by_their_aliases() -> None:
    rest = PROBLEM + "    status: {first_to_second: {new: To Do, closed: Closed}, second_to_first: {Closed: closed}}\n"
    [half] = only(await slave(rest, published=await offer())).halves
    [status] = half.fields

    assert status.table is not None
    assert dict(status.table.to_alias) == {"43": "closed"}
    assert dict(status.table.from_alias) == {"new": Option("41", "To Do"), "closed": Option("43", "Closed")}


async def test_options_called_like_aliases_correspond_by_name_and_others_stay() -> None:
    exchange = Exchange(
        types=(SharedType(alias="problem", ways=BOTH),),
        fields=(SharedField(alias="area", kind=FieldKind.OPTION, ways=BOTH, values=("Minor", "Major")),),
    )
    rest = PROBLEM + fields("{first: area, second: Severity, values: by_name}")
    [half] = only(await slave(rest, published=exchange)).halves
    table = half.fields[0].table

    assert table is not None
    assert dict(table.to_alias) == {"501": "Major", "500": "Minor"}


async def test_what_the_slave_does_not_map_stays_away_and_is_told() -> None:
    lines = warned(await slave(PROBLEM + fields(TITLE), published=await offer()))

    assert any("the master's issue types 'chore' are not mapped and stay away" in line for line in lines)
    assert any("the master's fields 'urgency', 'teams', 'effort', 'status' are not mapped" in line for line in lines)
    assert any("the master's comments are not mapped and stay away" in line for line in lines)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (
            "    issue_types: [{first: problm, second: Defect}]\n",
            (
                "f.yaml:8:27: synchronizations[1].issue_types[1].first: the master publishes no issue type 'problm'. "
                "Did you mean 'problem'? There is: chore, problem."
            ),
        ),
        (PROBLEM + fields("{first: titel, second: summary}"), "publishes no field 'titel'. Did you mean 'title'?"),
        (
            PROBLEM + fields("{first: urgency, second: priority, values: [[urgnt, P1]]}"),
            "there is no value of Priority 'urgnt'. Did you mean 'urgent'?",
        ),
        (PROBLEM + fields("{first: urgency, second: priority}"), "'values' is missing"),
        (PROBLEM + fields("{first: urgency, second: Story points}"), "can't take a value of kind option"),
        (
            "    issue_types: [{first: chore, second: Task, direction: second_to_first}]\n",
            (
                "the master does not let it travel second_to_first. Leave direction: out, or write direction: "
                "first_to_second."
            ),
        ),
        (PROBLEM + "    start_with: all\n", "start_with"),
    ],
)
async def test_what_the_master_does_not_publish_is_told_with_its_line(rest: str, told: str) -> None:
    assert any(told in line for line in await slave_refused(rest))


async def test_a_slave_needs_the_second_half() -> None:
    told = await slave_refused(PROBLEM, top=SLAVE.replace("    second:", "    first:"))

    assert any("there is no issue type in project PB called 'problem'" in line for line in told)
