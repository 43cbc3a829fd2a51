"""Attachments over REST."""

from __future__ import annotations

import aiohttp
import pytest

from tests.simulator.asking import Asker, Reply

NO_CHECK = {"X-Atlassian-Token": "no-check"}


def form(name: str, content: bytes = b"content") -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("file", content, filename=name, content_type="text/plain")
    return data


async def upload(asker: Asker, key: str, name: str = "a.txt", content: bytes = b"content") -> Reply:
    return await asker.ask("POST", f"issue/{key}/attachments", headers=NO_CHECK, data=form(name, content))


async def test_the_same_name_twice_is_two_files(either: Asker) -> None:
    key = await either.create()
    first, second = await upload(either, key), await upload(either, key)
    assert (first.status, second.status) == (200, 200)
    names = [(file["id"], file["filename"], file["size"]) for file in (await either.fields(key))["attachment"]]
    assert names == [(first.body[0]["id"], "a.txt", 7), (second.body[0]["id"], "a.txt", 7)]
    history = (await either.get(f"issue/{key}?expand=changelog")).body["changelog"]["histories"]
    assert {item["to"] for entry in history for item in entry["items"]} == {first.body[0]["id"], second.body[0]["id"]}


async def test_an_upload_without_the_word_against_forgery_is_refused(either: Asker) -> None:
    key = await either.create()
    reply = await either.ask("POST", f"issue/{key}/attachments", data=form("a.txt"))
    assert (reply.status, reply.body) == (403, "XSRF check failed")


async def test_a_file_over_the_limit_is_refused(either: Asker) -> None:
    key = await either.create()
    either.simulator.world.settings.upload_limit = 10
    assert (await either.get("attachment/meta")).body == {"enabled": True, "uploadLimit": 10}
    assert (await upload(either, key, content=b"x" * 11)).status == 413
    assert (await either.fields(key))["attachment"] == []


@pytest.mark.parametrize(("header", "expected"), [("Umläute ß.txt", "Umläute ß.txt")])
async def test_names_in_plain_utf8_are_kept(either: Asker, header: str, expected: str) -> None:
    key = await either.create()
    reply = await upload(either, key, header)
    assert (reply.status, reply.body[0]["filename"]) == (200, expected)


async def test_data_center_fails_on_names_in_the_form_of_rfc_2231(data_center: Asker) -> None:
    key = await data_center.create()
    with aiohttp.MultipartWriter("form-data") as writer:
        part = writer.append(b"x")
        part.headers["Content-Disposition"] = "form-data; name=\"file\"; filename*=utf-8''%C3%BC.txt"
        reply = await data_center.ask("POST", f"issue/{key}/attachments", headers=NO_CHECK, data=writer)
    assert reply.status == 500


async def test_data_center_serves_bytes_beside_the_rest_interface(data_center: Asker) -> None:
    key = await data_center.create()
    content = (await upload(data_center, key)).body[0]["content"]
    path = content.removeprefix(data_center.simulator.url)
    assert path.startswith("/secure/attachment/")
    assert (await data_center.get(path)).body == "content"
    stranger = await data_center.like("").get(path)
    assert (stranger.status, "login.jsp" in stranger.headers["Location"]) == (302, True)


async def test_cloud_sends_to_a_host_that_must_not_get_credentials(
    cloud: Asker, session: aiohttp.ClientSession
) -> None:
    key = await cloud.create()
    file = (await upload(cloud, key)).body[0]
    reply = await cloud.get(file["content"].removeprefix(cloud.simulator.url))
    assert reply.status == 303
    location = reply.headers["Location"]
    assert not location.startswith(cloud.simulator.url)
    async with session.get(location) as plain:
        assert (plain.status, await plain.read()) == (200, b"content")
    async with session.get(location, headers={"Authorization": "Basic eA=="}) as leaky:
        assert leaky.status == 400
    assert cloud.simulator.calls.of("GET media with credentials") == 1
    direct = await cloud.get(f"attachment/content/{file['id']}?redirect=false")
    assert (direct.status, direct.body) == (200, "content")


async def test_deleting_leaves_only_the_old_side_in_the_history(either: Asker) -> None:
    key = await either.create()
    file = (await upload(either, key)).body[0]
    assert (await either.get(f"attachment/{file['id']}")).body["filename"] == "a.txt"
    assert (await either.delete(f"attachment/{file['id']}")).status == 204
    assert (await either.get(f"attachment/{file['id']}")).status == 404
    histories = (await either.get(f"issue/{key}?expand=changelog")).body["changelog"]["histories"]
    items = [item for entry in histories for item in entry["items"] if item["from"] == file["id"]]
    assert [(item["to"], item["fromString"]) for item in items] == [(None, "a.txt")]
