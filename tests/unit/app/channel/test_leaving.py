"""A half that is deleted tells its partner so, whatever befalls the way, and lets go of it in the end."""

from __future__ import annotations

from backbone.app.channel.leaving import MOST, leave
from backbone.app.usecases.channels.departing import depart, farewell_of, keep_telling
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar, labels
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.transport import Fault
from tests.parts.two_installations import Installation, TwoInstallations

DAY = 24 * 3600.0


async def delete(one: Installation) -> None:
    """What deleting does to the channel of a half."""
    store, key = one.world.store, one.half.synchronization
    assert await depart(store, one.world.system, key)
    await one.step()
    async with store.unit() as uow:
        farewell = await farewell_of(uow, key)
        await uow.synchronizations.remove(key)
        if farewell is not None:
            await keep_telling(uow, farewell)
        await uow.commit()


def is_there(one: Installation) -> bool:
    return one.half.synchronization in one.world.store.tables.channels


async def go_on(two: TwoInstallations, rounds: int, seconds: float = 20 * 60) -> None:
    for _ in range(rounds):
        for one in two.both:
            await (one.step() if is_here(one) else leave(one.host, one.half.synchronization))
        two.wait(seconds)


def is_told(two: TwoInstallations) -> bool:
    return two.second.channel.departed


def is_here(one: Installation) -> bool:
    return one.half.synchronization in one.world.store.tables.synchronizations


async def said_something() -> TwoInstallations:
    two = TwoInstallations()
    two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()
    return two


async def test_a_goodbye_that_arrives_ends_everything() -> None:
    two = await said_something()
    await delete(two.first)
    assert is_there(two.first)
    await go_on(two, 3, seconds=10)
    assert is_told(two)
    assert not is_there(two.first)
    assert two.first.world.store.tables.sent == {}


async def test_a_goodbye_that_got_lost_is_said_again() -> None:
    two = await said_something()
    two.wire.towards(two.second.half.role).befall(Fault.LOSE, Fault.LOSE, Fault.TRUNCATE)
    await delete(two.first)
    await go_on(two, 8)
    assert is_told(two)
    assert not is_there(two.first)


async def test_what_was_said_before_the_goodbye_and_got_lost_is_said_again_too() -> None:
    two = await said_something()
    two.wire.towards(two.second.half.role).befall(*[Fault.LOSE] * 3)
    two.a.create_issue(BUG, {SUMMARY: Scalar("b"), PRIORITY: LOW, LABELS: labels()})
    await two.first.world.look(next(iter(two.first.world.jiras)), back=10**9)
    await two.first.step()
    assert two.first.channel.outgoing.under_way
    await delete(two.first)
    await go_on(two, 12)
    assert is_told(two)
    assert not is_there(two.first)


async def test_a_way_out_that_does_not_work_at_the_moment_is_tried_again() -> None:
    two = await said_something()
    way = two.wire.towards(two.second.half.role)
    way.down = "the server is restarted"
    await delete(two.first)
    await go_on(two, 3)
    assert not is_told(two)
    way.down = ""
    await go_on(two, 3)
    assert is_told(two)
    assert not is_there(two.first)


async def test_a_partner_that_never_answers_is_told_a_bounded_number_of_times() -> None:
    two = await said_something()
    way = two.wire.towards(two.second.half.role)
    before = len(way.sent)
    await delete(two.first)
    for _ in range(40):
        await leave(two.first.host, two.first.half.synchronization)
        two.wait(DAY / 4)
    assert len(way.sent) - before == MOST
    assert not is_there(two.first)


async def test_a_way_out_that_never_works_is_given_up() -> None:
    two = await said_something()
    two.wire.towards(two.second.half.role).down = "there is no such server"
    await delete(two.first)
    two.wait(31 * DAY)
    assert await leave(two.first.host, two.first.half.synchronization)
    assert not is_there(two.first)


async def test_two_that_leave_at_once_need_not_tell_each_other() -> None:
    two = await said_something()
    await delete(two.first)
    await delete(two.second)
    for one in two.both:
        await leave(one.host, one.half.synchronization)
    assert [is_there(one) for one in two.both] == [False, False]
