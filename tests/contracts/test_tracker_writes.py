"""Writing at pretend Jiras of every flavour: one call each, marked, refused with reasons, never doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from backbone.core.model.actions import EditFields, ElementEdit, MoveAlong, NewIssue
from backbone.core.model.keys import CommentId, FieldId, FileId, IssueId, TransitionId
from backbone.core.model.snapshot import CommentSnapshot, IssueSnapshot
from backbone.core.model.values import EMPTY, Cascade, FieldKind, Members, Option, Scalar, Value, labels
from backbone.ports.tracker import (
    Created,
    Done,
    Edited,
    Lane,
    OutcomeUnknown,
    Refusal,
    TransientError,
    Unavailable,
    Wanted,
)
from tests.contracts.jira_sites import FLAVOURS, SYSTEM, SiteUnderTest, marker, site_under_test

SUMMARY, LABELS = FieldId("summary"), FieldId("labels")


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        await ready.tracker.account()
        await ready.tracker.fields()
        ready.simulator.calls.reset()
        yield ready


async def read(site: SiteUnderTest, issue: IssueId, wanted: Wanted) -> IssueSnapshot:
    found = await site.tracker.read(issue, wanted, Lane.LIVE)
    assert isinstance(found, IssueSnapshot), found
    return found


def new(site: SiteUnderTest, partner: str, values: Mapping[FieldId, Value] | None = None) -> NewIssue:
    filled: dict[FieldId, Value] = {SUMMARY: Scalar(f"New {partner}"), **(values or {})}
    return NewIssue(project=site.project(), type=site.type(), values=filled, marker=marker(partner=partner))


def option(site: SiteUnderTest, field: str, text: str) -> Option:
    contexts = site.simulator.world.contexts[site.field(field)]
    options = [each for context in contexts for each in context.options]
    options += [child for each in options for child in each.children]
    return next(Option(str(each.id), each.value) for each in options if each.value == text)


def every_kind(site: SiteUnderTest) -> dict[FieldId, tuple[FieldKind, Value]]:
    return {
        FieldId("description"): (FieldKind.MULTILINE, Scalar("One\n\nTwo")),
        FieldId("environment"): (FieldKind.MULTILINE, Scalar("Linux")),
        FieldId("priority"): (FieldKind.OPTION, Option("2", "High")),
        FieldId("duedate"): (FieldKind.DATE, Scalar("2026-12-24")),
        LABELS: (FieldKind.LABELS, labels("a", "b")),
        site.field("Customer"): (FieldKind.TEXT, Scalar("Acme")),
        site.field("Points"): (FieldKind.NUMBER, Scalar("12.5")),
        site.field("Start"): (FieldKind.DATE, Scalar("2026-01-31")),
        site.field("Meeting"): (FieldKind.INSTANT, Scalar("2026-01-31T04:30:00.000Z")),
        site.field("Site"): (FieldKind.URL, Scalar("https://acme.example/x?y=1")),
        site.field("Severity"): (FieldKind.OPTION, option(site, "Severity", "Major")),
        site.field("Colors"): (
            FieldKind.OPTIONS,
            Members(frozenset({option(site, "Colors", "Red"), option(site, "Colors", "Blue")})),
        ),
        site.field("Place"): (FieldKind.CASCADE, Cascade(option(site, "Place", "EU"), option(site, "Place", "Oslo"))),
        site.field("Tags"): (FieldKind.LABELS, labels("x")),
    }


async def test_every_kind_of_value_is_written_as_it_is_read(site: SiteUnderTest) -> None:
    kinds = every_kind(site)
    wanted = Wanted(fields={name: kind for name, (kind, _) in kinds.items()})
    values = {name: value for name, (_, value) in kinds.items()}

    [created] = await site.tracker.create([new(site, "1", values)], Lane.BULK)

    assert isinstance(created, Created), created
    assert (await read(site, created.ref.id, wanted)).values == values


async def test_every_kind_of_value_is_emptied(site: SiteUnderTest) -> None:
    kinds = {name: pair for name, pair in every_kind(site).items() if name != "priority"}
    wanted = Wanted(fields={name: kind for name, (kind, _) in kinds.items()})
    [created] = await site.tracker.create([new(site, "1", {n: v for n, (_, v) in kinds.items()})], Lane.BULK)
    assert isinstance(created, Created), created
    nothing: dict[FieldId, Value] = dict.fromkeys(kinds, EMPTY)

    result = await site.tracker.edit(EditFields(issue=created.ref.id, values=nothing), wanted, Lane.LIVE)

    assert isinstance(result, Edited), result
    assert (await read(site, created.ref.id, wanted)).values == nothing


async def test_the_history_tells_every_kind_of_value(site: SiteUnderTest) -> None:
    kinds = every_kind(site)
    issue = site.report()
    wanted = Wanted(fields={name: kind for name, (kind, _) in kinds.items()}, history=True)
    before = (await read(site, issue, wanted)).values
    values = {name: value for name, (_, value) in kinds.items()}

    result = await site.tracker.edit(EditFields(issue=issue, values=values), wanted, Lane.LIVE)

    assert isinstance(result, Edited), result
    history = (await read(site, issue, wanted)).history
    assert history is not None
    told = {item.field: item for item in history if item.own}
    assert {name: told[name].after for name in values} == values
    assert {name: told[name].before for name in values} == {name: before[name] for name in values}


async def test_fifty_issues_are_created_in_one_call(site: SiteUnderTest) -> None:
    batch = [new(site, str(number)) for number in range(site.tracker.create_limit)]

    results = await site.tracker.create(batch, Lane.BULK)

    assert [isinstance(result, Created) for result in results] == [True] * 50
    assert site.simulator.calls.total == 1


async def test_a_refused_issue_of_a_batch_names_its_reason_and_hinders_no_other(site: SiteUnderTest) -> None:
    batch = [new(site, "1"), new(site, "2", {SUMMARY: Scalar("x" * 300)}), new(site, "3")]

    first, second, third = await site.tracker.create(batch, Lane.BULK)

    assert isinstance(first, Created)
    assert isinstance(third, Created)
    assert isinstance(second, Refusal)
    assert list(second.fields) == [SUMMARY]
    assert (await read(site, third.ref.id, Wanted(marker=True))).marker == marker(partner="3")


async def test_a_wholly_refused_batch_has_a_reason_for_each(site: SiteUnderTest) -> None:
    long = {SUMMARY: Scalar("x" * 300)}

    results = await site.tracker.create([new(site, "1", long), new(site, "2", long)], Lane.BULK)

    assert [isinstance(result, Refusal) and list(result.fields) for result in results] == [[SUMMARY], [SUMMARY]]


async def test_an_edit_is_one_call_and_one_more_where_an_overwrite_must_be_ruled_out(site: SiteUnderTest) -> None:
    issue = site.report("Before", labels=["keep"])
    wanted = Wanted(fields=SYSTEM)
    add = ElementEdit(add=frozenset({Option("new", "new")}))

    await site.tracker.edit(EditFields(issue=issue, elements={LABELS: add}), wanted, Lane.LIVE)
    assert site.simulator.calls.total == 1
    edit = EditFields(issue=issue, values={SUMMARY: Scalar("After")}, before={SUMMARY: Scalar("Before")})
    await site.tracker.edit(edit, wanted, Lane.LIVE)
    assert site.simulator.calls.total == (2 if site.cloud else 3)


async def test_an_overwritten_edit_of_somebody_else_shows(site: SiteUnderTest) -> None:
    issue = site.report("Read by us")
    site.anna.edit(int(issue), summary="Written meanwhile")
    edit = EditFields(issue=issue, values={SUMMARY: Scalar("Ours")}, before={SUMMARY: Scalar("Read by us")})

    result = await site.tracker.edit(edit, Wanted(fields=SYSTEM), Lane.LIVE)

    assert isinstance(result, Edited)
    assert result.after is not None
    assert result.after.history is not None
    [ours] = [item for item in result.after.history if item.own]
    assert ours.before == Scalar("Written meanwhile")


async def test_one_refused_field_refuses_the_whole_edit_by_name(site: SiteUnderTest) -> None:
    issue = site.report("Before")
    values: dict[FieldId, Value] = {SUMMARY: Scalar("x" * 300), LABELS: labels("a")}

    result = await site.tracker.edit(EditFields(issue=issue, values=values), Wanted(), Lane.LIVE)

    assert isinstance(result, Refusal)
    assert list(result.fields) == [SUMMARY]
    assert not result.gone
    assert (await read(site, issue, Wanted(fields=SYSTEM))).values[LABELS] == EMPTY


async def test_writing_to_what_is_not_there_says_so(site: SiteUnderTest) -> None:
    nowhere = IssueId("999999")
    step = MoveAlong(issue=nowhere, transition=TransitionId("11"), to=site.status("Done"))
    edit = EditFields(issue=nowhere, values={SUMMARY: Scalar("x")})

    refusals = [
        await site.tracker.edit(edit, Wanted(), Lane.LIVE),
        await site.tracker.move(step, Lane.LIVE),
        await site.tracker.add_comment(nowhere, "x", marker(), Lane.LIVE),
        await site.tracker.edit_comment(nowhere, CommentId("1"), "x", Lane.LIVE),
    ]

    assert [isinstance(each, Refusal) and each.gone for each in refusals] == [True] * 4
    assert await site.tracker.comments(nowhere, Lane.LIVE) == Unavailable(nowhere)


async def test_a_way_of_several_transitions_is_a_call_and_a_read_each(site: SiteUnderTest) -> None:
    issue = site.report()
    wanted = Wanted(fields={FieldId("status"): FieldKind.STATUS}, transitions=True)
    for name, values in (("Start", {}), ("Finish", {FieldId("resolution"): Option("10000", "Done")})):
        found = await read(site, issue, wanted)
        assert found.transitions is not None
        step = next(each for each in found.transitions if each.name == name)
        assert step.required == (frozenset(values) if values else frozenset())
        result = await site.tracker.move(
            MoveAlong(issue=issue, transition=step.id, to=step.to, values=values), Lane.LIVE
        )
        assert isinstance(result, Done), result

    assert site.simulator.calls.total == 4
    assert (await read(site, issue, wanted)).values[FieldId("status")] == site.status("Done")


async def test_a_transition_that_is_not_offered_is_refused(site: SiteUnderTest) -> None:
    issue = site.report()

    result = await site.tracker.move(
        MoveAlong(issue=issue, transition=TransitionId("21"), to=site.status("Done")), Lane.LIVE
    )

    assert isinstance(result, Refusal)


async def test_comments_are_written_changed_and_removed(site: SiteUnderTest) -> None:
    issue = site.report()
    written = await site.tracker.add_comment(issue, "First", marker(), Lane.LIVE)
    assert isinstance(written, CommentSnapshot)
    assert site.simulator.calls.total == 1

    changed = await site.tracker.edit_comment(issue, written.id, "Second", Lane.LIVE)
    assert isinstance(changed, CommentSnapshot)
    assert changed.body == "Second"
    [found] = await all_comments(site, issue)
    assert (found.body, found.marker) == ("Second", marker())
    for _ in range(2):
        assert isinstance(await site.tracker.remove_comment(issue, written.id, Lane.LIVE), Done)
    assert await all_comments(site, issue) == ()


async def test_a_comment_that_is_gone_can_not_be_changed(site: SiteUnderTest) -> None:
    issue = site.report()

    result = await site.tracker.edit_comment(issue, CommentId("99"), "x", Lane.LIVE)

    assert isinstance(result, Refusal)
    assert result.gone


async def test_a_change_keeps_the_visibility_that_somebody_gave_our_comment(site: SiteUnderTest) -> None:
    issue = site.report()
    restricted = site.simulator.as_user("sync").comment(int(issue), "Hidden", role="Developers")

    changed = await site.tracker.edit_comment(issue, CommentId(str(restricted.id)), "Still hidden", Lane.LIVE)

    assert isinstance(changed, CommentSnapshot)
    assert changed.restricted


async def test_restricted_and_internal_comments_are_known(site: SiteUnderTest) -> None:
    issue = site.report()
    site.anna.comment(int(issue), "For all")
    site.anna.comment(int(issue), "For some", role="Developers")
    site.anna.comment_internally(int(issue), "For us")

    found = await all_comments(site, issue)

    assert [(each.body, each.restricted) for each in found] == [
        ("For all", False),
        ("For some", True),
        ("For us", True),
    ]


async def test_a_hundred_and_more_comments_are_all_read(site: SiteUnderTest) -> None:
    issue = site.report()
    for number in range(130):
        site.anna.comment(int(issue), str(number))

    embedded = await read(site, issue, Wanted(comments=True))
    found = await all_comments(site, issue)

    assert [each.body for each in found] == [str(number) for number in range(130)]
    assert embedded.comments == (None if site.cloud else found)


async def test_a_long_history_is_complete(site: SiteUnderTest) -> None:
    issue = site.report()
    for number in range(130):
        site.anna.edit(int(issue), summary=f"Title {number}")

    history = (await read(site, issue, Wanted(fields=SYSTEM, history=True))).history

    assert history is not None
    assert [item.after for item in history if item.field == SUMMARY] == [
        Scalar(f"Title {number}") for number in range(130)
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "answer-lost"},
        {"fault": "empty-answer"},
        {"fault": "broken-body"},
        {"fault": "html-instead"},
        {"fault": "server-error", "status": 504},
    ],
)
async def test_a_write_without_an_answer_has_an_unknown_outcome(site: SiteUnderTest, fault: dict[str, object]) -> None:
    issue = site.report()
    site.simulator.faults.arm({**fault, "method": "POST", "path": "**/comment", "times": 1})

    with pytest.raises(OutcomeUnknown):
        await site.tracker.add_comment(issue, "Hello", marker(), Lane.LIVE)

    applied = fault["fault"] in {"answer-lost", "empty-answer", "broken-body"}
    assert len(site.anna.issue(int(issue)).comments) == (1 if applied else 0)


@pytest.mark.parametrize(
    "fault", [{"fault": "too-many-requests", "retry_after": 0}, {"fault": "conflict", "path": "**"}]
)
async def test_a_write_that_was_turned_down_did_not_happen(site: SiteUnderTest, fault: dict[str, object]) -> None:
    issue = site.report()
    site.simulator.faults.arm({**fault, "method": "POST", "times": 1})

    with pytest.raises(TransientError) as raised:
        await site.tracker.add_comment(issue, "Hello", marker(), Lane.LIVE)

    assert type(raised.value) is TransientError
    assert raised.value.retry_after >= 1.0
    assert site.anna.issue(int(issue)).comments == ()


async def test_what_is_removed_already_counts_as_removed(site: SiteUnderTest) -> None:
    assert isinstance(await site.tracker.remove_file(FileId("999"), Lane.LIVE), Done)


async def all_comments(site: SiteUnderTest, issue: IssueId) -> tuple[CommentSnapshot, ...]:
    found = await site.tracker.comments(issue, Lane.LIVE)
    assert isinstance(found, tuple)
    return found
