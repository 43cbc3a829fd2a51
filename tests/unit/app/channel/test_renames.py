"""A project that got another key is called so on the partner's side as well."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.renames import follow_rename
from backbone.app.usecases.renaming import follow, learn, untold_renames
from backbone.core.model.keys import FieldId, ProjectKey
from backbone.core.model.values import Scalar
from backbone.core.protocol.parcels import Renamed
from backbone.ports.records import Cursor
from backbone.ports.tracker import ProjectInfo
from tests.fakes.apart import Apart, Side
from tests.fakes.halves import TEAM
from tests.fakes.world import drive

NEW, NEWER = ProjectKey("NEW"), ProjectKey("NEWER")


async def _rename(side: Side, key: ProjectKey) -> None:
    """Jira tells that our project has another key now."""
    found = ProjectInfo(id=side.own.project, key=key, name="")
    async with side.world.store.unit() as uow:
        await learn(uow, side.own, found, Cursor(watermark=side.system.now()))
        await uow.commit()


async def _untold(side: Side) -> list[Renamed]:
    async with side.world.store.unit() as uow:
        found = list(await untold_renames(uow, side.own.synchronization))
        await uow.commit()
    return found


async def _hear(side: Side, told: Renamed) -> None:
    async with side.world.store.unit() as uow:
        stored = await uow.channels.get(side.own.synchronization) or side.channel
        await uow.channels.save(await follow_rename(uow, stored, side.synchronization, told, side.system.now()))
        await uow.commit()
    assert await follow(side.world.engine, side.own.connector)


def test_the_partner_is_told_once_of_our_projects_new_key() -> None:
    side = Apart().a
    assert drive(_untold(side)) == []
    drive(_rename(side, NEW))

    assert drive(_untold(side)) == [Renamed(project=NEW, former=ProjectKey("A"))]
    assert drive(_untold(side)) == []


def test_of_two_renames_the_partner_learns_every_former_key() -> None:
    side = Apart().a
    drive(_rename(side, NEW))
    drive(_rename(side, NEWER))

    assert {(one.project, one.former) for one in drive(_untold(side))} == {(NEWER, "A"), (NEWER, NEW)}


def test_a_rename_that_was_taken_back_is_not_told() -> None:
    side = Apart().a
    drive(_rename(side, NEW))
    drive(_rename(side, ProjectKey("A")))

    assert [one.former for one in drive(_untold(side))] == [NEW]


def test_pairs_and_what_shows_their_keys_follow_the_partner() -> None:
    apart = Apart(change=lambda one: replace(one, correlation_field=FieldId(TEAM), fields=one.fields[:3]))
    first, second = apart.pair()
    shown = first.values[FieldId(TEAM)]
    drive(_hear(apart.a, Renamed(project=NEW, former=ProjectKey("B"))))
    apart.settle()

    memory = apart.a.memory(first)
    assert memory.remote is not None
    assert (shown, first.values[FieldId(TEAM)]) == (Scalar("B-1"), Scalar("NEW-1"))
    assert (memory.remote.id, memory.remote.key) == (second.ref.id, "NEW-1")


def test_later_renames_know_all_former_keys() -> None:
    apart = Apart()
    first, _ = apart.pair()
    drive(_hear(apart.a, Renamed(project=NEWER, former=NEW)))
    before = apart.a.memory(first).remote
    drive(_hear(apart.a, Renamed(project=NEWER, former=ProjectKey("B"))))
    after = apart.a.memory(first).remote

    assert (before and before.key, after and after.key) == ("B-1", "NEWER-1")
