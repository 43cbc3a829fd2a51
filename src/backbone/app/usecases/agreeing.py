"""Coming to work by one configuration with a partner behind firewalls: what is said, and what is in force when.

The channel is stepped under its lock; everything here happens in the unit of work of whoever holds it.
"""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.saying import say
from backbone.app.declaration.declared import begun
from backbone.app.usecases.configurations import APART
from backbone.app.usecases.publishing import Act, first_start, halves_in_force, put_in_force
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.protocol.channel import Channel, Proposal
from backbone.core.protocol.parcels import Answered
from backbone.core.protocol.publication import accepted, declined, said, sayable, taken
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Signed, Synchronization
from backbone.ports.store import UnitOfWork


async def announce(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """Tell the slave what the master's administrator published, once it can be told. The channel has to be saved."""
    body = sayable(stored.channel)
    if body is None:
        return stored
    stored = await say(uow, stored, [body], now)
    return replace(stored, channel=said(stored.channel))


async def accept(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """Tell the master that its publication is in force here. The channel has to be saved."""
    channel, answer = accepted(stored.channel)
    return await say(uow, replace(stored, channel=channel), [answer], now)


async def decline(uow: UnitOfWork, stored: StoredChannel, message: str, now: Millis) -> StoredChannel:
    """Tell the master that everything stays as it is. The channel has to be saved."""
    channel, answer = declined(stored.channel, message)
    return await say(uow, replace(stored, channel=channel), [answer], now)


async def settle(uow: UnitOfWork, stored: StoredChannel, answer: Answered, now: Millis) -> StoredChannel:
    """The slave answered our publication, and the channel has heard it. The channel has to be saved."""
    channel, proposal = taken(stored.channel, answer)
    if proposal is not None:
        await _put_in_force(uow, stored.synchronization, proposal, now)
    return replace(stored, channel=channel)


async def _put_in_force(uow: UnitOfWork, key: SynchronizationKey, proposal: Proposal, now: Millis) -> None:
    known = await uow.synchronizations.lock(key)
    if known is None or known.revision >= proposal.publication.revision:
        return
    one = proposed_form(known, proposal)
    act = Act(signed=one.published, started=now)
    started = first_start(*await halves_in_force(uow, known))
    halves = [await uow.synchronizations.half(connector, one.revision) for connector in one.connectors]
    halves = [begun(half, started) if started is not None else half for half in halves]
    await put_in_force(uow, known, one, tuple(halves), act)


def was_declined_first(channel: Channel) -> bool:
    """Whether the very first configuration was declined, and nothing was proposed since: nothing can run."""
    agreement = channel.agreement
    return agreement.agreed is None and agreement.declined is not None and channel.proposal is None


def proposed_form(known: Synchronization, proposal: Proposal) -> Synchronization:
    """The synchronization as it would be. A name that it was given since stays."""
    signed = Signed(by=proposal.by, at=proposal.at, why=proposal.why)
    one = replace(
        known,
        name=proposal.name,
        description=proposal.description,
        revision=proposal.publication.revision,
        document=proposal.document,
        modified=signed,
        published=signed,
    )
    if known.modified.at <= proposal.at:
        return one
    rest = {key: value for key, value in proposal.document.items() if key not in APART}
    called = {key: value for key, value in known.document.items() if key in APART}
    return replace(one, name=known.name, description=known.description, document={**called, **rest})
