"""What happens in a Jira is told: which events, about what, to whom."""

from __future__ import annotations

from typing import Any

from backbone.simulator.world.moving import delete_project, rename_project_key
from tests.simulator.webhooks.receiver import Received
from tests.simulator.webhooks.registering import Hooked


def kinds(received: list[Received]) -> list[str]:
    """Event and kind of each delivery."""
    return [f"{each.event} {each.body.get('issue_event_type_name', '')}".strip() for each in received]


async def test_creating_editing_and_deleting_an_issue_are_told(every: Hooked) -> None:
    await every.register()
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    every.anna.edit(issue.key, summary="Pump leaks oil")
    every.anna.edit(issue.key, assignee="bert")
    every.anna.delete(issue.key)

    received = await every.deliver()
    assert sorted(kinds(received)) == [
        "jira:issue_created issue_created",
        "jira:issue_deleted",
        "jira:issue_updated issue_assigned",
        "jira:issue_updated issue_updated",
    ]
    assert {each.body["issue"]["id"] for each in received} == {str(issue.id)}
    assert {each.body["user"]["displayName"] for each in received} == {"Anna Arendt"}


async def test_an_edit_over_rest_names_its_author_and_items(every: Hooked) -> None:
    await every.register()
    key = await every.asker.create("Pump leaks")
    await every.asker.put(f"issue/{key}", {"fields": {"Summary".lower(): "Pump leaks oil"}})

    updated = next(each.body for each in await every.deliver() if each.event == "jira:issue_updated")
    item = updated["changelog"]["items"][0]
    assert (item["field"], item["fromString"], item["toString"]) == ("summary", "Pump leaks", "Pump leaks oil")
    assert updated["user"]["displayName"] == "Sync"
    assert updated["issue"]["fields"]["summary"] == "Pump leaks oil"


async def test_a_comment_is_told_twice_at_each_change(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    comment = every.anna.comment(issue.key, "Which one?")
    every.anna.edit_comment(issue.key, comment.id, "Which pump?")
    every.simulator.as_user("root").delete_comment(issue.key, comment.id)

    received = await every.deliver()
    assert sorted(kinds(received)) == [
        "comment_created",
        "comment_deleted",
        "comment_updated",
        "jira:issue_updated issue_comment_deleted",
        "jira:issue_updated issue_comment_edited",
        "jira:issue_updated issue_commented",
    ]
    deleted = next(each.body for each in received if each.body.get("issue_event_type_name") == "issue_comment_deleted")
    assert deleted["user"]["displayName"] == "Root"
    assert "changelog" not in deleted


async def test_files_are_told_beside_the_update_of_the_issue(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    attachment = every.anna.attach(issue.key, "photo.png", b"png")
    every.anna.delete_attachment(issue.key, attachment.id)

    received = await every.deliver()
    assert sorted(kinds(received)) == [
        "attachment_created",
        "attachment_deleted",
        "jira:issue_updated issue_updated",
        "jira:issue_updated issue_updated",
    ]
    told = next(each.body for each in received if each.event == "attachment_created")
    assert (told["attachment"]["id"], told["attachment"]["filename"]) == (str(attachment.id), "photo.png")


async def test_transitions_and_moves_have_kinds_of_their_own(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    every.anna.transition(issue.key, "Start")
    moved = every.anna.move(issue.key, "OT")

    received = await every.deliver()
    assert sorted(kinds(received)) == ["jira:issue_updated issue_generic", "jira:issue_updated issue_moved"]
    last = next(each.body for each in received if each.body["issue_event_type_name"] == "issue_moved")
    assert (last["issue"]["id"], last["issue"]["key"]) == (str(issue.id), moved.key)


async def test_renaming_a_project_tells_the_project_but_no_issue(every: Hooked) -> None:
    every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    world = every.simulator.world
    project = world.find_project("PA")
    assert project is not None
    rename_project_key(world, project, "PUMP")

    [received] = await every.deliver()
    assert (received.event, received.body["project"]["key"]) == ("project_updated", "PUMP")
    assert received.body["project"]["id"] == int(project.id)


async def test_deleting_a_project_tells_the_project_but_no_issue(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    world = every.simulator.world
    project = world.find_project("PA")
    assert project is not None
    delete_project(world, project)

    assert kinds(await every.deliver()) == ["project_deleted"]
    assert (await every.asker.get(f"issue/{issue.key}")).status == 404
    assert (await every.asker.get("project/PA")).status == 404


async def test_a_deleted_parent_takes_its_sub_tasks_along_each_with_an_event(every: Hooked) -> None:
    parent = every.anna.create("PA", "Bug", "Pump leaks")
    child = every.anna.create("PA", "Sub-task", "Buy a pump", parent=parent.key)
    await every.register()
    every.anna.delete(parent.key)

    assert {each.body["issue"]["key"] for each in await every.deliver()} == {parent.key, child.key}


async def test_properties_are_no_event_and_neither_is_an_edit_that_changes_nothing(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register()
    await every.asker.put(f"issue/{issue.key}/properties/backbone", {"pair": 7})
    every.anna.edit(issue.key, summary="Pump leaks")

    assert await every.deliver() == []


async def test_only_the_events_that_were_asked_for_are_told(every: Hooked) -> None:
    await every.register(events=["comment_created"])
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    every.anna.comment(issue.key, "Which one?")

    assert kinds(await every.deliver()) == ["comment_created"]


async def test_only_issues_that_match_the_query_are_told(every: Hooked) -> None:
    await every.register(jql='project = OT AND "Customer" ~ "Lumen"')
    every.anna.create("PA", "Bug", "Elsewhere", Customer="Lumen")
    every.anna.create("OT", "Bug", "Another customer", Customer="Northwind")
    wanted = every.anna.create("OT", "Bug", "This one", Customer="Lumen")
    every.anna.comment(wanted.key, "Seen")
    every.anna.edit(wanted.key, Customer="Northwind")

    received = await every.deliver()
    assert sorted(kinds(received)) == [
        "comment_created",
        "jira:issue_created issue_created",
        "jira:issue_updated issue_commented",
    ]


async def test_an_issue_named_by_the_query_is_told_even_when_it_is_deleted(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register(jql=f"key = {issue.key}")
    every.anna.delete(issue.key)

    assert "jira:issue_deleted" in kinds(await every.deliver())


async def test_an_administrators_webhook_shows_what_a_synchronization_user_may_not_see(every: Hooked) -> None:
    await every.register(jql="project = SEC")
    secret = every.simulator.as_user("bert").create("SEC", "Bug", "Not for everybody")
    every.simulator.as_user("bert").comment(secret.key, "Between us", group="staff")

    assert (await every.asker.get(f"issue/{secret.key}")).status == 404
    assert any("Between us" in each.raw.decode() for each in await every.deliver())


async def test_every_matching_webhook_is_told_and_inactive_ones_are_not(every: Hooked) -> None:
    await every.register(url=f"{every.receiver.url}/one")
    await every.register(url=f"{every.receiver.url}/two")
    word: dict[str, Any] = {"active": False} if every.simulator.webhooks.is_modern else {"enabled": False}
    await every.register(**word, url=f"{every.receiver.url}/three")
    every.anna.create("PA", "Bug", "Pump leaks")

    assert sorted(each.path for each in await every.deliver()) == ["/hook/one", "/hook/two"]
    counts = every.simulator.webhooks.ledger.counts
    assert (counts["events"], counts["accepted"], counts["success"]) == (1, 2, 2)


async def test_without_a_registration_nothing_is_even_counted(every: Hooked) -> None:
    every.anna.create("PA", "Bug", "Pump leaks")

    assert every.simulator.webhooks.ledger.counts.total() == 0
