"""The support bundle and the figures: for local administrators, without secrets and without what is written in issues."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

from starlette.requests import Request

from backbone.app.access.caller import Caller
from backbone.core.model.problems import Code, Holds, Problem
from backbone.metrics import METRICS
from backbone.ports.records import StoredConnection
from backbone.web.api.metrics import open_to_neighbours
from tests.parts.office import Office

SECRET, WORDS = "s3cret-of-the-connection", "The words of an issue that nobody else may read"


async def planted(here: Office) -> None:
    """Secrets in the connections, and content in issues, problems and messages."""
    here.jiras.first.as_user("gero").edit("PUMP-4", summary=WORDS, description=WORDS)
    await here.quiet()
    half = here.jiras.halves[0]
    found = Problem(
        code=Code.OSCILLATION,
        connector=half.connector,
        occurred_in=None,
        cause=f"'summary' was changed to and fro between '{WORDS}' and 'other'",
        remedy="Look.",
        holds=Holds(thing="planted"),
    )
    async with here.store.unit() as uow:
        await uow.problems.report(found, here.system.now())
        for one in await uow.synchronizations.connections():
            declared = one.document["declared"]
            assert isinstance(declared, dict)
            secrets = {
                "token": SECRET,
                "password": SECRET,
                "proxy": f"http://u:{SECRET}@proxy",
                "url": f"https://u:{SECRET}@jira.example/j?x={SECRET}",
            }
            document = {**one.document, "declared": {**declared, **secrets}, "sealed": SECRET}
            await uow.synchronizations.save_connection(StoredConnection(name=one.name, document=document))
        known = (await uow.synchronizations.all())[0]
        first = {"connection": "northwind", "project": "PUMP", "jql": f'summary ~ "{WORDS}"'}
        await uow.synchronizations.save(replace(known, document={**known.document, "first": first}), [])
        await uow.commit()


def texts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_a_bundle_tells_how_things_stand_and_nothing_that_is_secret_or_written_in_issues(here: Office) -> None:
    await planted(here)
    async with here.client() as api:
        answer = await api.get("support-bundle")
    found = texts(answer.content)

    assert answer.headers["content-type"] == "application/zip"
    everything = "\n".join(found.values())
    assert SECRET not in everything
    assert WORDS not in everything
    assert json.loads(found["problems.json"])[-1]["code"] == "oscillation"
    assert json.loads(found["connections.json"])[0]["url"] == "https://jira.example/j"
    assert json.loads(found["journal.json"])["issue-created"] > 0
    assert json.loads(found["queues.json"])[0]["pairs"] > 0
    assert "Severity" in found["synchronizations.json"]
    assert "looked" in found["log.txt"]


async def test_names_are_replaced_where_that_is_asked_for(here: Office) -> None:
    await planted(here)
    async with here.client() as api:
        found = texts((await api.get("support-bundle", params={"hashNames": "true"})).content)

    configuration = found["synchronizations.json"]
    assert [word for word in ("Severity", "Line down", "PUMP-4", "Blocker") if word in "".join(found.values())] == []
    assert '"fields"' in configuration
    assert re.search(r"name-[0-9a-f]{12}", configuration)


async def test_the_figures_are_those_that_the_reference_lists(here: Office) -> None:
    await here.quiet()
    async with here.client() as api:
        answer = await api.get("metrics")
    half = here.jiras.halves[0]

    told = set(re.findall(r"^# TYPE (\S+)", answer.text, re.MULTILINE))
    assert {one.name for one in METRICS} <= told | {"backbone_problems"}
    pairs = re.search(rf'backbone_pairs{{connector="{half.connector}",integration="INT-1"}} ([0-9.]+)', answer.text)
    assert pairs is not None
    assert float(pairs[1]) > 0
    assert re.search(r'backbone_jira_calls_total{host="[^"]+",kind="POST issue/bulk",status="201"}', answer.text) or (
        'kind="POST issue"' in answer.text
    )
    assert re.search(r"issue/\d", answer.text) is None


async def test_bundle_and_figures_are_for_local_administrators(here: Office) -> None:
    half = here.jiras.halves[0]
    here.callers["ann"] = Caller(name="jira:a:ann", shown="Ann", instances=frozenset({half.connection}))
    async with here.client("ann") as ann, here.client("nobody") as nobody:
        for path in ("metrics", "support-bundle"):
            assert (await ann.get(path)).status_code == 403
            assert (await nobody.get(path)).status_code == 401


def request(path: str, client: str, *headers: str) -> Request:
    named = [(name.encode(), b"x") for name in headers]
    return Request(
        {"type": "http", "method": "GET", "path": path, "headers": named, "client": (client, 1), "query_string": b""}
    )


async def test_a_neighbour_reads_figures_and_nothing_else_without_a_log_in() -> None:
    async def nobody(_: Request) -> Caller | None:
        return None

    authenticate = open_to_neighbours(nobody)
    path = "/plugins/servlet/backbone-issue-sync/api/1/metrics"

    caller = await authenticate(request(path, "127.0.0.1"))
    assert caller is not None
    assert caller.scope == "read"
    assert await authenticate(request(path, "192.0.2.7")) is None
    assert await authenticate(request(path, "127.0.0.1", "x-forwarded-for")) is None
    assert await authenticate(request(path.replace("metrics", "support-bundle"), "127.0.0.1")) is None
