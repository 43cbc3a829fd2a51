"""The floor: a plain client that makes the least possible calls and remembers nothing.

It knows the ids of all fields beforehand, maps nothing, checks nothing, and would make everything twice if it were
started again. What a synchronization takes longer than this is the price of everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiohttp

from tests.bench.jira import NORTHWIND, RemoteJira

BATCH = 50
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an issue of the target needs: its project, its types, and its names of values."""

    project: str
    types: Mapping[str, str]
    priorities: Mapping[str, str]


INTO_CLOUD = Shape(
    project="LUM",
    types={"Bug": "Defect", "Task": "Task"},
    priorities={"Critical": "P1", "Major": "P2", "Minor": "P3"},
)
INTO_DATA_CENTER = Shape(
    project="PUMP",
    types={"Defect": "Bug", "Task": "Task"},
    priorities={"P1": "Critical", "P2": "Major", "P3": "Minor"},
)


class Floor:
    """One run from ``source`` to ``target`` with at most ``concurrency`` calls at a time."""

    def __init__(self, source: RemoteJira, target: RemoteJira, concurrency: int) -> None:
        self._source = source
        self._target = target
        self._slots = asyncio.Semaphore(concurrency)
        self._shape = INTO_CLOUD if source.name == NORTHWIND else INTO_DATA_CENTER
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency))
        self._fields: dict[str, str] = {}

    async def run(self, project: str) -> float:
        """Bring every issue with its comments to the target; the seconds that it took."""
        names = await self._names()
        begun = monotonic()
        async with asyncio.TaskGroup() as group:
            async for page in self._pages(project):
                for start in range(0, len(page), BATCH):
                    group.create_task(self._batch(page[start : start + BATCH], names, group))
        seconds = monotonic() - begun
        await self._http.close()
        return seconds

    async def _call(self, jira: RemoteJira, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  JSON
        async with (
            self._slots,
            self._http.request(method, f"{jira.url}/rest/api/2/{path}", json=body, **jira.login()) as answer,
        ):
            answer.raise_for_status()
            return await answer.json() if answer.content_length != 0 else None

    async def _names(self) -> dict[str, str]:
        """Fields of the source by those of the target; metadata is not part of what is measured."""
        pairs = [("Customer", "Account"), ("Effort", "Story Points")]
        if self._source.name != NORTHWIND:
            pairs = [(second, first) for first, second in pairs]
        here = {each["name"]: each["id"] for each in await self._call(self._source, "GET", "field")}
        there = {each["name"]: each["id"] for each in await self._call(self._target, "GET", "field")}
        same = {name: name for name in ("summary", "description", "labels")}
        return same | {here[ours]: there[theirs] for ours, theirs in pairs}

    async def _pages(self, project: str) -> AsyncIterator[Sequence[Any]]:
        fields = ["*navigable", "comment"]
        body: dict[str, object] = {"jql": f"project = {project} ORDER BY key ASC", "fields": fields, "maxResults": PAGE}
        cloud = self._source.name != NORTHWIND
        while True:
            found = await self._call(self._source, "POST", "search/jql" if cloud else "search", body)
            yield found["issues"]
            if cloud and not found.get("nextPageToken"):
                return
            if cloud:
                body["nextPageToken"] = found["nextPageToken"]
                continue
            body["startAt"] = found["startAt"] + len(found["issues"])
            if body["startAt"] >= found["total"]:
                return

    async def _batch(self, issues: Sequence[Any], names: Mapping[str, str], group: asyncio.TaskGroup) -> None:
        updates = [{"fields": self._new(each["fields"], names)} for each in issues]
        created = (await self._call(self._target, "POST", "issue/bulk", {"issueUpdates": updates}))["issues"]
        for each, new in zip(issues, created, strict=True):
            group.create_task(self._comments(new["id"], each["fields"]["comment"]["comments"]))

    def _new(self, fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, object]:
        values = {theirs: fields[ours] for ours, theirs in names.items() if fields.get(ours) is not None}
        return {
            "project": {"key": self._shape.project},
            "issuetype": {"name": self._shape.types[fields["issuetype"]["name"]]},
            "priority": {"name": self._shape.priorities[fields["priority"]["name"]]},
            **values,
        }

    async def _comments(self, issue: str, comments: Sequence[Any]) -> None:
        for each in comments:
            text = f"{each['author']['displayName']} wrote on {each['created']}:\n{each['body']}"
            await self._call(self._target, "POST", f"issue/{issue}/comment", {"body": text})
