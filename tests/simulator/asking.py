"""A thin client that asks a pretend Jira and returns status and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from backbone.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; ``body`` is JSON, or text where the answer is none."""

    status: int
    body: Any
    headers: Mapping[str, str]


def basic(name: str, secret: str) -> dict[str, str]:
    """The header of a basic login."""
    return {"Authorization": aiohttp.encode_basic_auth(name, secret)}


class Asker:
    """Calls one pretend Jira as one account."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession, account: str = "sync") -> None:
        self.simulator = simulator
        self._session = session
        self._account = account
        self.api = "2"

    def like(self, account: str) -> Asker:
        """The same Jira as somebody else; the empty name is nobody."""
        return Asker(self.simulator, self._session, account)

    def version(self, api: str) -> Asker:
        """The same in another version of the interface."""
        other = self.like(self._account)
        other.api = api
        return other

    def _auth(self) -> dict[str, str]:
        if not self._account:
            return {}
        if self.simulator.traits.is_cloud:
            return basic(f"{self._account}@example.com", f"{self._account}-token")
        return basic(self._account, self._account)

    async def ask(
        self,
        method: str,
        path: str,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        data: aiohttp.FormData | aiohttp.MultipartWriter | None = None,
    ) -> Reply:
        """Any call below the REST interface, or anywhere when the path starts with a slash."""
        url = self.simulator.url + (path if path.startswith("/") else f"/rest/api/{self.api}/{path}")
        async with self._session.request(
            method, url, json=json, headers={**self._auth(), **(headers or {})}, data=data, allow_redirects=False
        ) as response:
            kind = response.content_type
            body = await response.json() if kind == "application/json" else await response.text()
            return Reply(response.status, body, response.headers.copy())

    async def get(self, path: str) -> Reply:
        return await self.ask("GET", path)

    async def post(self, path: str, json: object) -> Reply:
        return await self.ask("POST", path, json)

    async def put(self, path: str, json: object) -> Reply:
        return await self.ask("PUT", path, json)

    async def delete(self, path: str) -> Reply:
        return await self.ask("DELETE", path)

    async def create(self, summary: str = "It is broken", project: str = "PA", **fields: object) -> str:
        """Create a bug and return its key."""
        reply = await self.post(
            "issue",
            {"fields": {"project": {"key": project}, "issuetype": {"name": "Bug"}, "summary": summary, **fields}},
        )
        assert reply.status == 201, reply.body
        return str(reply.body["key"])

    async def fields(self, key: str) -> Any:  # noqa: ANN401 - JSON of an answer
        """All fields of an issue."""
        reply = await self.get(f"issue/{key}")
        assert reply.status == 200, reply.body
        return reply.body["fields"]
