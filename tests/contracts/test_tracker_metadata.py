"""Metadata of pretend Jiras of every flavour: projects, fields, screens, options, workflows, permissions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backbone.core.model.actions import EditFields
from backbone.core.model.keys import STATUS, FieldId, IssueId, TypeId
from backbone.core.model.problems import Code
from backbone.core.model.values import FieldKind, Option, Scalar
from backbone.ports.tracker import AccessError, Lane, Refusal, Wanted
from tests.contracts.jira_sites import FLAVOURS, SiteUnderTest, site_under_test


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        await ready.tracker.account()
        ready.simulator.calls.reset()
        yield ready


def type_id(site: SiteUnderTest, name: str = "Bug") -> TypeId:
    return TypeId(site.type(name).id)


async def test_a_project_is_found_by_key_and_by_id(site: SiteUnderTest) -> None:
    by_key = await site.tracker.project("PA")

    assert by_key is not None
    assert (by_key.id, by_key.key, by_key.name) == (site.project(), "PA", "Project A")
    assert await site.tracker.project(by_key.id) == by_key


async def test_a_project_that_is_absent_or_invisible_is_none(site: SiteUnderTest) -> None:
    assert await site.tracker.project("NONE") is None
    assert await site.tracker.project("SEC") is None


async def test_fields_have_their_kinds(site: SiteUnderTest) -> None:
    kinds = {info.name: info.kind for info in await site.tracker.fields() if info.custom}

    assert kinds == {
        "Customer": FieldKind.TEXT,
        "Points": FieldKind.NUMBER,
        "Start": FieldKind.DATE,
        "Meeting": FieldKind.INSTANT,
        "Severity": FieldKind.OPTION,
        "Colors": FieldKind.OPTIONS,
        "Place": FieldKind.CASCADE,
        "Tags": FieldKind.LABELS,
        "Site": FieldKind.URL,
    }


async def test_types_have_the_statuses_of_their_workflow(site: SiteUnderTest) -> None:
    types = await site.tracker.types(site.project())

    assert [(info.type.name, info.subtask) for info in types] == [("Bug", False), ("Task", False)]
    assert {status.name for status in types[0].statuses} == {"Open", "In Progress", "Done"}


async def test_the_creation_screen_tells_what_is_required_and_allowed(site: SiteUnderTest) -> None:
    fields = {field.name: field for field in await site.tracker.create_fields(site.project(), type_id(site))}

    assert fields["Summary"].required
    assert not fields["Customer"].required
    assert fields["Customer"].options is None
    severity, place = fields["Severity"], fields["Place"]
    assert severity.options is not None
    assert [option.name for option in severity.options] == ["Minor", "Major"]
    assert place.options is not None
    assert [child.name for child in place.children[place.options[0].id]] == ["Rome", "Oslo"]


async def test_the_edit_screen_of_an_issue_is_known(site: SiteUnderTest) -> None:
    issue = site.report()

    fields = {field.id: field for field in await site.tracker.edit_fields(issue)}

    assert fields[FieldId("summary")].required
    assert site.field("Severity") in fields


async def test_options_are_told_for_each_type(site: SiteUnderTest) -> None:
    types = [type_id(site), type_id(site, "Task")]

    severity = await site.tracker.options(site.field("Severity"), site.project(), types)
    priority = await site.tracker.options(FieldId("priority"), site.project(), types)
    status = await site.tracker.options(STATUS, site.project(), types)

    assert [[option.name for option in each.options or ()] for each in severity] == [["Minor", "Major"]] * 2
    assert "High" in {option.name for option in priority[0].options or ()}
    assert [len(each.options or ()) for each in status] == [3, 3]


async def test_transitions_are_learnt_from_an_issue_in_that_status(site: SiteUnderTest) -> None:
    site.report()
    bug = type_id(site)

    found = await site.tracker.transitions_from(site.project(), bug, site.status("Open"))

    assert found is not None
    assert [(step.name, step.to.name) for step in found] == [("Start", "In Progress")]
    assert await site.tracker.transitions_from(site.project(), bug, site.status("Done")) is None


async def test_the_screen_of_a_transition_is_learnt_with_it(site: SiteUnderTest) -> None:
    issue = site.report()
    site.anna.transition(int(issue), "Start")

    found = await site.tracker.transitions_from(site.project(), type_id(site), site.status("In Progress"))

    assert found is not None
    [finish] = found
    assert finish.required == {FieldId("resolution")}
    assert finish.offered == {FieldId("resolution"), site.field("Customer")}


async def test_metadata_is_asked_once(site: SiteUnderTest) -> None:
    site.report()
    for _ in range(3):
        await site.tracker.fields()
        await site.tracker.types(site.project())
        await site.tracker.create_fields(site.project(), type_id(site))
        await site.tracker.transitions_from(site.project(), type_id(site), site.status("Open"))

    assert site.simulator.calls.total == 4


async def test_a_refused_field_makes_metadata_out_of_date(site: SiteUnderTest) -> None:
    issue = site.report()
    await site.tracker.fields()
    edit = EditFields(issue=issue, values={FieldId("summary"): Scalar("x" * 300)})
    assert isinstance(await site.tracker.edit(edit, Wanted(), Lane.LIVE), Refusal)
    site.simulator.calls.reset()

    await site.tracker.fields()

    assert site.simulator.calls.total == 1


async def test_an_option_that_was_asked_for_by_nobody_is_unknown(site: SiteUnderTest) -> None:
    assert await site.tracker.options(site.field("Customer"), site.project(), [type_id(site)]) == ()
    assert await site.tracker.transitions_from(site.project(), type_id(site), Option("777", "Nowhere")) is None


async def test_permissions_are_told(site: SiteUnderTest) -> None:
    held = await site.tracker.permissions(site.project())

    assert held["BROWSE_PROJECTS"]
    assert held["CREATE_ISSUES"]


async def test_screens_of_an_invisible_project_need_an_administrator(site: SiteUnderTest) -> None:
    with pytest.raises(AccessError) as raised:
        await site.tracker.types(site.project("SEC"))

    assert raised.value.code is Code.PERMISSION_MISSING


async def test_the_account_tells_both_clocks(site: SiteUnderTest) -> None:
    site.simulator.faults.arm({"fault": "date-skew", "seconds": 600})

    account = await site.tracker.account()

    assert 595_000 < account.clock - account.local < 605_000


async def test_an_issue_that_moved_is_known_by_its_id(site: SiteUnderTest) -> None:
    issue = site.report()
    site.anna.move(int(issue), "OT")

    found = await site.tracker.read_many([issue, IssueId("999999")], Wanted(), Lane.BULK)

    assert set(found) == {issue}
    assert found[issue].project == site.project("OT")
    assert found[issue].ref.key.startswith("OT-")
