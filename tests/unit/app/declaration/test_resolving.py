"""Names are looked up in both Jiras; what is not there is told with its line and what there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.declaration.declared import compile_halves, without_keys
from backbone.app.declaration.document import SynchronizationType
from backbone.core.model.configuration import CommentRules, FileRules, StartJql, StartNew, StartSince, TypeMapping
from backbone.core.model.keys import ConnectorKey, Millis, Revision, SynchronizationKey
from backbone.core.model.problems import Code
from backbone.core.model.values import Option
from backbone.ports.tracker import AccessError, TransientError
from tests.unit.app.declaration.fake_metadata import FakeMetadata, acme, beta, options
from tests.unit.app.declaration.looking_up import TOP, fields, refused, resolved, warned

# connections and projects ---------------------------------------------------------------------------------------------


async def test_each_jira_is_asked_once_for_many_synchronizations() -> None:
    first = acme()

    await resolved(TOP[TOP.index("  - name") :].replace("name: S", "name: T").replace("PA}", "PX}"), first=first)

    assert first.asked.count("account") == 1
    assert first.asked.count("fields") == 1


async def test_a_project_that_is_not_there_or_not_visible_is_told() -> None:
    told = await refused(top=TOP.replace("PB}", "PZ}"))

    assert told == [
        (
            "f.yaml:7:41: synchronizations[1].second.project: there is no project 'PZ' in beta. "
            "Check the key; the account 'Sync User' may also lack the right to see the project."
        )
    ]


async def test_a_former_key_finds_the_project_with_a_warning() -> None:
    declared = await resolved(top=TOP.replace("PA}", "OLD}"))

    assert declared.synchronizations[0].first.project == "10000"
    assert any("first.project: the project's key is PA now. Write PA." in line for line in warned(declared))


async def test_a_refused_log_in_is_told_at_its_connection_and_the_other_jira_is_still_checked() -> None:
    first = acme()
    first.failures = {"account": AccessError(Code.LOGIN_REFUSED, "the log-in was refused", "Check the password.")}

    told = await refused(top=TOP.replace("PB}", "PZ}"), first=first)

    assert told[0] == "f.yaml:2:3: connections.acme: the log-in was refused. Check the password."
    assert "there is no project 'PZ'" in told[1]


async def test_an_unreachable_jira_is_told_once() -> None:
    second = beta()
    second.failures = {"account": TransientError("no answer from beta.atlassian.net")}

    assert await refused(second=second) == [
        (
            "f.yaml:3:3: connections.beta: no answer from beta.atlassian.net. "
            "Check the address and the network, then try again."
        )
    ]


@pytest.mark.parametrize("question", ["fields", "project", "types", "jql", "options"])
async def test_a_jira_that_stops_answering_is_told_at_its_connection(question: str) -> None:
    second = beta()
    second.failures = {question: TransientError("no answer")}

    told = await refused(
        fields("{first: Severity, second: Severity}"), top=TOP.replace("PB}", "PB, jql: a = b}"), second=second
    )

    assert told == ["f.yaml:3:3: connections.beta: no answer. Check the address and the network, then try again."]


async def test_one_project_seen_by_two_accounts_is_not_synchronized_with_itself() -> None:
    told = await refused(top=TOP.replace("PB}", "PA}"), second=acme())

    assert "second.project: both sides are the same project. Name another project." in told[0]


async def test_the_type_follows_from_the_jiras_and_is_checked_when_written() -> None:
    declared = await resolved(second=beta_on_premises())

    assert declared.synchronizations[0].type is SynchronizationType.SERVER
    assert await refused("    type: server\n") == [
        "f.yaml:12:11: synchronizations[1].type: these two Jiras make it cloud, not server. Write type: cloud."
    ]


async def test_two_accounts_of_one_jira_make_it_local() -> None:
    second = beta_on_premises()
    second.server_id = acme().server_id

    assert (await resolved(second=second)).synchronizations[0].type is SynchronizationType.LOCAL


def beta_on_premises() -> FakeMetadata:
    metadata = beta()
    metadata.cloud = False
    return metadata


async def test_a_jql_that_jira_refuses_is_told_in_its_words() -> None:
    first = acme()
    first.complaints = {"colour = red": "Field 'colour' does not exist."}

    told = await refused(top=TOP.replace("project: PA", "project: PA, jql: colour = red"), first=first)

    assert told == [
        (
            "f.yaml:6:49: synchronizations[1].first.jql: Jira refuses the JQL: Field 'colour' does not exist. "
            "Try it in Jira's issue search."
        )
    ]


# how to start ---------------------------------------------------------------------------------------------------------


async def test_new_issues_are_those_after_the_first_start() -> None:
    declared = await resolved(top=TOP.replace("all", "new"))
    halves = compile_halves(
        declared.synchronizations[0],
        synchronization=SynchronizationKey("INT-1"),
        connectors=(ConnectorKey("PA-1"), ConnectorKey("PB-1")),
        revision=Revision(1),
        started=Millis(5_000),
    )

    assert {half.start_with for half in halves} == {StartNew(since=Millis(5_000))}
    assert without_keys(halves[0]) == declared.synchronizations[0].first


async def test_a_date_is_the_same_moment_for_both_halves() -> None:
    one = (await resolved(top=TOP.replace("all", "{since: 2026-01-01}"))).synchronizations[0]

    assert {one.first.start_with, one.second.start_with} == {StartSince(since=Millis(1_767_225_600_000))}


async def test_nothing_is_asked_for_from_before_the_first_instant_that_jql_can_name() -> None:
    one = (await resolved(top=TOP.replace("all", "{since: 0001-01-01}"))).synchronizations[0]

    assert {one.first.start_with, one.second.start_with} == {StartSince(since=Millis(0))}


async def test_a_half_without_a_jql_to_start_with_sends_new_issues_only() -> None:
    one = (await resolved(top=TOP.replace("all", "{jql: {first: labels = old}}"))).synchronizations[0]

    assert one.first.start_with == StartJql(jql="labels = old", since=Millis(0))
    assert one.second.start_with == StartNew(since=Millis(0))


async def test_a_jql_to_start_with_is_checked_where_it_will_be_asked() -> None:
    second = beta()
    second.complaints = {"old = 1": "no such field"}

    told = await refused(top=TOP.replace("all", "{jql: old = 1}"), second=second)

    assert told == [
        (
            "f.yaml:8:23: synchronizations[1].start_with.jql: Jira refuses the JQL: no such field. "
            "Try it in Jira's issue search."
        )
    ]


async def test_a_jql_to_start_with_must_fit_into_brackets() -> None:
    told = await refused(top=TOP.replace("all", "{jql: a = b ORDER BY c}"))

    assert told == [
        "f.yaml:8:23: synchronizations[1].start_with.jql: the JQL sorts, which has no meaning here. Leave ORDER BY out."
    ]


# issue types ----------------------------------------------------------------------------------------------------------


async def test_an_unknown_issue_type_is_told_with_what_there_is() -> None:
    told = await refused(top=TOP.replace("second: Defect", "second: Defekt"))

    assert told == [
        (
            "f.yaml:10:30: synchronizations[1].issue_types[1].second: "
            "there is no issue type in project PB called 'Defekt'. Did you mean 'Defect'? There is: Defect, Task."
        )
    ]


async def test_several_types_may_become_one_which_comes_back_as_the_first() -> None:
    one = (await resolved(top=TOP.replace("second: Task", "second: Defect"))).synchronizations[0]

    assert one.first.types == (
        TypeMapping(local=Option("1", "Bug"), alias="Defect", sends=True, receives=True),
        TypeMapping(local=Option("2", "Task"), alias="Defect", sends=True, receives=False),
    )
    assert one.second.types == (TypeMapping(local=Option("31", "Defect"), alias="Defect", sends=True, receives=True),)


async def test_a_type_may_go_one_way_and_another_come_back() -> None:
    top = TOP.replace("second: Defect", "second: Defect, direction: first_to_second")
    one = (
        await resolved("      - {first: Task, second: Defect, direction: second_to_first}\n", top=top)
    ).synchronizations[0]

    received = one.first.received_type("Defect")

    assert received is not None
    assert received.local.name == "Task"
    assert [(m.alias, m.sends, m.receives) for m in one.second.types if m.local.name == "Defect"] == [
        ("Defect", True, True)
    ]


async def test_a_subtask_can_be_sent_but_not_created() -> None:
    told = await refused("      - {first: Sub-task, second: Task}\n")

    assert "issue_types[3].first: 'Sub-task' is a sub-task, which can't be created" in told[0]
    await resolved("      - {first: Sub-task, second: Task, direction: first_to_second}\n")


async def test_a_row_that_never_counts_is_told() -> None:
    declared = await resolved("      - {first: Bug, second: Task}\n")

    assert any("issue_types[3]: has no effect" in line for line in warned(declared))


# status, correlation field --------------------------------------------------------------------------------------------


async def test_an_unknown_status_is_told_at_its_place() -> None:
    told = await refused("    status: {first_to_second: {Open: Todo}}\n")

    assert told == [
        (
            "f.yaml:12:38: synchronizations[1].status.first_to_second.Open: there is no status 'Todo'. "
            "Did you mean 'To Do'? There is: Closed, Doing, To Do."
        )
    ]


async def test_a_status_table_for_one_way_travels_one_way() -> None:
    one = (await resolved("    status: {first_to_second: {Open: To Do, Done: Closed}}\n")).synchronizations[0]

    assert (one.first.fields[0].sends, one.first.fields[0].receives) == (True, False)
    assert (one.first.transitions, one.second.transitions) == (False, True)


async def test_a_status_table_that_never_rests_is_refused() -> None:
    told = await refused(
        "    status:\n"
        "      first_to_second: {Open: To Do, In Progress: Doing, Done: Closed}\n"
        "      second_to_first: {To Do: In Progress, Doing: In Progress, Closed: Done}\n"
    )

    assert told[0] == (
        "f.yaml:13:25: synchronizations[1].status.first_to_second.Open: the status 'Open' never rests: it becomes "
        "'To Do', which comes back as 'In Progress' and then becomes 'Doing'. "
        "Let 'To Do' come back as 'Open', or let 'In Progress' become 'To Do' too."
    )


async def test_only_statuses_of_mapped_types_count() -> None:
    first = acme()
    first.workflows = (
        *first.workflows,
        replace(first.workflows[0], type=Option("9", "Epic"), statuses=options(7, "Idea")),
    )

    told = await refused("    status: {first_to_second: {Idea: To Do}}\n", first=first)

    assert any("there is no status 'Idea'" in line for line in told)


async def test_the_correlation_field_is_a_text_of_its_own() -> None:
    one = (await resolved("    correlation_field: {first: Partner issue}\n")).synchronizations[0]

    assert (one.first.correlation_field, one.second.correlation_field) == ("customfield_10012", None)
    assert any(
        "there is no field 'Nothing'" in line for line in await refused("    correlation_field: {second: Nothing}\n")
    )
    assert any("is no text field" in line for line in await refused("    correlation_field: {first: Points}\n"))
    assert any(
        "'Summary' is among the fields already" in line
        for line in await refused(
            fields("{first: summary, second: summary}") + "    correlation_field: {first: summary}\n"
        )
    )


async def test_nothing_that_is_not_named_travels() -> None:
    one = (await resolved()).synchronizations[0]

    for half in (one.first, one.second):
        assert half.fields == ()
        assert (half.comments, half.files) == (CommentRules(), FileRules())
        assert half.correlation_field is None


async def test_attachments_have_their_limit_in_bytes() -> None:
    one = (await resolved("    attachments: {direction: second_to_first, largest_mb: 2.5}\n")).synchronizations[0]

    assert (one.first.files.sends, one.first.files.receives) == (False, True)
    assert one.second.files.largest == 2_500_000


async def test_fields_of_screens_are_found_for_each_side() -> None:
    status = "    status:\n      first_to_second: {Open: To Do}\n"
    one = (await resolved(status + "      screen_fields: {first: {Partner issue: none yet}}\n")).synchronizations[0]

    assert (one.first.screen_fields, one.second.screen_fields) == ({"customfield_10012": "none yet"}, {})
    assert any(
        "there is no field 'Nothing'" in line
        for line in await refused(status + "      screen_fields: {second: {Nothing: Done}}\n")
    )


async def test_a_field_of_screens_is_filled_in_once() -> None:
    screen = "      screen_fields: {second: {Severity: Minor, customfield_20010: Major}}\n"

    [told] = await refused("    status:\n      first_to_second: {Open: To Do}\n" + screen)

    assert told.startswith("f.yaml:14:49: synchronizations[1].status.screen_fields.second.customfield_20010:")
    assert told.endswith("'Severity' stands above already. Remove one.")
