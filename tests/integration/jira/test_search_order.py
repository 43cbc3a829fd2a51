"""A search that shows an issue newer than its index knows it: it stands too early, and hides nothing behind it."""

from __future__ import annotations

import json
import re

from aiohttp import web

from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.keys import Millis, ProjectId
from backbone.ports.login import PasswordLogin
from backbone.ports.tracker import Lane, Wanted
from tests.integration.jira.test_network import server

HOUR = 3_600_000
START = 1_767_225_600_000
PAGE = 20


def issue(number: int, updated: int) -> dict[str, object]:
    fields = {
        "updated": updated,
        "created": START,
        "issuetype": {"id": "1", "name": "Bug"},
        "project": {"id": "10000"},
        "status": {"id": "1", "name": "Open"},
    }
    return {"id": str(number), "key": f"PA-{number}", "fields": fields}


class Jira:
    """One that finds by its index, an hour from issue to issue, and shows what its database holds.

    ``edited`` was edited a moment ago, which the index does not know yet.
    """

    def __init__(self, count: int, edited: int) -> None:
        self.indexed = {number: START + number * HOUR for number in range(1, count + 1)}
        self.true = {**self.indexed, edited: START + (count + 1) * HOUR}

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/serverInfo"):
            return web.json_response({"versionNumbers": [10, 3, 17], "deploymentType": "Server"})
        if request.path.endswith("/myself"):
            return web.json_response({"name": "sync", "key": "sync"})
        asked = json.loads(await request.text())
        [floor] = re.findall(r"updated >= (\d+)", asked["jql"])
        found = [number for number, at in self.indexed.items() if at >= int(floor)]
        start = int(asked["startAt"])
        shown = [issue(number, self.true[number]) for number in found[start : start + PAGE]]
        return web.json_response({"startAt": start, "maxResults": PAGE, "total": len(found), "issues": shown})


async def test_an_issue_that_is_newer_than_its_place_hides_none_behind_it() -> None:
    for edited in (1, PAGE // 2, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE):
        jira = Jira(5 * PAGE, edited)
        async with server(jira.answer) as port:
            login = PasswordLogin(user="sync", password="secret")
            tracker = JiraTracker(JiraConnection(base_url=f"http://127.0.0.1:{port}", login=login), ProcessBudget())
            pages = tracker.changed([ProjectId("10000")], Millis(START), Wanted(), Lane.LIVE)
            found = [int(one.ref.id) async for page in pages for one in page.issues]
            await tracker.close()

        assert sorted(found) == sorted(jira.indexed), edited
