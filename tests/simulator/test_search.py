"""Search over REST."""

from __future__ import annotations

from tests.simulator.asking import Asker


async def test_data_center_pages_by_offset_and_clamps_silently(data_center: Asker) -> None:
    for number in range(5):
        await data_center.create(f"n{number}")
    data_center.simulator.world.settings.search_maximum = 2
    reply = await data_center.get("search?jql=project=PA+order+by+key&startAt=2&maxResults=1000&fields=summary")
    assert (reply.body["startAt"], reply.body["maxResults"], reply.body["total"]) == (2, 2, 5)
    assert [issue["fields"]["summary"] for issue in reply.body["issues"]] == ["n2", "n3"]


async def test_data_center_shows_navigable_fields_by_default(data_center: Asker) -> None:
    await data_center.create()
    reply = await data_center.post("search", {"jql": "project = PA", "expand": ["names"]})
    fields = reply.body["issues"][0]["fields"]
    assert "summary" in fields
    assert "comment" not in fields
    assert reply.body["names"]["summary"] == "Summary"


async def test_cloud_pages_by_token_and_shows_only_ids_by_default(cloud: Asker) -> None:
    keys = [await cloud.create(f"n{number}") for number in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        reply = await cloud.post(
            "search/jql",
            {"jql": "project = PA order by key", "maxResults": 2, "fields": ["key"]}
            | ({"nextPageToken": token} if token else {}),
        )
        seen += [issue["key"] for issue in reply.body["issues"]]
        assert "total" not in reply.body
        if reply.body["isLast"]:
            break
        token = reply.body["nextPageToken"]
    assert seen == keys
    only = await cloud.get("search/jql?jql=project=PA")
    assert "fields" not in only.body["issues"][0]


async def test_cloud_gives_a_hundred_issues_with_fields_and_thousands_without(cloud: Asker) -> None:
    anna = cloud.simulator.as_user("anna")
    for number in range(130):
        anna.create("PA", "Bug", f"n{number}")
    full = await cloud.post("search/jql", {"jql": "project = PA", "maxResults": 5000, "fields": ["summary"]})
    light = await cloud.post("search/jql", {"jql": "project = PA", "maxResults": 5000, "fields": ["id"]})
    assert (len(full.body["issues"]), full.body["isLast"]) == (100, False)
    assert (len(light.body["issues"]), light.body["isLast"]) == (130, True)


async def test_cloud_refuses_unbounded_queries_and_the_old_search(cloud: Asker) -> None:
    assert (await cloud.post("search/jql", {"jql": "order by created"})).status == 400
    for method in ("GET", "POST"):
        reply = await cloud.ask(method, "search")
        assert reply.status == 410
        assert "search/jql" in reply.body["errorMessages"][0]


async def test_cloud_counts_approximately(cloud: Asker) -> None:
    await cloud.create()
    assert (await cloud.post("search/approximate-count", {"jql": "project = PA"})).body == {"count": 1}


async def test_a_search_sees_only_what_the_account_may_browse(either: Asker) -> None:
    either.simulator.as_user("bert").create("SEC", "Bug", "hidden")
    mine = await either.create()
    path = "search/jql?fields=key&jql=" if either.simulator.traits.is_cloud else "search?fields=key&jql="
    reply = await either.get(path + "created+>+-1d")
    assert [issue["key"] for issue in reply.body["issues"]] == [mine]


async def test_a_query_that_names_the_unknown_is_refused(either: Asker) -> None:
    path = "search/jql" if either.simulator.traits.is_cloud else "search"
    reply = await either.post(path, {"jql": "project = NOPE"})
    assert reply.status == 400
    assert "NOPE" in reply.body["errorMessages"][0]


async def test_a_property_is_searched_only_where_an_app_indexes_it(either: Asker) -> None:
    key = await either.create()
    await either.put(f"issue/{key}/properties/sync", {"partner": "X-1"})
    path = "search/jql" if either.simulator.traits.is_cloud else "search"
    query = {"jql": 'issue.property["sync"].partner = "X-1"', "fields": ["key"]}
    before = await either.post(path, query)
    assert before.status == 400 or before.body["issues"] == []
    either.simulator.world.indexed_properties["sync", "partner"] = "string"
    assert [issue["key"] for issue in (await either.post(path, query)).body["issues"]] == [key]
