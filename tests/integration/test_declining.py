"""What the slave may decline, and how both are shown what a publication changes."""

from __future__ import annotations

import pytest

from backbone.app.access.caller import Caller
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publications import decline_publication, show_publication
from backbone.app.usecases.status import status
from backbone.core.protocol.parcels import Answered, Published
from tests.integration.test_agreeing import (
    FIRST,
    MORE,
    RUNNING,
    SECOND,
    WAITING,
    agreed,
    bundled_postgres,
    offices,
    server,
    statuses,
)
from tests.parts.two_offices import OneOffice, TwoOffices

__all__ = ["agreed", "bundled_postgres", "offices", "server"]

ANNA = Caller(name="local:anna", shown="anna", everything=True, address="192.0.2.7")


async def test_a_declined_publication_leaves_everything_as_it_was(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    key = (await agreed.slave.synchronization()).key

    await decline_publication(agreed.slave.store, agreed.slave.system, key, "we have no such field", ANNA)
    assert await statuses(agreed) == (WAITING, RUNNING)
    [answered] = await agreed.carry()

    assert isinstance(answered, Answered)
    assert not answered.accepted
    assert await statuses(agreed) == (RUNNING, RUNNING)
    assert "due" not in [one.alias for one in (await agreed.master.half()).fields]
    [standing] = await status(agreed.master.store, None, agreed.master.system.now())
    assert standing.from_partner == "we have no such field"


async def test_what_was_declined_can_be_published_again_under_another_revision(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    [first] = await agreed.carry()
    key = (await agreed.slave.synchronization()).key
    await decline_publication(agreed.slave.store, agreed.slave.system, key, "no", ANNA)
    await agreed.carry()
    await agreed.master.apply(MORE, "please")
    [second] = await agreed.carry()
    await agreed.slave.apply(SECOND)
    await agreed.carry()

    assert isinstance(first, Published)
    assert isinstance(second, Published)
    assert second.revision > first.revision
    assert await statuses(agreed) == (RUNNING, RUNNING)


async def test_only_what_waits_can_be_declined_and_not_without_a_reason(agreed: TwoOffices) -> None:
    slave = agreed.slave
    key = (await slave.synchronization()).key
    with pytest.raises(Mistake, match="nothing waits for an answer"):
        await decline_publication(slave.store, slave.system, key, "no", ANNA)
    with pytest.raises(Mistake, match="should know why"):
        await decline_publication(slave.store, slave.system, key, " ", ANNA)


async def test_a_publication_is_shown_with_what_it_changes(agreed: TwoOffices) -> None:
    key = (await agreed.slave.synchronization()).key
    quiet = await show_publication(agreed.slave.store, key)
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()

    shown = await show_publication(agreed.slave.store, key)

    assert (quiet.waits, quiet.changes) == (False, ())
    assert shown.waits
    assert shown.message == "we need due dates"
    assert [one.show() for one in shown.changes] == ["+ field due: date, both ways"]
    assert "{first: due, second: FILL IN} # a field of kind date" in shown.yaml


async def test_before_the_first_publication_there_is_nothing_to_show(offices: TwoOffices) -> None:
    await offices.slave.apply(SECOND)

    with pytest.raises(Mistake, match="the master published nothing yet"):
        await show_publication(offices.slave.store, (await offices.slave.synchronization()).key)


async def recorded(one: OneOffice) -> list[tuple[str, str, str, object]]:
    """What was done, the newest first: what, by whom, from where, of which revision."""
    async with one.store.unit() as uow:
        return [(each.what, each.who, each.address, each.after.get("revision")) for each in await uow.audit.page()]


async def test_a_no_is_in_the_audit_log_with_who_said_it(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    slave = agreed.slave
    await decline_publication(slave.store, slave.system, (await slave.synchronization()).key, "no", ANNA)

    [newest, *_] = await recorded(slave)
    async with slave.store.unit() as uow:
        [entry] = await uow.audit.page(limit=1)
    assert newest == ("publication.decline", "local:anna", "192.0.2.7", 2)
    assert entry.after["message"] == "no"


async def test_what_is_offered_and_taken_over_is_in_the_audit_log(agreed: TwoOffices) -> None:
    await agreed.master.apply(MORE, "we need due dates")
    await agreed.carry()
    await agreed.slave.apply(SECOND)

    assert ("publication.propose", "backbone", "", 2) in await recorded(agreed.master)
    assert ("publication.accept", "backbone", "", 2) in await recorded(agreed.slave)
    assert ("channel.accept", "backbone", "", None) in await recorded(agreed.slave)
    assert [what for what, *_ in await recorded(agreed.slave)].count("integration.create") == 1


async def test_nothing_is_recorded_where_a_file_changes_nothing(agreed: TwoOffices) -> None:
    before = await recorded(agreed.master)
    await agreed.master.apply(FIRST)

    assert await recorded(agreed.master) == before
