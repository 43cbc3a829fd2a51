"""How things stand: one line a synchronization."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.engine.cursors import catch_up_name
from backbone.app.usecases.at_work import why_idle
from backbone.app.usecases.choosing import chosen, halves_of
from backbone.app.usecases.integrations import channel_with, facts_of
from backbone.app.usecases.standing import Status, derive
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, Revision, Role, SynchronizationKey
from backbone.core.protocol.channel import Channel
from backbone.ports.records import OpenProblem, Synchronization
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorStanding:
    """One half. ``waiting`` counts messages not applied yet, ``oldest`` is when the oldest of them was sent."""

    key: ConnectorKey
    connection: ConnectionName
    pairs: int
    waiting: int
    oldest: Millis | None
    catching_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One synchronization with the halves that are here.

    ``reason`` and ``cure`` tell what stands in its way; ``idle`` that no process is at work to act on its status.
    ``partner`` is the connector of a half behind firewalls; ``from_partner`` is what its administrator wrote last: why a
    configuration was published that waits here, or why ours was declined.
    """

    key: SynchronizationKey
    name: str
    running: bool
    status: Status
    idle: bool
    reason: str | None
    cure: str | None
    revision: Revision
    connectors: tuple[ConnectorStanding, ...]
    problems: int
    partner: ConnectorKey | None = None
    from_partner: str = ""


async def status(store: Store, named: str | None, now: Millis) -> tuple[Standing, ...]:
    """All synchronizations, or the named one. Raises Mistake."""
    async with store.unit() as uow:
        idle = await why_idle(uow, now)
        return tuple([await _standing(uow, one, idle) for one in await chosen(uow, named)])


async def open_problems(store: Store, named: str | None) -> tuple[OpenProblem, ...]:
    """What a person must see, oldest first. Raises Mistake."""
    async with store.unit() as uow:
        if named is None:
            return tuple(await uow.problems.open())
        found = [problem for one in await chosen(uow, named) for problem in await uow.problems.open(one.key)]
    return tuple(found)


async def _standing(uow: UnitOfWork, one: Synchronization, idle: str | None) -> Standing:
    halves = await halves_of(uow, [one])
    connectors = [await _connector(uow, half.connector, half.connection) for half in halves]
    channel = await channel_with(uow, one)
    problems = [known.problem for known in await uow.problems.open(one.key)]
    derived = derive(facts_of(one, problems, channel, idle))
    return Standing(
        key=one.key,
        name=one.name,
        running=one.wanted_running,
        status=derived.status,
        idle=idle is not None,
        reason=derived.reason,
        cure=derived.cure,
        revision=one.revision,
        connectors=tuple(connectors),
        problems=len(problems),
        partner=one.partner_of(one.connectors[0]) if one.here is not None else None,
        from_partner=_from_partner(channel),
    )


def _from_partner(channel: Channel | None) -> str:
    if channel is None:
        return ""
    pending = channel.agreement.pending
    if channel.role is Role.SECOND:
        return pending.message if pending is not None else ""
    return channel.agreement.declined or ""


async def _connector(uow: UnitOfWork, key: ConnectorKey, connection: ConnectionName) -> ConnectorStanding:
    return ConnectorStanding(
        key=key,
        connection=connection,
        pairs=await uow.pairs.count(key),
        waiting=await uow.inbox.waiting(key),
        oldest=await uow.inbox.oldest(key),
        catching_up=await uow.cursors.get(catch_up_name(key)) is not None,
    )
