"""A tiny site in front of which faults are armed; it remembers what it did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer

from backbone.simulator.faults import FaultBoard, fault_middleware

ISSUES = [{"id": str(number)} for number in range(1, 8)]


@dataclass(slots=True, kw_only=True)
class Site:
    """What was done, and how long faults made the site wait."""

    done: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    summary: str = "first"
    board: FaultBoard = field(default_factory=FaultBoard)
    client: TestClient[web.Request, web.Application] = field(init=False)

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def search(self, request: web.Request) -> web.Response:
        """Pages as Cloud gives them, the token being a position, or as Data Center does for ``startAt``."""
        given = dict(request.query) if request.method == "GET" else await request.json()
        if "startAt" in given:
            return web.json_response({"issues": ISSUES[int(given["startAt"]) :], "total": len(ISSUES)})
        start, size = int(given.get("nextPageToken") or 0), int(given.get("maxResults", 3))
        page = {"issues": ISSUES[start : start + size], "isLast": start + size >= len(ISSUES)}
        return web.json_response(page if page["isLast"] else {**page, "nextPageToken": str(start + size)})

    async def bulk(self, request: web.Request) -> web.Response:
        """Create what has a summary, refuse the rest."""
        updates = (await request.json())["issueUpdates"]
        failed = [number for number, update in enumerate(updates) if not update]
        self.done += [update["summary"] for update in updates if update]
        errors = [{"status": 400, "elementErrors": {}, "failedElementNumber": number} for number in failed]
        issues = [{"id": update["summary"]} for update in updates if update]
        return web.json_response({"issues": issues, "errors": errors}, status=201)

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response({"id": request.match_info["id"], "summary": self.summary})

    async def write(self, request: web.Request) -> web.Response:
        await self.board.before_write(request, "edit")
        self.done.append(f"{request.method} {request.match_info['id']}")
        await self.board.after_write(request, "edit")
        return web.json_response({"written": True})

    async def download(self, request: web.Request) -> web.Response:
        del request
        return web.Response(body=b"0123456789", content_type="application/octet-stream")

    async def redirect(self, request: web.Request) -> web.Response:
        del request
        return web.Response(status=303, headers={"Location": "/secure/attachment/1/a.bin"})

    async def control(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(self.board.list())


@asynccontextmanager
async def faulty_site() -> AsyncIterator[Site]:
    site = Site()
    site.board = FaultBoard(sleep=site.wait, clock=lambda: 1_772_359_200.0)
    app = web.Application(middlewares=[fault_middleware(site.board)])
    app.router.add_get("/rest/api/3/search/jql", site.search)
    app.router.add_post("/rest/api/3/search/jql", site.search)
    app.router.add_post("/rest/api/3/issue/bulk", site.bulk)
    app.router.add_get("/rest/api/3/issue/{id}", site.read)
    app.router.add_put("/rest/api/3/issue/{id}", site.write)
    app.router.add_post("/rest/api/3/issue/{id}/attachments", site.write)
    app.router.add_get("/secure/attachment/{id}/{name}", site.download)
    app.router.add_get("/rest/api/3/attachment/content/{id}", site.redirect)
    app.router.add_get("/__simulator__/faults", site.control)
    headers = {"Authorization": encode_basic_auth("sync", "secret")}
    async with TestClient(TestServer(app), headers=headers) as client:
        site.client = client
        yield site
