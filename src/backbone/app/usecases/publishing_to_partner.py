"""Declaring a synchronization whose other half is a partner's: the master publishes, the slave takes over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from backbone.app.channel.desk import channel_lock
from backbone.app.declaration.channel import ChannelPart
from backbone.app.declaration.declared import ResolvedSynchronization
from backbone.app.usecases.agreeing import accept, announce
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing import Act, change, compiled_as_before, create_stopped
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Revision, Role, SynchronizationKey
from backbone.core.protocol.channel import Channel, Proposal, Publication
from backbone.core.protocol.handshake import is_open
from backbone.core.protocol.parcels import ChannelId
from backbone.core.protocol.publication import digest_of, next_revision, proposed, publication_of, to_map
from backbone.core.protocol.shapes import Misfit
from backbone.core.protocol.wire_values import WORDS
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from backbone.ports.store import Fence, Store, UnitOfWork
from backbone.ports.system import System

PATIENCE = 20_000
"""Milliseconds for which a step of a channel that is under way is waited for."""

_BETWEEN = 0.2


UNNAMED = SynchronizationKey("")
"""That of a synchronization that is not made yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A channel of a synchronization that is not made yet, with our secret key."""

    stored: StoredChannel
    secret: str = field(repr=False)


class ChannelOffice(Protocol):
    """What sets a channel up and changes it: keys, places, handshake files.

    What has to be asked of servers is asked by ``begin`` and ``try_out``, before a transaction begins.
    """

    async def begin(self, resolved: ResolvedSynchronization, /) -> Begun:
        """The channel of a new synchronization. Raises Mistake."""

    def named(self, begun: Begun, key: SynchronizationKey, /) -> StoredChannel:
        """The same once the synchronization is made. Raises Mistake."""

    async def abandon(self, begun: Begun, /) -> None:
        """What was begun is not made after all."""

    async def try_out(self, one: Synchronization, stored: StoredChannel, part: ChannelPart, /) -> None:
        """Whether the channel works as the file describes it now. Raises Mistake."""

    async def edit(
        self, uow: UnitOfWork, one: Synchronization, stored: StoredChannel, part: ChannelPart, /
    ) -> StoredChannel:
        """The channel as the file describes it now. Raises Mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """With what it is published. ``message`` is for the partner, ``system`` waits for locks.

    ``begun`` are the channels of new synchronizations, of which nothing may be left where they are not made, and
    ``tried`` what was tried of others, by their identities.
    """

    office: ChannelOffice
    system: System
    message: str = ""
    begun: dict[str, Begun] = field(default_factory=dict)
    tried: dict[str, object] = field(default_factory=dict)

    async def prepare(
        self, resolved: ResolvedSynchronization, known: Synchronization | None, stored: StoredChannel | None
    ) -> None:
        """Set up or try out what the file says of a channel, before anything is locked in the database. Raises Mistake."""
        require_sayable(self.message)
        channel = resolved.document.get("channel")
        if known is None:
            self.begun[resolved.identity] = await self.office.begin(resolved)
        elif stored is not None and resolved.channel is not None and known.document.get("channel") != channel:
            await self.office.try_out(known, stored, resolved.channel)
            self.tried[resolved.identity] = channel

    def require_made(self, identities: Collection[str]) -> None:
        """Raises Mistake where the synchronization of a channel was not made after all."""
        for identity in self.begun.keys() - identities:
            raise _overtaken(identity)

    @asynccontextmanager
    async def all_or_nothing(self) -> AsyncIterator[None]:
        """What is begun within is abandoned where this fails."""
        try:
            yield
        except BaseException:
            for one in self.begun.values():
                await self.office.abandon(one)
            raise


@asynccontextmanager
async def holding(store: Store, system: System, keys: Sequence[SynchronizationKey]) -> AsyncIterator[tuple[Fence, ...]]:
    """The locks of these channels. Raises Mistake when one is worked on for too long."""
    names, until = [channel_lock(key) for key in keys], system.now() + PATIENCE
    while names:
        async with store.hold_all(names) as held:
            if len(held) == len(names):
                yield tuple(held.values())
                return
        if system.now() >= until:
            raise Mistake(", ".join(keys), "parcels are on their way just now", "Try again in a moment")
        await system.sleep(_BETWEEN)
    yield ()


async def create_half(
    uow: UnitOfWork, resolved: ResolvedSynchronization, act: Act, publishing: Publishing
) -> Synchronization:
    """Our half, stopped, and its channel. What a master offers is published once both know each other."""
    begun = publishing.begun.get(resolved.identity)
    if begun is None:
        raise _overtaken(resolved.identity)
    if resolved.here is Role.SECOND:
        await require_unused(uow, f"synchronization '{resolved.name}', handshake", begun.stored.channel.id)
    one = await create_stopped(uow, resolved, act)
    stored = publishing.office.named(begun, one.key)
    if resolved.here is Role.FIRST:
        proposal = proposal_of(
            resolved, one.revision, act, publishing.message or f"{one.name}: the first configuration"
        )
        stored = replace(stored, channel=proposed(stored.channel, proposal))
    await uow.channels.save(stored)
    return one


async def change_half(
    uow: UnitOfWork, known: Synchronization, resolved: ResolvedSynchronization, act: Act, publishing: Publishing
) -> Synchronization:
    """What concerns this side alone counts at once; what both exchange, once both work by it. Raises Mistake."""
    stored = await uow.channels.get(known.key)
    assert stored is not None, "it was made with the synchronization"
    assert resolved.channel is not None, "which halves are here never changes"
    if known.document.get("channel") != resolved.document.get("channel"):
        if publishing.tried.get(resolved.identity) != resolved.document.get("channel"):
            raise _overtaken(resolved.identity)
        stored = await publishing.office.edit(uow, known, stored, resolved.channel)
        known = replace(known, document={**known.document, "channel": resolved.document.get("channel")})
        await uow.synchronizations.save(known, [])
    changing = _Changing(uow=uow, known=known, channel=stored.channel, resolved=resolved, act=act)
    if known.here is Role.FIRST:
        require_sayable(publishing.message)
        one, channel = await _change_master(changing, publishing.message)
        stored = await announce(uow, replace(stored, channel=channel), act.signed.at)
    else:
        one = await _change_slave(changing)
        if stored.channel.agreement.pending is not None:
            stored = await accept(uow, stored, act.signed.at)
    await uow.channels.save(stored)
    return one


async def require_unused(uow: UnitOfWork, place: str, channel: ChannelId) -> None:
    """Raises Mistake for the channel of a handshake file that is known here: each is used once, and not where it was written."""
    for known in await uow.channels.all():
        if known.channel.id != channel:
            continue
        if known.channel.role is Role.FIRST:
            raise Mistake(place, "this installation wrote the file itself", "Hand it over to the partner")
        raise Mistake(place, "the file was used already", "Ask the partner for a new synchronization")


def _overtaken(identity: str) -> Mistake:
    """Somebody else was quicker while the channel was tried out."""
    cause = "it was made, changed or deleted just now by somebody else"
    return Mistake(f"synchronization '{identity}'", cause, "Apply the file again")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changing:
    """What is known of a synchronization, and what its file says now."""

    uow: UnitOfWork
    known: Synchronization
    channel: Channel
    resolved: ResolvedSynchronization
    act: Act

    async def at_once(self, revision: Revision | None = None) -> Synchronization:
        return await change(self.uow, self.known, self.resolved, self.act, revision)

    async def later(self, revision: Revision) -> Synchronization:
        """Once the slave agrees; at once only where nothing was agreed ever, since then nothing runs."""
        if self.channel.agreement.agreed is None:
            return await self.at_once(next_revision(self.channel, self.known.revision))
        halves = await compiled_as_before(self.uow, self.known, self.resolved, revision, self.act)
        await self.uow.synchronizations.save(self.known, halves)
        return self.known


async def _change_slave(changing: _Changing) -> Synchronization:
    mapped = to_map(changing.channel.agreement)
    if (mapped.exchange if mapped else None) != changing.resolved.exchange:
        place = f"synchronization '{changing.known.name}'"
        raise Mistake(place, "the master published something else just now", "Apply the file again")
    return await changing.at_once()


async def _change_master(changing: _Changing, message: str) -> tuple[Synchronization, Channel]:
    channel, resolved, act = changing.channel, changing.resolved, changing.act
    agreed, waiting = channel.agreement.agreed, channel.proposal
    digest, revision = digest_of(_offered(resolved)), next_revision(channel, changing.known.revision)
    if waiting is None and agreed is not None and digest == agreed.digest:
        return await changing.at_once(revision), channel
    if waiting is not None and digest == waiting.publication.digest:
        publication = waiting.publication  # the slave is asked for the same, so that it is not asked again
        corrected = replace(
            proposal_of(resolved, publication.revision, act, publication.message), publication=publication
        )
        return await changing.later(publication.revision), replace(channel, proposal=corrected)
    if waiting is not None and agreed is None and not is_open(channel):
        message = message or waiting.publication.message  # nothing was told yet, so there is no change to explain
    if not message:
        raise Mistake(
            f"synchronization '{changing.known.name}'",
            "what both sides exchange would change, and nothing tells the partner why",
            "Say it with --message TEXT",
        )
    one = await changing.later(revision)
    return one, proposed(channel, proposal_of(resolved, revision, act, message))


def require_sayable(message: str) -> None:
    """Raises Mistake for what no partner could be told."""
    try:
        WORDS.write(message)
    except Misfit as misfit:
        cure = "Write a sentence or two, without control characters"
        raise Mistake("--message", f"the partner can't be told this: it {misfit.what}", cure) from misfit


def proposal_of(resolved: ResolvedSynchronization, revision: Revision, act: Act, message: str) -> Proposal:
    return Proposal(
        publication=publication_of(revision, _offered(resolved), message),
        name=resolved.name,
        description=resolved.description,
        document=resolved.document,
        by=act.signed.by,
        at=act.signed.at,
        why=act.signed.why,
    )


def _offered(resolved: ResolvedSynchronization) -> Exchange:
    assert resolved.exchange is not None, "the master's is derived from its file"
    return resolved.exchange


async def published(uow: UnitOfWork) -> dict[SynchronizationKey, Publication]:
    """What the masters of our slaves published: what waits for an answer, else what is agreed."""
    found = {}
    for one in await uow.channels.all():
        publication = to_map(one.channel.agreement)
        if one.channel.role is Role.SECOND and publication is not None:
            found[one.synchronization] = publication
    return found
