"""Existing issues that are paired: nothing is created, what both have is not copied, and what differs is held."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.usecases.switching import start
from backbone.core.model.keys import ConnectorKey, IssueKey
from backbone.core.model.pair import Pair, PairState
from tests.integration.web.test_information import connectors, keys, listed, paired, posted
from tests.parts.office import Office


def issues(here: Office) -> int:
    """How many issues both Jiras have."""
    return sum(len(one.world.issues) for one in (here.jiras.first, here.jiras.second))


def attached(here: Office, name: str) -> int:
    """How many attachments of that name there are."""
    worlds = (here.jiras.first.world, here.jiras.second.world)
    return sum(file.filename == name for world in worlds for one in world.issues.values() for file in one.attachments)


async def half_of(here: Office, connector: ConnectorKey, key: str) -> Pair:
    async with here.store.unit() as uow:
        found = [one async for one in uow.pairs.all(connector) if one.local and one.local.key == IssueKey(key)]
    [pair] = found
    return pair


async def only_new_issues(here: Office) -> None:
    """Nothing but what is paired is to travel."""
    here.jiras.declaration = here.jiras.declaration.replace("start_with: all", "start_with: new")
    await here.jiras.synchronize()


async def test_pairing_creates_nothing_and_copies_nothing_that_both_have(here: Office) -> None:
    await only_new_issues(here)
    mara, jonas = here.jiras.first.as_user("mara"), here.jiras.second.as_user("priya")
    mara.comment("PUMP-10", "The port is open.")
    jonas.comment("LUM-8", "Mara wrote:\nThe port is open.")
    jonas.comment("LUM-8", "Closed by the way.")
    mara.attach("PUMP-10", "port.log", b"open")
    jonas.attach("LUM-8", "port.log", b"open")
    before = issues(here)
    await paired(here, ("PUMP-10", "LUM-8"))
    await here.quiet(15)
    assert issues(here) == before
    assert attached(here, "port.log") == 2
    known = {one.body for one in here.jiras.second.as_user("sync").issue("LUM-8").comments}
    assert len([body for body in known if "The port is open." in body]) == 1
    texts = [one.body for one in here.jiras.first.as_user("sync").issue("PUMP-10").comments]
    assert len([text for text in texts if "Closed by the way." in text]) == 1
    first, second = connectors(here)
    assert (await half_of(here, first, "PUMP-10")).state is PairState.LINKED
    assert (await half_of(here, second, "LUM-8")).state is PairState.LINKED


async def test_what_differs_is_held_and_an_edit_travels(here: Office) -> None:
    await only_new_issues(here)
    await paired(here, ("PUMP-10", "LUM-8"))
    here_before = here.jiras.first.as_user("sync").issue("PUMP-10").values["summary"]
    there_before = here.jiras.second.as_user("sync").issue("LUM-8").values["summary"]
    await here.quiet(15)
    assert here.jiras.first.as_user("sync").issue("PUMP-10").values["summary"] == here_before
    assert here.jiras.second.as_user("sync").issue("LUM-8").values["summary"] == there_before
    async with here.store.unit() as uow:
        found = [one.problem for one in await uow.problems.open()]
    assert "start-conflict" in [one.code.value for one in found]
    here.jiras.first.as_user("mara").edit("PUMP-10", summary="Decided")
    await here.quiet(15)
    assert here.jiras.second.as_user("sync").issue("LUM-8").values["summary"] == "Decided"


async def test_a_half_is_not_created_anew_and_goes_on_when_it_is_whole(here: Office) -> None:
    before = issues(here)
    first, second = connectors(here)
    await posted(here, first, [{"localIssueKey": "PUMP-10", "remoteIssueKey": "LUM-8"}])
    await here.quiet(15)
    assert await listed(here, second, localIssueKey="LUM-8") == []
    await posted(here, second, [{"localIssueKey": "LUM-8", "remoteIssueKey": "PUMP-10"}])
    await here.quiet(15)
    assert (await half_of(here, first, "PUMP-10")).state is PairState.LINKED
    async with here.store.unit() as uow:
        made = await uow.pairs.count(first) - 1
    assert issues(here) == before + made


async def test_a_preview_shows_pairs_conflicts_and_differences_and_changes_nothing(here: Office) -> None:
    first, second = connectors(here)
    async with here.client() as client:
        answer = await client.post(
            f"connectors/{first}/pairing/preview", json={"csv": "here,there\nPUMP-10,LUM-8\nPUMP-12,LUM-9\n"}
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["pairs"], found["conflicts"], found["compared"]) == (2, [], 2)
        assert found["shown"] == [["PUMP-10", "LUM-8"], ["PUMP-12", "LUM-9"]]
        assert found["differences"]["Summary"] == 2
        wrong = [["PUMP-10", "LUM-8"], ["PUMP-10", "LUM-9"], ["PUMP-9999", "LUM-1"]]
        conflicts = (await client.post(f"connectors/{first}/pairing/preview", json={"pairs": wrong})).json()
        assert [one["place"] for one in conflicts["conflicts"]] == ["1.localIssueKey"]
        for nonsense in (
            {},
            {"by": "field"},
            {"by": "number", "csv": ""},
            {"csv": "x,y\nPUMP-1"},
            {"pairs": [["A", 1]]},
        ):
            answer = await client.post(f"connectors/{first}/pairing/preview", json=nonsense)
            assert answer.status_code == 400, answer.text
    assert await listed(here, first) == []
    assert await listed(here, second) == []


async def test_pairing_by_number_pairs_issues_of_corresponding_types(here: Office) -> None:
    first, second = connectors(here)
    async with here.client() as client:
        answer = await client.post(f"connectors/{second}/pairing", json={"by": "number"})
    assert answer.status_code == 200, answer.text
    made = keys(await listed(here, first))
    assert made
    assert len(made) == answer.json()["paired"]
    assert all(local.rpartition("-")[2] == remote.rpartition("-")[2] for local, remote in made)


async def test_pairing_by_a_field_that_holds_the_partners_key(here: Office) -> None:
    first, _ = connectors(here)
    here.jiras.first.as_user("sync").edit("PUMP-10", Partner_Issue="LUM-8")
    async with here.client() as client:
        answer = await client.post(f"connectors/{first}/pairing", json={"by": "field", "field": "Partner Issue"})
    assert answer.json() == {"paired": 1}
    assert keys(await listed(here, first)) == [("PUMP-10", "LUM-8")]


async def test_an_export_is_adopted_with_no_new_issue(here: Office) -> None:
    await only_new_issues(here)
    first, second = connectors(here)
    await paired(here, ("PUMP-10", "LUM-8"), ("PUMP-12", "LUM-9"))
    async with here.store.unit() as uow:
        [one] = await uow.synchronizations.all()
    place = f"integrations/{one.key}/syncInformation"
    async with here.client() as client:
        export = (await client.get(place)).json()
        assert list(export) == ["firstConnector", "secondConnector"]
        assert keys(export["secondConnector"]) == [("LUM-8", "PUMP-10"), ("LUM-9", "PUMP-12")]
        for connector in (first, second):
            await client.delete(f"connectors/{connector}/syncInformation")
        before = issues(here)
        turned = {"firstConnector": export["secondConnector"], "secondConnector": export["firstConnector"]}
        assert (await client.post(place, json=turned)).status_code == 400  # not the projects of these connectors
        answer = await client.post(place, json=export)
        assert answer.json() == {"firstConnector": 2, "secondConnector": 2, "halves": 0}
        strange: Sequence[object] = (
            [],
            {},
            {"firstConnector": []},
            {"x": [], "secondConnector": []},
            {**export, "z": 1},
        )
        for nonsense in strange:
            assert (await client.post(place, json=nonsense)).status_code == 400, nonsense
    await start(here.store, one.key, here.system.now())
    await here.quiet(15)
    assert issues(here) == before
    assert keys(await listed(here, first)) == [("PUMP-10", "LUM-8"), ("PUMP-12", "LUM-9")]
