"""Nonsense is refused, never answered by a breakdown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulator.asking import Asker

MARKED = {"type": "text", "text": "x", "marks": [1]}
NONSENSE: tuple[object, ...] = (
    None,
    [],
    "x",
    1,
    1.5,
    True,
    {},
    [None],
    [[]],
    [{}],
    {"id": {}},
    {"id": []},
    {"name": 1},
    {"id": "1", "child": "x"},
    [{"add": 1}],
    {"type": "doc", "version": 1, "content": [1]},
    {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [MARKED]}]},
)
CREATE = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "q"}
Request = tuple[str, str, object]


def writes(key: str, field: str, value: object) -> Iterator[Request]:
    yield "PUT", f"issue/{key}", {"fields": {field: value}}
    yield "PUT", f"issue/{key}", {"update": {field: value}}
    yield "PUT", f"issue/{key}", {"update": {field: [{"add": value}]}}
    yield "POST", "issue", {"fields": {**CREATE, field: value}}


def bodies(key: str, value: object) -> Iterator[Request]:
    for part in ("fields", "update", "properties", "historyMetadata", "transition"):
        yield "PUT", f"issue/{key}", {part: value}
        yield "POST", f"issue/{key}/transitions", {"transition": {"id": "51"}, part: value}
    for part in ("body", "visibility", "properties"):
        yield "POST", f"issue/{key}/comment", {"body": "x", part: value}
    for part in ("jql", "fields", "expand", "maxResults", "startAt", "nextPageToken", "properties", "reconcileIssues"):
        yield "POST", "search", {"jql": "project = PA", part: value}
        yield "POST", "search/jql", {"jql": "project = PA", part: value}
    yield "POST", "issue/bulk", {"issueUpdates": value}
    yield "POST", "issue/bulk", {"issueUpdates": [value]}
    yield "POST", "issue/bulkfetch", {"issueIdsOrKeys": value}
    yield "POST", "changelog/bulkfetch", {"issueIdsOrKeys": [key], "nextPageToken": value}
    yield "POST", "comment/list", {"ids": value}
    yield "PUT", f"issue/{key}/assignee", value


@pytest.mark.parametrize("value", NONSENSE)
async def test_no_nonsense_in_a_body_breaks_the_server(either: Asker, value: object) -> None:
    key = await either.create()
    fields = list(either.simulator.world.fields)
    asked = [*bodies(key, value), *(request for field in fields for request in writes(key, field, value))]
    broken = []
    for api in {"2", either.simulator.traits.api_versions[1]} - {"latest"}:
        for method, path, body in asked:
            if (await either.version(api).ask(method, path, body)).status >= 500:
                broken.append((method, path, body))
    assert broken == []


@pytest.mark.parametrize(
    "path",
    [
        "search?maxResults=-1&jql=",
        "search?maxResults=a&jql=",
        "issue/%D9%A1",
        "issue/PA-",
        "issue/PA-1/comment/-1",
        "issue/PA-1/comment?maxResults=-5&startAt=-2",
        "attachment/x",
        "project/%20",
        "search/jql?jql=project%3DPA&nextPageToken=x",
        "issue/createmeta/PA/issuetypes/x",
        "mypermissions?issueKey=X-1&permissions=EDIT_ISSUES",
    ],
)
async def test_no_nonsense_in_an_address_breaks_the_server(either: Asker, path: str) -> None:
    await either.create()
    assert (await either.get(path)).status < 500
