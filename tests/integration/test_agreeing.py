"""Two companies come to work by one configuration: the whole table of who publishes, updates, declines, and what shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.memory import MemoryStore
from backbone.adapters.store import open_store
from backbone.adapters.store.schema import prepare_now
from backbone.app.declaration.difference import Changed, Created, Unchanged
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.standing import Status
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.protocol.parcels import Answered, Published
from backbone.ports.records import Signed
from tests.fakes.meeting import NOW
from tests.parts.postgres import DatabaseServer, bundled_postgres
from tests.parts.two_offices import TwoOffices
from tests.unit.app.declaration.fake_metadata import acme, beta
from tests.unit.app.declaration.one_sided import MASTER, OFFER, SLAVE

__all__ = ["bundled_postgres"]

RUNNING, STOPPED = Status.RUNNING, Status.STOPPED
WAITING, UPDATE = Status.WAITING_FOR_SLAVE, Status.UPDATE_REQUIRED

FIRST = MASTER + OFFER
SECOND = (
    SLAVE
    + """\
    issue_types: [{first: problem, second: Defect}]
    fields:
      - {first: title, second: summary}
"""
)
MORE = FIRST.replace("    status:", "      - {first: duedate, second: due}\n    status:")
LESS = FIRST.replace("      - {first: summary, second: title}\n", "")
OTHER_JQL = FIRST.replace("project: PA}", "project: PA, jql: labels is EMPTY}")


def now() -> Millis:
    return NOW


@pytest.fixture(params=["memory", "postgres"])
def server(request: pytest.FixtureRequest) -> DatabaseServer | None:
    """Where both stores are: None for memory."""
    if request.param == "memory":
        return None
    found = request.getfixturevalue("bundled_postgres")
    assert isinstance(found, DatabaseServer)
    return found


@pytest.fixture
async def offices(server: DatabaseServer | None) -> AsyncIterator[TwoOffices]:
    if server is None:
        yield TwoOffices.met(MemoryStore("a", "1", now), MemoryStore("b", "1", now), acme(), beta())
        return
    with server.database(prepare_now) as one, server.database(prepare_now) as other:
        async with (
            open_store(one, PostgresTurns, now=now) as first,
            open_store(other, PostgresTurns, now=now) as second,
        ):
            yield TwoOffices.met(first, second, acme(), beta())


@pytest.fixture
async def agreed(offices: TwoOffices) -> TwoOffices:
    """Both work by a first configuration, and run."""
    await offices.master.apply(FIRST)
    await offices.slave.apply(SECOND)
    await offices.master.confirm()
    await offices.slave.confirm()
    await offices.carry()
    await offices.slave.apply(SECOND)
    await offices.carry()
    await offices.master.start()
    await offices.slave.start()
    return offices


async def statuses(offices: TwoOffices) -> tuple[Status, Status]:
    return await offices.master.status(), await offices.slave.status()


# the first configuration ----------------------------------------------------------------------------------------------


async def test_nothing_is_published_before_a_person_confirmed_the_code(offices: TwoOffices) -> None:
    await offices.master.apply(FIRST)
    await offices.slave.apply(SECOND)

    assert await offices.carry() == []
    assert await statuses(offices) == (STOPPED, STOPPED)


async def test_what_was_never_told_is_changed_without_a_message(offices: TwoOffices) -> None:
    await offices.master.apply(FIRST)
    await offices.master.apply(MORE)
    await offices.slave.apply(SECOND)
    await offices.slave.confirm()
    await offices.master.confirm()

    [published] = await offices.carry()
    assert isinstance(published, Published)
    assert published.message == "Acme <> Beta: the first configuration"
    assert "due" in {one.alias for one in published.exchange.fields}


async def test_the_first_configuration_is_published_taken_over_and_started(offices: TwoOffices) -> None:
    master, slave = offices.master, offices.slave
    assert isinstance((await master.apply(FIRST)).outcome, Created)
    assert isinstance((await slave.apply(SECOND)).outcome, Created)
    await slave.confirm()
    await master.confirm()
    assert await statuses(offices) == (WAITING, STOPPED)

    [published] = await offices.carry()
    assert isinstance(published, Published)
    assert published.message == "Acme <> Beta: the first configuration"
    assert await statuses(offices) == (WAITING, UPDATE)

    assert isinstance((await slave.apply(SECOND)).outcome, Changed)
    assert await statuses(offices) == (WAITING, STOPPED)
    assert [one.alias for one in (await slave.half()).fields] == ["title"]

    [answered] = await offices.carry()
    assert isinstance(answered, Answered)
    assert answered.digest == published.digest
    assert await statuses(offices) == (STOPPED, STOPPED)

    await master.start()
    await slave.start()
    assert await statuses(offices) == (RUNNING, RUNNING)


async def test_neither_side_starts_before_a_first_configuration_is_agreed(offices: TwoOffices) -> None:
    await offices.master.apply(FIRST)
    await offices.slave.apply(SECOND)
    for side in (offices.master, offices.slave):
        with pytest.raises(
            Mistake, match=r"no configuration is agreed yet\. The master publishes one when the code is"
        ):
            await side.start()
    await offices.master.confirm()
    await offices.slave.confirm()
    await offices.carry()

    with pytest.raises(Mistake, match=r"no configuration is agreed yet\. Wait until the partner takes over"):
        await offices.master.start()
    with pytest.raises(Mistake, match=r"no configuration is agreed yet\. Take over what the master published"):
        await offices.slave.start()


async def test_a_master_may_change_its_mind_before_anybody_heard_of_it(offices: TwoOffices) -> None:
    await offices.master.apply(FIRST)
    await offices.master.apply(MORE, "with due dates")
    await offices.slave.apply(SECOND)
    await offices.master.confirm()
    await offices.slave.confirm()

    [published] = await offices.carry()

    assert isinstance(published, Published)
    assert "due" in [one.alias for one in published.exchange.fields]
    assert published.message == "with due dates"


async def test_the_partners_connector_is_only_a_key(agreed: TwoOffices) -> None:
    one = await agreed.master.synchronization()

    assert one.connectors == (one.first,)
    assert one.second.startswith("PARTNER-")
    async with agreed.master.store.unit() as uow:
        with pytest.raises(LookupError):
            await uow.synchronizations.half(ConnectorKey(one.second))


# changes of what both exchange ----------------------------------------------------------------------------------------


async def test_a_publication_waits_for_the_slave_and_both_go_on_as_before(agreed: TwoOffices) -> None:
    applied = await agreed.master.apply(MORE, "we need due dates")
    assert applied.waits
    assert await statuses(agreed) == (WAITING, RUNNING)
    assert "due" not in [one.alias for one in (await agreed.master.half()).fields]

    await agreed.carry()
    assert await statuses(agreed) == (WAITING, UPDATE)

    due = SECOND + "      - {first: due, second: duedate}\n"
    await agreed.slave.apply(due)
    assert await statuses(agreed) == (WAITING, RUNNING)
    assert "due" in [one.alias for one in (await agreed.slave.half()).fields]

    await agreed.carry()
    assert await statuses(agreed) == (RUNNING, RUNNING)
    assert "due" in [one.alias for one in (await agreed.master.half()).fields]
    assert (await agreed.master.synchronization()).document["fields"] is not None
    assert (await agreed.master.channel()).agreement.agreed == (await agreed.slave.channel()).agreement.agreed


async def test_those_that_were_stopped_are_stopped_again(agreed: TwoOffices) -> None:
    await agreed.master.stop()
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    await agreed.slave.apply(SECOND)
    await agreed.carry()

    assert await statuses(agreed) == (STOPPED, RUNNING)


async def test_a_publication_needs_a_message(agreed: TwoOffices) -> None:
    with pytest.raises(Mistake, match=r"nothing tells the partner why\. Say it with --message TEXT"):
        await agreed.master.apply(MORE)

    assert await statuses(agreed) == (RUNNING, RUNNING)
    assert await agreed.carry() == []


async def test_what_concerns_one_side_alone_counts_at_once(agreed: TwoOffices) -> None:
    before = (await agreed.master.synchronization()).revision

    applied = await agreed.master.apply(OTHER_JQL)

    assert not applied.waits
    assert await agreed.carry() == []
    assert (await agreed.master.half()).jql == "labels is EMPTY"
    assert (await agreed.master.synchronization()).revision == before + 1
    assert await statuses(agreed) == (RUNNING, RUNNING)


async def test_applying_the_same_file_again_publishes_nothing(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()

    again = await agreed.master.apply(MORE)

    assert isinstance(again.outcome, Unchanged)
    assert await agreed.carry() == []


async def test_a_publication_can_be_corrected_without_asking_twice(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    await agreed.master.apply(MORE.replace("project: PA}", "project: PA, jql: labels is EMPTY}"))
    assert await agreed.carry() == []
    assert (await agreed.master.half()).jql == ""

    await agreed.slave.apply(SECOND)
    await agreed.carry()

    assert (await agreed.master.half()).jql == "labels is EMPTY"


async def test_a_newer_publication_replaces_one_that_waits(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    [first] = await agreed.carry()
    await agreed.slave.apply(SECOND)
    late = await agreed.slave.said()
    await agreed.master.apply(LESS, "no, less")
    await agreed.carry()
    assert isinstance(first, Published)

    for answer in late:
        await agreed.master.hear(answer, await agreed.slave.channel())
    assert await statuses(agreed) == (WAITING, UPDATE)

    less = SECOND.replace("    fields:\n      - {first: title, second: summary}\n", "")
    await agreed.slave.apply(less)
    await agreed.carry()

    assert await statuses(agreed) == (RUNNING, RUNNING)
    assert "title" not in [one.alias for one in (await agreed.master.half()).fields]


async def test_going_back_to_what_is_agreed_is_a_publication_too(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    await agreed.master.apply(FIRST, "never mind")
    await agreed.carry()
    await agreed.slave.apply(SECOND)
    await agreed.carry()

    assert await statuses(agreed) == (RUNNING, RUNNING)
    assert "due" not in [one.alias for one in (await agreed.master.half()).fields]


async def test_a_name_that_was_given_meanwhile_stays(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    one = await agreed.master.synchronization()
    async with agreed.master.store.unit() as uow:
        document = {**one.document, "name": "Renamed", "id": one.name}
        signed = Signed(by="anna", at=Millis(NOW + 1))
        await uow.synchronizations.save(replace(one, name="Renamed", document=document, modified=signed), [])
        await uow.commit()
    await agreed.slave.apply(SECOND)
    await agreed.carry()

    now_called = await agreed.master.synchronization()
    assert (now_called.name, now_called.document["id"]) == ("Renamed", "Acme <> Beta")
    assert "due" in [one.alias for one in (await agreed.master.half()).fields]


async def test_a_file_that_names_what_is_gone_is_refused_with_its_line(agreed: TwoOffices) -> None:
    await agreed.master.apply(LESS, "titles stay at home")
    await agreed.carry()

    with pytest.raises(Exception, match="the master publishes no field 'title'"):
        await agreed.slave.apply(SECOND)

    assert await statuses(agreed) == (WAITING, UPDATE)


async def test_a_preview_tells_that_a_publication_would_be_taken_over(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()

    shown = await agreed.slave.preview(SECOND)

    assert isinstance(shown.outcome, Changed)
    assert [one.show() for one in shown.outcome.changes] == ["+ the master's publication: revision 2 is taken over"]
    assert await agreed.slave.status() is UPDATE


async def test_another_place_for_parcels_changes_the_channel_once(agreed: TwoOffices) -> None:
    moved = FIRST.replace("/srv/out", "/srv/new")

    await agreed.master.apply(moved)
    await agreed.master.apply(moved)

    assert agreed.master.channels.edited == 1


# declining, and looking at it -----------------------------------------------------------------------------------------
