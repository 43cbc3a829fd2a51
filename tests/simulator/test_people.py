"""Users over REST."""

from __future__ import annotations

from tests.simulator.asking import Asker


async def test_users_are_found_by_the_words_of_the_product(either: Asker) -> None:
    anna = either.simulator.as_user("anna").user
    cloud = either.simulator.traits.is_cloud
    word = f"accountId={anna.account_id}" if cloud else "username=anna"
    assert (await either.get(f"user?{word}")).body["displayName"] == "Anna Arendt"
    assert (await either.get("user?" + ("accountId=x" if cloud else "username=x"))).status == 404
    search = await either.get("user/search?" + ("query=aren" if cloud else "username=aren"))
    assert [user["displayName"] for user in search.body] == ["Anna Arendt"]


async def test_assignees_are_written_by_the_words_of_the_product(either: Asker) -> None:
    key = await either.create()
    anna = either.simulator.as_user("anna").user
    good, bad = {"name": "anna"}, {"name": "nobody"}
    if either.simulator.traits.is_cloud:
        good, bad = {"accountId": anna.account_id}, {"accountId": "nobody"}
    assert (await either.put(f"issue/{key}/assignee", good)).status == 204
    assert (await either.fields(key))["assignee"]["displayName"] == "Anna Arendt"
    refused = await either.put(f"issue/{key}", {"fields": {"assignee": bad}})
    assert (refused.status, list(refused.body["errors"])) == (400, ["assignee"])
    assert (await either.put(f"issue/{key}", {"fields": {"assignee": None}})).status == 204
    assert (await either.fields(key))["assignee"] is None


async def test_people_who_left_can_neither_log_in_nor_be_assigned(either: Asker) -> None:
    key = await either.create()
    anna = either.simulator.as_user("anna").user
    await either.ask("POST", "/__simulator__/user", {"user": "anna", "active": False})
    word = {"accountId": anna.account_id} if either.simulator.traits.is_cloud else {"name": "anna"}
    assert (await either.put(f"issue/{key}", {"fields": {"assignee": word}})).status == 400
    assert (await either.like("anna").get("myself")).status == 401


async def test_assignable_users_belong_to_a_project(either: Asker) -> None:
    reply = await either.get("user/assignable/search?project=PA")
    assert {user["displayName"] for user in reply.body} == {"Sync", "Anna Arendt", "Bert Brecht", "Root"}
    assert (await either.get("user/assignable/search")).status == 400


async def test_cloud_cuts_its_window_before_it_filters(cloud: Asker) -> None:
    first = await cloud.get("user/search?query=bert&startAt=0&maxResults=2")
    second = await cloud.get("user/search?query=bert&startAt=2&maxResults=2")
    assert (len(first.body), len(second.body)) == (0, 1)


async def test_cloud_reads_several_users_at_once(cloud: Asker) -> None:
    ids = [cloud.simulator.as_user(name).user.account_id for name in ("anna", "bert")]
    reply = await cloud.get(f"user/bulk?accountId={ids[0]}&accountId={ids[1]}")
    assert {user["accountId"] for user in reply.body["values"]} == set(ids)


async def test_little_is_told_about_a_deleted_account(either: Asker) -> None:
    key = await either.create()
    anna = either.simulator.as_user("anna")
    anna.comment(key, "mine")
    anna.edit(key, assignee="anna")
    await either.ask("POST", "/__simulator__/user", {"user": "anna", "deleted": True})
    fields = await either.fields(key)
    comment = fields["comment"]["comments"][0]
    if either.simulator.traits.is_cloud:
        assert (fields["assignee"]["displayName"], fields["assignee"]["active"]) == ("Former user", False)
        assert comment["author"]["accountId"] == anna.user.account_id
    else:
        assert fields["assignee"] == {"name": "anna", "active": False}
        assert "author" not in comment
    assert (await either.like("anna").get("myself")).status == 401
