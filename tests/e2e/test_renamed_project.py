"""A project that gets another key: nothing stops, nothing is created anew, and what shows its keys follows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backbone.app.usecases.projects import projects_named
from backbone.app.usecases.renaming import keep_names
from backbone.simulator.world.moving import rename_project_key
from tests.parts.two_jiras import TwoJiras


@pytest.fixture
async def jiras() -> AsyncIterator[TwoJiras]:
    async with TwoJiras() as made:
        await made.synchronize()
        await made.settle()
        yield made


def _rename(jiras: TwoJiras, new: str) -> None:
    world = jiras.first.world
    project = world.find_project("PUMP")
    assert project is not None
    rename_project_key(world, project, new)


def _shown(jiras: TwoJiras, key: str) -> object:
    """The key of its partner that an issue of the second Jira shows."""
    world = jiras.second.world
    [field] = [one.id for one in world.fields.values() if one.name == "Linked Ticket"]
    issue = world.find_issue(key)
    assert issue is not None
    return issue.values[field]


async def test_pairs_and_what_shows_their_keys_follow_a_rename(jiras: TwoJiras) -> None:
    before = await jiras.partners()
    _rename(jiras, "PUMPS")
    await keep_names(jiras.engine, jiras.halves)
    await jiras.settle()

    after = await jiras.partners()
    assert after == {key.replace("PUMP-", "PUMPS-"): partner for key, partner in before.items()}
    assert all(_shown(jiras, partner) == key for key, partner in after.items())


async def test_edits_travel_both_ways_after_a_rename_and_nothing_is_created(jiras: TwoJiras) -> None:
    counts = [len(one.world.issues) for one in (jiras.first, jiras.second)]
    key, partner = next(iter((await jiras.partners()).items()))
    _rename(jiras, "PUMPS")
    jiras.system.time += 5_000
    jiras.first.as_user("mara").edit(key.replace("PUMP-", "PUMPS-"), summary="Called otherwise")
    await jiras.settle()
    other = jiras.second.world.find_issue(partner)
    assert other is not None

    assert other.values["summary"] == "Called otherwise"
    assert [len(one.world.issues) for one in (jiras.first, jiras.second)] == counts


async def test_both_keys_name_the_project_after_a_rename(jiras: TwoJiras) -> None:
    _rename(jiras, "PUMPS")
    await keep_names(jiras.engine, jiras.halves)
    async with jiras.store.unit() as uow:
        found = [await projects_named(uow, key) for key in ("PUMP", "pumps", "LUM", "SERV")]

    here, there = [{(half.connection, half.project)} for half in jiras.halves]
    assert found == [here, here, there, set()]
