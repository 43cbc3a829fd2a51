"""What a master published: shown to the slave's administrator as a part of the file to fill in, or declined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.difference import Change
from backbone.app.declaration.skeleton import skeleton
from backbone.app.usecases.agreeing import decline
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import holding, require_sayable
from backbone.core.model.exchange import Exchange, SharedField, Ways
from backbone.core.model.keys import Revision, Role, SynchronizationKey
from backbone.core.protocol.channel import Channel, Publication
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from backbone.ports.store import Store, UnitOfWork
from backbone.ports.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationView:
    """A publication as people see it. ``waits`` tells that the slave did not answer it yet.

    ``changes`` are those to what both work by. ``yaml`` is what the slave's file would say, with blanks to fill in.
    ``declined`` is what the slave's administrator wrote when the last one was declined.
    """

    key: SynchronizationKey
    name: str
    here: Role
    revision: Revision
    digest: str
    message: str
    waits: bool
    changes: tuple[Change, ...]
    yaml: str
    declined: str | None = None


async def show_publication(store: Store, named: str) -> PublicationView:
    """What waits for an answer, else what is agreed. Raises Mistake."""
    async with store.unit() as uow:
        one, channel = await _of(uow, named)
    publication = _newest(channel)
    if publication is None and channel.agreement.declined is not None:
        why = " ".join(channel.agreement.declined.split())
        cure = "The master applies its file, changed or not, with --message"
        raise Mistake(named, f"what was published was declined: {why}", cure)
    if publication is None:
        cure = "Wait until both sides know each other and confirmed the code"
        raise Mistake(named, "the master published nothing yet", cure)
    agreed, waits = channel.agreement.agreed, publication != channel.agreement.agreed
    before = agreed.exchange if agreed is not None else Exchange()
    return PublicationView(
        key=one.key,
        name=one.name,
        here=channel.role,
        revision=publication.revision,
        digest=publication.digest,
        message=publication.message,
        waits=waits,
        changes=tuple(differences(before, publication.exchange)) if waits else (),
        yaml=skeleton(publication.exchange),
        declined=channel.agreement.declined,
    )


async def decline_publication(store: Store, system: System, named: str, message: str, by: Caller) -> Synchronization:
    """Leave everything as it is, and tell the master why. Raises Mistake."""
    require_sayable(message)
    if not message.strip():
        raise Mistake("--message", "the master's administrator should know why", "Write a sentence or two")
    async with store.unit() as uow:
        one, _ = await _of(uow, named)
    async with holding(store, system, [one.key]) as fences, store.unit() as uow:
        stored = await uow.channels.get(one.key)
        pending = _pending(stored)
        if stored is None or pending is None:
            raise Mistake(named, "nothing waits for an answer", f"See 'backbone publication {one.key}'")
        now = system.now()
        await uow.channels.save(await decline(uow, stored, message, now))
        told = {"revision": pending.revision, "message": message}
        await uow.audit.write(entry_of(by, "publication.decline", one.key, now, after=told))
        await uow.commit(*fences)
    return one


def _pending(stored: StoredChannel | None) -> Publication | None:
    """What waits for the answer of our slave."""
    if stored is None or stored.channel.role is not Role.SECOND:
        return None
    return stored.channel.agreement.pending


async def _of(uow: UnitOfWork, named: str) -> tuple[Synchronization, Channel]:
    [one, *_] = await chosen(uow, named)
    stored = await uow.channels.get(one.key) if one.here is not None else None
    if stored is None:
        raise Mistake(named, "both its halves are here, so that nothing is published to a partner", "Name another one")
    return one, stored.channel


def _newest(channel: Channel) -> Publication | None:
    waiting = channel.proposal.publication if channel.proposal is not None else channel.agreement.pending
    return waiting or channel.agreement.agreed


def differences(before: Exchange, after: Exchange) -> Iterator[Change]:
    """What another exchange lets travel otherwise."""
    old, new = dict(_statements(before)), dict(_statements(after))
    for about in dict.fromkeys([*old, *new]):
        if old.get(about) != new.get(about):
            yield Change(about=about, before=old.get(about), after=new.get(about))


def _statements(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for one in exchange.types:
        yield f"issue type {one.alias}", _shown(one.ways)
    for field in exchange.fields:
        yield f"field {field.alias}", _field(field)
    for what, ways in (("comments", exchange.comments), ("attachments", exchange.files)):
        if ways.to_slave or ways.to_master:
            yield what, _shown(ways)
    if exchange.largest is not None:
        yield "largest attachment", f"{exchange.largest / 1_000_000:g} MB"


def _field(field: SharedField) -> str:
    values = f", values {', '.join(sorted(field.values))}" if field.values is not None else ""
    types = f", for {', '.join(sorted(field.types))}" if field.types is not None else ""
    return f"{field.kind}, {_shown(field.ways)}{values}{types}"


def _shown(ways: Ways) -> str:
    if ways.to_slave and ways.to_master:
        return "both ways"
    return "from the master to the slave" if ways.to_slave else "from the slave to the master"
