"""Comments over REST."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulator.asking import Asker


async def test_a_comment_is_created_edited_and_deleted(either: Asker) -> None:
    key = await either.create()
    before = await either.fields(key)
    either.simulator.world.clock.advance(timedelta(seconds=90))
    made = await either.post(f"issue/{key}/comment", {"body": "first"})
    assert made.status == 201
    edited = await either.put(f"issue/{key}/comment/{made.body['id']}", {"body": "second"})
    assert (edited.status, edited.body["body"]) == (200, "second")
    fields = await either.fields(key)
    assert fields["updated"] > before["updated"]
    assert fields["comment"]["comments"][0]["body"] == "second"
    assert (await either.delete(f"issue/{key}/comment/{made.body['id']}")).status == 204
    assert (await either.get(f"issue/{key}/comment/{made.body['id']}")).status == 404
    assert (await either.get(f"issue/{key}?expand=changelog")).body["changelog"]["total"] == 0


async def test_author_and_times_are_not_the_callers_to_say(either: Asker) -> None:
    key = await either.create()
    made = await either.post(
        f"issue/{key}/comment", {"body": "x", "author": {"name": "anna"}, "created": "2001-01-01T00:00:00.000+0000"}
    )
    assert made.body["created"].startswith("2026-11-02")
    assert made.body["author"]["displayName"] == "Sync"


async def test_restricted_comments_are_absent_for_others(either: Asker) -> None:
    key = await either.create()
    either.simulator.as_user("bert").comment(key, "staff only", group="staff")
    made = await either.post(
        f"issue/{key}/comment", {"body": "devs", "visibility": {"type": "role", "value": "Developers"}}
    )
    assert made.body["visibility"]["value"] == "Developers"
    mine = await either.get(f"issue/{key}/comment")
    assert [comment["body"] for comment in mine.body["comments"]] == ["devs"]
    assert (await either.like("anna").get(f"issue/{key}/comment")).body["total"] == 0


def cloud_of(asker: Asker) -> bool:
    return asker.simulator.traits.is_cloud


async def test_an_update_without_visibility_makes_a_comment_public(either: Asker) -> None:
    key = await either.create()
    made = await either.post(
        f"issue/{key}/comment", {"body": "x", "visibility": {"type": "role", "value": "Developers"}}
    )
    edited = await either.put(f"issue/{key}/comment/{made.body['id']}", {"body": "y"})
    assert "visibility" not in edited.body


@pytest.mark.parametrize(
    "body",
    [
        {"body": ""},
        {"body": "x" * 32_768},
        {"text": "x"},
        {"body": "x", "visibility": {"type": "role", "value": "Nobody"}},
        {"body": "x", "visibility": {"type": "group", "value": "staff"}},
    ],
)
async def test_a_bad_comment_is_refused(either: Asker, body: dict[str, object]) -> None:
    key = await either.create()
    assert (await either.post(f"issue/{key}/comment", body)).status == 400


async def test_others_comments_need_the_right_to_edit_all(either: Asker) -> None:
    key = await either.create()
    theirs = either.simulator.as_user("anna").comment(key, "mine")
    assert (await either.put(f"issue/{key}/comment/{theirs.id}", {"body": "taken"})).status == 400
    assert (await either.delete(f"issue/{key}/comment/{theirs.id}")).status == 400


async def test_comment_properties_merge_at_creation_and_edit(either: Asker) -> None:
    key = await either.create()
    made = await either.post(f"issue/{key}/comment", {"body": "x", "properties": [{"key": "a", "value": 1}]})
    path = f"issue/{key}/comment/{made.body['id']}"
    await either.put(path, {"body": "x", "properties": [{"key": "b", "value": {"c": 2}}]})
    shown = await either.get(path + "?expand=properties")
    assert shown.body["properties"] == [{"key": "a", "value": 1}, {"key": "b", "value": {"c": 2}}]


async def test_cloud_pages_comments_and_data_center_gives_all(either: Asker) -> None:
    key = await either.create()
    anna = either.simulator.as_user("anna")
    for number in range(120):
        anna.comment(key, f"c{number}")
    listed = await either.get(f"issue/{key}/comment")
    embedded = (await either.fields(key))["comment"]
    assert (len(listed.body["comments"]), listed.body["total"]) == ((100, 120) if cloud_of(either) else (120, 120))
    assert len(embedded["comments"]) == (100 if cloud_of(either) else 120)
    rest = await either.get(f"issue/{key}/comment?startAt=100&maxResults=1000")
    assert rest.body["maxResults"] == (100 if cloud_of(either) else 1000)
    assert len(rest.body["comments"]) == 20


async def test_comments_are_fetched_by_id_on_cloud(cloud: Asker) -> None:
    key = await cloud.create()
    first = cloud.simulator.as_user("anna").comment(key, "a")
    hidden = cloud.simulator.as_user("bert").comment(key, "b", group="staff")
    reply = await cloud.post("comment/list", {"ids": [first.id, hidden.id, 99]})
    assert [comment["body"] for comment in reply.body["values"]] == ["a"]


async def test_version_three_takes_documents_only(cloud: Asker) -> None:
    key = await cloud.create()
    three = cloud.version("3")
    document = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hello"}]}],
    }
    made = await three.post(f"issue/{key}/comment", {"body": document})
    assert (made.status, made.body["body"]) == (201, document)
    assert (await three.post(f"issue/{key}/comment", {"body": "hello"})).status == 400
    assert (await cloud.post(f"issue/{key}/comment", {"body": document})).status == 400
    seen = await cloud.get(f"issue/{key}/comment/{made.body['id']}")
    assert seen.body["body"] == "hello"
