"""A Jira that stores less of an attachment than it was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.keys import IssueId
from backbone.ports.tracker import Broken, Lane
from tests.integration.jira.test_network import LOGIN, server

CONTENT = b"all of it"


class Source:
    """A file of which everything is sent."""

    size = len(CONTENT)

    async def pieces(self) -> AsyncIterator[bytes]:
        yield CONTENT


async def test_what_was_stored_in_part_is_named_and_left_to_the_caller() -> None:
    asked: list[str] = []

    async def careless(request: web.Request) -> web.Response:
        await request.read()
        asked.append(f"{request.method} {request.path.rpartition('/')[2]}")
        match asked[-1]:
            case "GET serverInfo":
                return web.json_response({"deploymentType": "Server", "versionNumbers": [10, 3, 17]})
            case "GET myself":
                return web.json_response({"name": "sync", "key": "sync", "timeZone": "UTC"})
            case _:
                stored = {"id": "7", "filename": "a.txt", "size": 3, "mimeType": "text/plain"}
                return web.json_response([stored | {"created": "2026-11-02T12:00:00.000+0000"}])

    async with server(careless) as port:
        tracker = JiraTracker(JiraConnection(base_url=f"http://127.0.0.1:{port}", login=LOGIN), ProcessBudget())
        done = await tracker.add_file(IssueId("1"), "a.txt", "text/plain", Source(), Lane.LIVE)
        await tracker.close()

    assert isinstance(done, Broken)
    assert (done.file, done.stored, done.of) == ("7", 3, len(CONTENT))
    assert asked == ["GET serverInfo", "GET myself", "POST attachments"]
