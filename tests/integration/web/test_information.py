"""Sync information: listed, imported, deleted and restored, a connector at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from httpx2 import Response

from backbone.app.access.caller import Caller
from backbone.core.model.keys import ConnectorKey
from tests.parts.office import Office

FIRST_FIELDS = [
    "id",
    "connectorKey",
    "localIssueKey",
    "remoteIssueKey",
    "firstSyncDate",
    "lastOutgoingChange",
    "lastChangeSeen",
    "outgoingMessageSequenceId",
    "lastIncomingChange",
    "incomingMessageSequenceId",
    "incomingChangesIgnored",
]


def path(connector: str) -> str:
    return f"connectors/{connector}/syncInformation"


def connectors(here: Office) -> tuple[ConnectorKey, ConnectorKey]:
    first, second = here.jiras.halves
    return first.connector, second.connector


async def listed(here: Office, connector: str, **query: str | int) -> list[dict[str, Any]]:
    async with here.client() as client:
        answer = await client.get(path(connector), params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def posted(here: Office, connector: str, entries: object) -> Response:
    async with here.client() as client:
        return await client.post(path(connector), json=entries)


async def paired(here: Office, *pairs: tuple[str, str], **values: object) -> None:
    """Import pairs on both connectors."""
    first, second = connectors(here)
    for connector, local, remote in ((first, 0, 1), (second, 1, 0)):
        entries = [{"localIssueKey": one[local], "remoteIssueKey": one[remote], **values} for one in pairs]
        answer = await posted(here, connector, entries)
        assert answer.status_code == 200, answer.text


async def deleted(here: Office, connector: str, query: str = "") -> Response:
    async with here.client() as client:
        return await client.delete(path(connector) + query)


async def codes(here: Office) -> Sequence[str]:
    async with here.store.unit() as uow:
        return [one.problem.code.value for one in await uow.problems.open()]


def keys(entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(one["localIssueKey"], one["remoteIssueKey"]) for one in entries]


async def test_what_was_synchronized_is_listed_as_documented(here: Office) -> None:
    await here.quiet(10)
    first, second = connectors(here)
    entries = await listed(here, first)
    partners = await here.jiras.partners()
    assert dict(keys(entries)) == dict(partners)
    assert [name for name in FIRST_FIELDS if name in entries[0]] == list(entries[0])
    assert isinstance(entries[0]["id"], int)
    assert entries[0]["connectorKey"] == first
    assert entries[0]["firstSyncDate"] > 1_700_000_000_000
    assert entries[0]["incomingChangesIgnored"] is False
    assert sorted(key for _, key in keys(await listed(here, second))) == sorted(partners)


async def test_filters_and_pages_choose_some_and_tell_the_total(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"), ("PUMP-2", "LUM-2"), ("PUMP-3", "LUM-3"))
    first, _ = connectors(here)
    assert keys(await listed(here, first, localIssueKey="PUMP-2")) == [("PUMP-2", "LUM-2")]
    assert keys(await listed(here, first, remoteIssueKey="LUM-3")) == [("PUMP-3", "LUM-3")]
    assert await listed(here, first, localIssueKey="PUMP-2", remoteIssueKey="LUM-3") == []
    assert await listed(here, first, localIssueKey="../../myself") == []
    async with here.client() as client:
        answer = await client.get(path(first), params={"startAt": 1, "maxResults": 1})
    assert keys(answer.json()) == [("PUMP-2", "LUM-2")]
    assert answer.headers["X-Total-Count"] == "3"


async def test_the_list_can_be_imported_again_and_changes_nothing(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"), ("PUMP-2", "LUM-2"))
    first, _ = connectors(here)
    before = await listed(here, first)
    answer = await posted(here, first, before)
    assert answer.status_code == 200, answer.text
    assert await listed(here, first) == before


async def test_given_values_win_when_a_pair_is_imported_again(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"))
    first, second = connectors(here)
    values = {
        "firstSyncDate": 1495002038742,
        "lastOutgoingChange": 1495002035948,
        "lastChangeSeen": 1495002035949,
        "outgoingMessageSequenceId": 7,
        "lastIncomingChange": 1495002053729,
        "incomingMessageSequenceId": 4,
        "incomingChangesIgnored": True,
    }
    [before] = await listed(here, first)
    answer = await posted(here, first, [{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1", **values}])
    assert answer.status_code == 200, answer.text
    assert await listed(here, first) == [before | values]
    [there] = await listed(here, second)
    assert (there["outgoingMessageSequenceId"], there["incomingMessageSequenceId"]) == (4, 7)


async def test_an_entry_at_one_connector_is_a_half_and_sends_nothing(here: Office) -> None:
    first, second = connectors(here)
    answer = await posted(here, first, [{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1"}])
    assert answer.json() == {"imported": 1, "halves": 1}
    assert await codes(here) == ["half-pair"]
    await here.quiet(10)
    assert keys(await listed(here, first, localIssueKey="PUMP-1")) == [("PUMP-1", "LUM-1")]
    assert await listed(here, first, remoteIssueKey="LUM-1") == await listed(here, first, localIssueKey="PUMP-1")
    assert await listed(here, second, localIssueKey="LUM-1") == []
    await posted(here, second, [{"localIssueKey": "LUM-1", "remoteIssueKey": "PUMP-1"}])
    assert "half-pair" not in await codes(here)


BROKEN: Sequence[tuple[object, int, str]] = [
    ({}, 0, ""),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1"}, 3], 1, ""),
    ([{"localIssueKey": "PUMP-1"}], 0, "remoteIssueKey"),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1", "extra": 1}], 0, "extra"),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1", "firstSyncDate": "now"}], 0, "firstSyncDate"),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1", "firstSyncDate": -1}], 0, "firstSyncDate"),
    (
        [
            {"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1"},
            {"localIssueKey": "PUMP-2", "remoteIssueKey": "LUM-2", "incomingChangesIgnored": 1},
        ],
        1,
        "incomingChangesIgnored",
    ),
    ([{"localIssueKey": "../PUMP-1", "remoteIssueKey": "LUM-1"}], 0, "localIssueKey"),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-1"}] * 2 + [{}], 2, "localIssueKey"),
    ([{"localIssueKey": "PUMP-1", "remoteIssueKey": "LUM-9999"}], 0, "remoteIssueKey"),
    ([{"localIssueKey": "SERV-1", "remoteIssueKey": "LUM-1"}], 0, "localIssueKey"),
]


async def test_a_broken_entry_rejects_all_with_its_position(here: Office) -> None:
    first, _ = connectors(here)
    for entries, position, field in BROKEN:
        answer = await posted(here, first, entries)
        assert answer.status_code == 400, (entries, answer.text)
        place = f"{position}.{field}" if field else str(position)
        assert list(answer.json()["errors"]) == [place], (entries, answer.text)
        assert await listed(here, first) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"[{]", b'[{"localIssueKey": "A-1"}', b"[]]", b"\xff", b"[{}{}]", b'[{"a":' + b"[" * 20_000, b"[,]"],
)
async def test_what_is_no_array_of_objects_is_refused(here: Office, body: bytes) -> None:
    first, _ = connectors(here)
    async with here.client() as client:
        answer = await client.post(path(first), content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


async def test_one_issue_in_two_pairs_is_refused_with_its_position(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"))
    first, _ = connectors(here)
    for entries, place in (
        ([("PUMP-2", "LUM-2"), ("PUMP-1", "LUM-3")], "1.localIssueKey"),
        ([("PUMP-2", "LUM-2"), ("PUMP-3", "LUM-1")], "1.remoteIssueKey"),
        ([("PUMP-2", "LUM-2"), ("PUMP-2", "LUM-3")], "1.localIssueKey"),
        ([("PUMP-2", "LUM-2"), ("PUMP-3", "LUM-2")], "1.remoteIssueKey"),
    ):
        body = [{"localIssueKey": local, "remoteIssueKey": remote} for local, remote in entries]
        answer = await posted(here, first, body)
        assert answer.status_code == 409, answer.text
        assert list(answer.json()["errors"]) == [place]
        assert keys(await listed(here, first)) == [("PUMP-1", "LUM-1")]


async def test_deleting_needs_the_parameter_as_it_is_called(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"))
    first, second = connectors(here)
    [theirs] = await listed(here, second)
    for query, status in (
        ("?syncInfoId=", 400),
        ("?syncInfoId", 400),
        ("?syncinfoid=1", 400),
        ("?id=1", 400),
        ("?syncInfoId=1&syncInfoId=2", 400),
        ("?syncInfoId=1&x=2", 400),
        ("?syncInfoId=-1", 400),
        ("?syncInfoId=٣", 400),
        ("?&", 400),
        ("?syncInfoId=999999999", 404),
        (f"?syncInfoId={theirs['id']}", 404),
    ):
        answer = await deleted(here, first, query)
        assert answer.status_code == status, (query, answer.text)
    assert len(await listed(here, first)) == 1


async def test_a_deleted_entry_leaves_a_half_and_no_issue_is_created_anew(here: Office) -> None:
    await here.quiet(10)
    first, second = connectors(here)
    one = (await listed(here, first))[0]
    created = here.jiras.writes()
    answer = await deleted(here, first, f"?syncInfoId={one['id']}")
    assert answer.json() == {"deleted": 1}
    assert one not in await listed(here, first)
    assert "half-pair" in await codes(here)
    here.jiras.first.as_user("mara").edit(one["localIssueKey"], summary="Edited")
    await here.quiet(10)
    assert here.jiras.writes() == created
    other = (await listed(here, second, remoteIssueKey=one["localIssueKey"]))[0]
    assert (await deleted(here, second, f"?syncInfoId={other['id']}")).status_code == 200
    assert "half-pair" not in await codes(here)
    await here.jiras.synchronize()  # everything is looked through once more
    await here.quiet(10)
    assert here.jiras.writes() == created
    assert await listed(here, first, localIssueKey=one["localIssueKey"]) == []


async def test_deleting_all_stops_the_synchronization(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"), ("PUMP-2", "LUM-2"))
    first, second = connectors(here)
    answer = await deleted(here, first)
    assert answer.json() == {"deleted": 2}
    assert await listed(here, first) == []
    assert len(await listed(here, second)) == 2
    async with here.store.unit() as uow:
        [one] = await uow.synchronizations.all()
    assert not one.wanted_running


async def test_what_was_deleted_can_be_restored_with_its_id(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"), ("PUMP-2", "LUM-2"))
    first, second = connectors(here)
    before = await listed(here, first)
    await deleted(here, first)
    async with here.client() as client:
        gone = (await client.get(path(first) + "/deleted")).json()
        assert sorted(one["localIssueKey"] for one in gone) == ["PUMP-1", "PUMP-2"]
        assert gone[0]["deletedUser"] == "local:root"
        answer = await client.post(path(first) + f"/restore?syncInfoId={before[0]['id']}")
        assert answer.json() == {"restored": 1, "left": 0}
        assert await listed(here, first) == before[:1]
        answer = await client.post(path(first) + "/restore")
        assert answer.json() == {"restored": 1, "left": 0}
        assert (await client.post(path(first) + "/restore")).status_code == 404
    assert await listed(here, first) == before
    assert len(await listed(here, second)) == 2
    assert await codes(here) == []


async def test_what_is_paired_otherwise_since_stays_deleted(here: Office) -> None:
    await paired(here, ("PUMP-1", "LUM-1"))
    first, second = connectors(here)
    await deleted(here, first)
    await deleted(here, second)
    await paired(here, ("PUMP-1", "LUM-2"))
    async with here.client() as client:
        answer = await client.post(path(first) + "/restore")
    assert answer.json() == {"restored": 0, "left": 1}
    assert keys(await listed(here, first)) == [("PUMP-1", "LUM-2")]


async def test_another_projects_administrator_sees_no_such_connector(here: Office) -> None:
    here.callers["stranger"] = Caller(name="jira:x:stranger", shown="stranger")
    first, _ = connectors(here)
    async with here.client("stranger") as client:
        for answer in (
            await client.get(path(first)),
            await client.post(path(first), content=json.dumps([])),
            await client.delete(path(first)),
            await client.post(path(first) + "/restore"),
        ):
            assert answer.status_code == 404, answer.text
