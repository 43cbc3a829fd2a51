"""The resync of a connector over the API: documented, checked, done by a real worker between two pretended Jiras."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from httpx2 import AsyncClient

from backbone.app.usecases.resyncing import do_resync
from backbone.app.usecases.tasks.running import run_task
from backbone.core.model.keys import STATUS
from backbone.ports.records import TaskId, TaskTurn
from backbone.simulator import Simulator
from tests.parts.office import Office

ALL: Mapping[str, object] = {"jql": "", "fieldMappings": []}


def _connector(here: Office, number: int = 0) -> str:
    return here.jiras.halves[number].connector


def _mappings(here: Office) -> list[str]:
    return [one.id for one in here.jiras.halves[0].fields if one.field != STATUS]


def _drift(jira: Simulator, key: str, **values: str) -> None:
    """The sides went apart: nobody edited anything, and no history tells of it."""
    issue = jira.world.find_issue(key)
    assert issue is not None
    jira.world.issues[issue.id] = replace(issue, values={**issue.values, **values})


def _summary(jira: Simulator, key: str) -> object:
    issue = jira.world.find_issue(key)
    assert issue is not None
    return issue.value("summary")


async def _start(here: Office, **body: object) -> str:
    async with here.client() as client:
        answer = await client.post(f"connectors/{_connector(here)}/resync", json={**ALL, **body})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def _ended(here: Office, client: AsyncClient, task: str) -> dict[str, object]:
    answer: dict[str, object] = {}
    async with here.turns() as turns:
        for _ in range(200):
            await turns.settle()
            answer = (await client.get(f"async-tasks/{task}")).json()
            if answer["finished"]:
                await turns.settle()
                return answer
            await here.system.sleep(0.05)
    raise AssertionError(f"the task does not end: {answer}")


async def _resync(here: Office, **body: object) -> dict[str, object]:
    async with here.client() as client:
        return await _ended(here, client, await _start(here, **body))


async def test_a_resync_answers_with_the_documented_task(here: Office) -> None:
    key = _connector(here)
    body = {
        "jql": "labels is EMPTY",
        "fieldMappings": _mappings(here)[:2],
        "responsibility": False,
        "sendStatusField": False,
    }
    async with here.client() as client:
        task = (await client.post(f"connectors/{key}/resync", json=body)).json()
    assert task.keys() == {"id", "startTimestamp", "finished", "cancelled", "hasFailed", "progress", "message"}
    assert task["message"] == f"Starting resync for connector {key}"
    assert (task["finished"], task["cancelled"], task["hasFailed"], task["progress"]) == (False, False, False, 0)


async def test_the_ids_of_field_mappings_are_those_that_the_synchronization_shows(here: Office) -> None:
    async with here.client() as client:
        shown = (await client.get(f"integrations/{here.jiras.halves[0].synchronization}")).json()
        ids = [one["id"] for one in shown["configuration"]["fields"]]
        body = {"jql": "", "fieldMappings": ids}
        answer = await client.post(f"connectors/{shown['firstConnector']['connectorKey']}/resync", json=body)
    assert answer.status_code == 200
    assert set(ids) == set(_mappings(here))


async def test_the_sides_are_equal_again_and_nothing_is_doubled(here: Office) -> None:
    await here.quiet()
    first, second = here.jiras.first, here.jiras.second
    partners = await here.jiras.partners()
    a, b, c = sorted(partners)[:3]
    for key, wrong in ((a, "wrong one"), (b, "wrong two")):
        _drift(second, partners[key], summary=wrong)
    count = len(second.world.issues)
    task = await _resync(here, jql=f"key in ({a}, {c}) ORDER BY created", fieldMappings=_mappings(here))
    assert task["result"] == "Resynchronized 2 issues."
    assert _summary(second, partners[a]) == _summary(first, a)
    assert _summary(second, partners[b]) == "wrong two"
    task = await _resync(here, fieldMappings=_mappings(here))
    assert int(str(task["result"]).split()[1]) > 20
    await here.quiet()
    assert _summary(second, partners[b]) == _summary(first, b)
    assert len(second.world.issues) == count
    async with here.store.unit() as uow:
        pair = [pair async for pair in uow.pairs.all(here.jiras.halves[1].connector)]
        lost = [one.value for each in pair for one in await uow.journal.losers_of(each.connector, each.uid)]
    assert {"wrong one", "wrong two"} <= set(lost)


async def test_a_resync_of_equal_sides_writes_nothing(here: Office) -> None:
    await here.quiet()
    before = here.jiras.writes()
    await _resync(here, fieldMappings=_mappings(here), sendStatusField=True)
    await here.quiet()
    assert here.jiras.writes() == before


async def test_a_resync_that_is_killed_goes_on_where_it_was(here: Office) -> None:
    await here.quiet()
    first, second = here.jiras.first, here.jiras.second
    partners = await here.jiras.partners()
    for theirs in partners.values():
        _drift(second, theirs, summary="wrong")
    task = await _start(here, fieldMappings=_mappings(here))
    async with here.store.unit() as uow:
        pairs = uow.pairs.all(here.jiras.halves[0].connector)
        before = {pair.uid: pair.info.outgoing_message_sequence_id async for pair in pairs}
    for _ in range(4):
        killed = asyncio.create_task(run_task(here, TaskTurn(task=TaskId(task))))
        for _ in range(60):
            await asyncio.sleep(0.01)
            async with here.store.administration() as unit:
                if (await unit.tasks.fates(TaskId(task))).keys() - {""}:
                    break
        killed.cancel()
        await asyncio.wait([killed])
    async with here.client() as client:
        ended = await _ended(here, client, task)
    assert not ended["hasFailed"]
    async with here.store.unit() as uow:
        pairs = uow.pairs.all(here.jiras.halves[0].connector)
        after = {pair.uid: pair.info.outgoing_message_sequence_id async for pair in pairs}
    sent = [after[uid] - count for uid, count in before.items()]
    assert set(sent) <= {0, 1}
    assert ended["result"] == f"Resynchronized {sum(sent)} issues."
    right = [ours for ours, theirs in partners.items() if _summary(second, theirs) == _summary(first, ours)]
    assert len(right) == sum(sent) > 20


async def test_a_cancelled_resync_ends(here: Office) -> None:
    await here.quiet()
    task = await _start(here, fieldMappings=_mappings(here))
    async with here.client() as client:
        answer = (await client.delete(f"async-tasks/{task}")).json()
    assert answer["cancelled"]
    before = here.jiras.first.calls.total
    assert await run_task(here, TaskTurn(task=TaskId(task)), {"resync": do_resync}) is None
    assert here.jiras.first.calls.total == before


async def test_a_resync_that_finds_its_synchronization_stopped_fails_and_says_so(here: Office) -> None:
    task = await _start(here)
    key = here.jiras.halves[0].synchronization
    async with here.client() as client:
        await client.put(f"integrations/{key}/stop")
        async with here.store.unit() as uow:
            one = await uow.synchronizations.get(key)
            assert one is not None
            await uow.synchronizations.save(replace(one, wanted_running=False), [])
            await uow.commit()
        answer = await _ended(here, client, task)
        again = await client.post(f"connectors/{_connector(here)}/resync", json=dict(ALL))
    assert answer["hasFailed"]
    assert "stopped" in str(answer["failureMessage"])
    assert again.status_code == 409


# --- what is asked for ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"jql": ""},
        {"fieldMappings": []},
        {"jql": None, "fieldMappings": []},
        {"jql": "", "fieldMappings": "all"},
        {"jql": "", "fieldMappings": ["no such mapping"]},
        {"jql": "", "fieldMappings": [], "sendStatus": True},
        {"jql": "", "fieldMappings": [], "sendStatusField": "perhaps"},
        [],
    ],
)
async def test_what_is_not_documented_is_refused(here: Office, body: object) -> None:
    async with here.client() as client:
        answer = await client.post(f"connectors/{_connector(here)}/resync", json=body)
    assert answer.status_code == 400


async def test_a_connector_of_nobody_is_not_found(here: Office) -> None:
    async with here.client() as client:
        assert (await client.post("connectors/NO-1/resync", json=dict(ALL))).status_code == 404


HOSTILE = [
    ") OR project = SERV (",
    ") OR (project = SERV",
    "labels is EMPTY) OR (project = SERV",
    "labels is EMPTY OR project = SERV) ORDER BY (key",
    'summary ~ "a" ) OR project = SERV OR ( summary ~ "b"',
    'summary ~ a\\" ) OR project = SERV OR ( summary ~ "b"',
    'summary ~ "a\\" ) OR project = SERV OR ( summary ~ b"',
    "summary ~ 'a\\' ) OR project = SERV OR ( summary ~ 'b'",
    "summary ~ “a” ) OR project = SERV OR ( summary ~ “b”",
    'summary ~ "a',
    "summary ~ 'a",
    "labels is EMPTY -- ) OR project = SERV",
    "labels is EMPTY /* ) */ OR (project = SERV",
    "labels is EMPTY \\",
    "project = NOWHERE",
    "nonsense",
    "ORDER BY labels is EMPTY OR",
    "project = SERV",
    "project = SERV OR project = PUMP ORDER BY key",
    'summary !~ "zzz" OR project = SERV',
]


async def test_no_jql_reaches_beyond_the_project(here: Office) -> None:
    """It is refused with Jira's words, or selects among the issues of the project only."""
    here.jiras.first.as_user("gero").create("SERV", "Task", "Not for the partner")
    async with here.client() as client:
        for jql in HOSTILE:
            answer = await client.post(f"connectors/{_connector(here)}/resync", json={**ALL, "jql": jql})
            assert answer.status_code in (200, 400), answer.text
            if answer.status_code == 200:
                assert "fail" not in str(await _ended(here, client, answer.json()["id"]))
    await here.quiet()
    assert all("Not for" not in str(one.value("summary")) for one in here.jiras.second.world.issues.values())


async def test_the_order_is_cut_and_alternatives_stay_together(here: Office) -> None:
    await here.quiet()
    every = int(str((await _resync(here))["result"]).split()[1])
    assert every > 20
    selected = {
        "ORDER BY created DESC": every,
        "  order\tby key": every,
        'summary ~ "order by" ORDER BY key': 0,
        "summary ~ 'display ORDER BY' order by summary": 0,
        "key = PUMP-1 OR key = PUMP-2": 2,
        "project = SERV OR key = PUMP-1": 1,
    }
    for jql, found in selected.items():
        task = await _resync(here, jql=jql)
        assert task["result"] == f"Resynchronized {found} issue{'' if found == 1 else 's'}."


# --- the same request twice -------------------------------------------------------------------------------------------


async def test_the_same_request_under_one_key_starts_one_task(here: Office) -> None:
    path, headers = f"connectors/{_connector(here)}/resync", {"Idempotency-Key": "once"}
    async with here.client() as client:
        first = await client.post(path, json=dict(ALL), headers=headers)
        again = await client.post(path, json=dict(ALL), headers=headers)
        other = await client.post(path, json={**ALL, "jql": "key = PUMP-1"}, headers=headers)
        fresh = await client.post(path, json=dict(ALL), headers={"Idempotency-Key": "twice"})
    assert first.status_code == again.status_code == fresh.status_code == 200
    assert first.content == again.content
    assert fresh.json()["id"] != first.json()["id"]
    assert other.status_code == 422


async def test_keys_of_different_callers_have_nothing_to_do_with_each_other(here: Office) -> None:
    here.callers["other"] = replace(here.callers["root"], name="local:other")
    path, headers = f"connectors/{_connector(here)}/resync", {"Idempotency-Key": "mine"}
    async with here.client() as mine, here.client("other") as theirs:
        first = await mine.post(path, json=dict(ALL), headers=headers)
        second = await theirs.post(path, json=dict(ALL), headers=headers)
    assert first.json()["id"] != second.json()["id"]


async def test_a_request_that_is_being_answered_is_refused_meanwhile(here: Office) -> None:
    path, headers = f"connectors/{_connector(here)}/resync", {"Idempotency-Key": "both"}
    async with here.client() as client:
        answers = await asyncio.gather(*(client.post(path, json=dict(ALL), headers=headers) for _ in range(4)))
    assert {one.status_code for one in answers} <= {200, 409}
    assert len({one.json()["id"] for one in answers if one.status_code == 200}) == 1


async def test_a_refused_request_may_be_mended_under_its_key(here: Office) -> None:
    path, headers = f"connectors/{_connector(here)}/resync", {"Idempotency-Key": "mended"}
    async with here.client() as client:
        refused = await client.post(path, json={**ALL, "jql": "nonsense = 5"}, headers=headers)
        mended = await client.post(path, json=dict(ALL), headers=headers)
    assert refused.status_code == 400
    assert "nonsense" in refused.json()["detail"]
    assert mended.status_code == 200
