"""Fields and their options are joined: found, compared, compiled for both halves."""

from __future__ import annotations

import pytest

from backbone.core.mapping.values import Unknown, adopt, share
from backbone.core.model.configuration import StartPolicy
from backbone.core.model.values import Cascade, FieldKind, Option, show
from tests.unit.app.declaration.fake_metadata import acme, beta, options
from tests.unit.app.declaration.looking_up import TOP, fields, mappings, refused, resolved, warned

# fields ---------------------------------------------------------------------------------------------------------------


async def test_fields_are_found_by_id_and_by_name() -> None:
    first, second = mappings(
        await resolved(fields("{first: customfield_10014, second: Story points}", "{first: Due Date, second: duedate}"))
    )

    assert [one.field for one in first] == ["customfield_10014", "duedate"]
    assert [one.field for one in second] == ["customfield_20014", "duedate"]
    assert [one.alias for one in first] == ["customfield_10014:customfield_20014", "duedate"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "{first: Severty, second: priority}",
            "f.yaml:13:17: synchronizations[1].fields[1].first: there is no field 'Severty'. Did you mean 'Severity'?",
        ),
        (
            "{first: Twin, second: summary}",
            "several fields are called 'Twin'. Write the id of the right one: customfield_10015, customfield_10016.",
        ),
        ("{first: assignee, second: assignee}", "the kind of 'Assignee' (user) can't be synchronized yet."),
        ("{first: status, second: status}", "'Status' is not joined as a field. Write the key status: beside fields:."),
        ("{first: issuetype, second: issuetype}", "Write the key issue_types: beside fields:."),
        (
            "{first: summary, second: duedate}",
            (
                "a field of kind date can't take a value of kind text. "
                "Join fields of one kind, or write direction: second_to_first."
            ),
        ),
        ("{first: priority, second: labels}", "a field of kind labels can't take a value of kind option."),
        ("{first: summary, second: summary, values: [[a, b]]}", "these fields have no options to choose from."),
        (
            "{first: summary, second: summary, issue_types: [Defect]}",
            "issue_types[1]: 'Defect' is no issue type of the first side in issue_types. There is: Bug, Task.",
        ),
        (
            "{first: priority, second: priority, values: [[High, P9]]}",
            (
                "f.yaml:13:61: synchronizations[1].fields[1].values[1][2]: there is no value of Priority 'P9'. "
                "There is: P1, P2, P3."
            ),
        ),
        (
            "{first: priority, second: priority, values: {first_to_second: {Hgh: P1}}}",
            "f.yaml:13:72: synchronizations[1].fields[1].values.first_to_second.Hgh: there is no value of Priority 'Hgh'.",
        ),
        (
            "{first: priority, second: priority, values: [[High, P1], [Medium, P1], [Medium, P2]]}",
            (
                "f.yaml:13:80: synchronizations[1].fields[1].values[3]: the value of Priority 'P2' never rests: it becomes "
                "'Medium', which comes back as 'P1' and then becomes 'High'. "
                "Let 'Medium' come back as 'P2', or let 'P1' become 'Medium' too."
            ),
        ),
        (
            "{first: priority, second: priority, direction: first_to_second, values: {second_to_first: {P1: High}}}",
            "values: has no values for the direction first_to_second. Write a table first_to_second, or change the direction.",
        ),
    ],
)
async def test_a_field_that_can_not_be_mapped_is_told(row: str, told: str) -> None:
    assert any(told in line for line in await refused(fields(row)))


async def test_values_that_a_field_will_refuse_are_told() -> None:
    declared = await resolved(fields("{first: description, second: summary, direction: first_to_second}"))

    assert any("the field of kind text refuses texts with line breaks" in line for line in warned(declared))


async def test_a_table_for_a_way_that_is_not_travelled_is_told() -> None:
    row = "values: {first_to_second: {High: P1}, second_to_first: {P1: High}}"
    declared = await resolved(fields(f"{{first: priority, second: priority, direction: first_to_second, {row}}}"))

    told = [line for line in warned(declared) if "is not used" in line]

    assert told == [
        (
            "f.yaml:13:111: synchronizations[1].fields[1].values.second_to_first: is not used, "
            "since the direction is first_to_second. Remove it."
        )
    ]


async def test_a_pair_that_says_nothing_new_is_told() -> None:
    row = "{first: priority, second: priority, values: [[High, P1], [Low, P3], [High, P1]]}"

    assert any("values[3]: has no effect" in line for line in warned(await resolved(fields(row))))


async def test_long_lists_of_values_are_cut() -> None:
    first = acme()
    first.offered = {"priority": options(1, *(f"Level {n}" for n in range(1, 31)))}

    told = warned(await resolved(fields("{first: priority, second: priority, values: [[Level 1, P1]]}"), first=first))

    assert any("'Level 21' and 9 more will not be sent" in line for line in told)
    assert not any("Level 22" in line for line in told)


async def test_issues_that_would_have_no_summary_are_told() -> None:
    without = await resolved(fields("{first: summary, second: summary, direction: first_to_second}"))
    enough = await resolved(fields("{first: summary, second: summary}"))

    assert [line for line in warned(without) if "summary of the" in line] == [
        (
            "f.yaml:12:5: synchronizations[1].fields: nothing writes the summary of the first side, without which no issue "
            "can be created there. Add {first: summary, second: summary}."
        )
    ]
    assert not any("summary of the" in line for line in warned(enough))


async def test_two_mappings_may_not_write_the_same_field() -> None:
    told = await refused(fields("{first: summary, second: summary}", "{first: description, second: summary}"))

    assert any("fields[2].second: 'Summary' would be written by two mappings." in line for line in told)


async def test_mappings_for_different_issue_types_may_write_the_same_field() -> None:
    first, _ = mappings(
        await resolved(
            fields(
                "{first: priority, second: priority, id: bugs, issue_types: [Bug], values: [[High, P1]]}",
                "{first: priority, second: priority, id: tasks, issue_types: [Task], values: [[High, P3]]}",
            )
        )
    )

    assert [(one.alias, one.types) for one in first] == [("bugs", frozenset({"1"})), ("tasks", frozenset({"2"}))]


async def test_joining_the_same_fields_twice_is_refused() -> None:
    told = await refused(fields("{first: labels, second: labels}", "{first: Labels, second: labels}"))

    assert any("fields[2]: joins what is joined above already." in line for line in told)


async def test_a_name_in_other_letters_is_found_with_a_warning() -> None:
    declared = await resolved(
        fields("{first: due date, second: duedate}", "{first: priority, second: priority, values: [[high, P1]]}")
    )

    told = warned(declared)

    assert any("'due date' is called 'Due Date' in Jira. Write Due Date." in line for line in told)
    assert any("values[1][1]: 'high' is called 'High' in Jira. Write High." in line for line in told)


async def test_a_mapping_keeps_its_identity_when_rows_are_reordered() -> None:
    rows = ("{first: summary, second: summary}", "{first: labels, second: labels}")
    first, _ = mappings(await resolved(fields(*rows)))
    again, _ = mappings(await resolved(fields(*reversed(rows))))
    other = (await resolved(fields(*rows), top=TOP.replace("name: S", "name: T"))).synchronizations[0].first.fields

    assert [one.id for one in first] == [one.id for one in reversed(again)]
    assert {one.id for one in first}.isdisjoint(one.id for one in other)


async def test_an_explicit_id_survives_other_fields() -> None:
    first, _ = mappings(await resolved(fields("{first: summary, second: summary, id: title}")))
    moved, _ = mappings(await resolved(fields("{first: description, second: description, id: title}")))

    assert first[0].id == moved[0].id


async def test_who_sends_decides_at_the_start_and_nobody_where_both_do() -> None:
    first, _ = mappings(
        await resolved(
            fields(
                "{first: summary, second: summary}",
                "{first: labels, second: labels, direction: second_to_first}",
                "{first: duedate, second: duedate, start: first}",
            )
        )
    )

    assert [one.start for one in first] == [StartPolicy.HOLD, StartPolicy.SECOND, StartPolicy.FIRST]


# options --------------------------------------------------------------------------------------------------------------


async def test_options_of_equal_name_need_no_table() -> None:
    declared = await resolved(fields("{first: Teams, second: Teams}"))
    first, second = mappings(declared)

    assert first[0].kind is FieldKind.OPTIONS
    assert first[0].table is None
    assert second[0].options == {"Red": Option("700", ""), "Green": Option("701", ""), "Blue": Option("702", "")}
    assert any("the second side's 'Blue' have no equal on the other side" in line for line in warned(declared))


async def test_a_sender_alone_needs_no_options() -> None:
    first, second = mappings(await resolved(fields("{first: Teams, second: Teams, direction: first_to_second}")))

    assert first[0].options is None
    assert second[0].options is not None


async def test_names_that_differ_in_capitals_become_a_table() -> None:
    declared = await resolved(fields("{first: Severity, second: Severity}"))
    first, second = mappings(declared)

    assert first[0].table is not None
    assert first[0].table.to_alias == {"101": "Major", "102": "Blocker", "100": "minor"}
    assert second[0].table is not None
    assert second[0].table.from_alias["minor"] == Option("500", "")
    assert any("'Minor' and 'minor' are taken for the same value of Severity" in line for line in warned(declared))


async def test_children_of_a_cascade_belong_to_their_parents() -> None:
    _, second = mappings(await resolved(fields("{first: Place, second: Location}")))

    assert second[0].options == {"Europe": Option("600", ""), "Asia": Option("601", "")}
    assert second[0].children == {
        "600": {"Bern": Option("610", ""), "Oslo": Option("611", "")},
        "601": {"Tokyo": Option("620", ""), "Kyoto": Option("621", "")},
    }


async def test_a_table_of_cascades_names_parent_and_child() -> None:
    row = "{first: Place, second: Location, values: [[Europe / Bern, Europe / Bern], [Asia / Tokyo, Asia]]}"
    first, second = mappings(await resolved(fields(row)))

    assert first[0].table is not None
    assert first[0].table.to_alias == {"200 / 210": "Europe / Bern", "201 / 220": "Asia"}
    assert second[0].table is not None
    assert {alias: one.id for alias, one in second[0].table.from_alias.items()} == {
        "Europe / Bern": "600 / 610",
        "Asia": "601",
    }


async def test_what_one_half_shares_the_other_adopts_and_answers_alike() -> None:
    first, second = mappings(
        await resolved(fields("{first: Severity, second: Severity}", "{first: Place, second: Location}"))
    )

    for ours, theirs, value, name in (
        (first[0], second[0], Option("100", "Minor"), "minor"),
        (second[0], first[0], Option("500", "minor"), "Minor"),
        (first[1], second[1], Cascade(Option("200", "Europe"), Option("211", "Oslo")), "Europe / Oslo"),
    ):
        shared = share(ours, value)
        assert isinstance(shared, tuple)
        arrived = adopt(theirs, shared)
        assert not isinstance(arrived, Unknown)
        assert show(arrived) == name
        assert share(theirs, arrived) == shared


async def test_labels_are_mapped_by_their_text() -> None:
    first, second = mappings(await resolved(fields("{first: labels, second: labels, values: [[intern, internal]]}")))

    assert first[0].table is not None
    assert first[0].table.to_alias == {"intern": "internal"}
    assert second[0].table is not None
    assert second[0].table.from_alias == {"internal": Option("internal", "internal")}


async def test_options_are_asked_for_the_types_that_the_mapping_applies_to() -> None:
    first = acme()

    await resolved(fields("{first: Severity, second: Severity, issue_types: [Bug]}"), first=first)

    assert "options customfield_10010 10000 1" in first.asked


async def test_a_receiver_without_options_is_refused() -> None:
    second = beta()
    second.offered = {}

    told = await refused(fields("{first: Severity, second: Severity}"), second=second)

    assert any("fields[1].second: 'Severity' offers no options for these issue types of PB." in line for line in told)


async def test_options_of_one_name_are_all_read_and_the_first_is_written() -> None:
    first = acme()
    first.offered = {"priority": (*options(1, "High", "Low"), Option("9", "High"))}

    declared = await resolved(fields("{first: priority, second: priority, values: [[High, P1]]}"), first=first)
    ours, _ = mappings(declared)

    assert ours[0].table is not None
    assert ours[0].table.to_alias == {"1": "P1", "9": "P1"}
    assert ours[0].table.from_alias == {"P1": Option("1", "")}
    assert any("2 options are called 'High' (1, 9)" in line for line in warned(declared))
