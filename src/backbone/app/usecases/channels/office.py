"""Setting a channel up and changing it: keys, places, addresses. All that can be tested is tested before it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.channel.conversation import say_move
from backbone.app.channel.following import end_of_move
from backbone.app.channel.moving import memory_before_move
from backbone.app.channel.settings import (
    directories_of,
    document_of,
    part_of,
    with_former,
    with_part,
    with_secret_key,
)
from backbone.app.declaration.channel import ChannelPart, ReceivePart, SendPart, address_of, protocol_of
from backbone.app.declaration.declared import ResolvedSynchronization
from backbone.app.usecases.channels.files import located, read_content, unlocked_file
from backbone.app.usecases.channels.keys import new_key, pinned_key
from backbone.app.usecases.channels.trying import require_working
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import UNNAMED, Begun, holding, require_unused
from backbone.core.model.keys import Millis, Role, SynchronizationKey
from backbone.core.protocol.channel import Channel, PinnedKey, Stage
from backbone.core.protocol.delivering import again, put_right
from backbone.core.protocol.handshake import (
    LIFETIME,
    HandshakeRefused,
    Lot,
    Named,
    Place,
    accepted,
    is_open,
    offered,
    was_answered,
)
from backbone.core.protocol.parcels import ChannelId, Epoch
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.records import Synchronization
from backbone.ports.sealing import Sealer
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.system import System
from backbone.ports.transport import TransportError, Transports


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What administrators work with who set up channels. ``folder`` is where relative paths of a file begin."""

    store: AdministrationStore
    system: System
    cipher: Cipher
    transports: Transports
    sealer: Sealer
    environment: Mapping[str, str]
    folder: Path = Path("/")

    async def begin(self, resolved: ResolvedSynchronization) -> Begun:
        """The channel of a new synchronization, its places prepared and tested. Raises Mistake."""
        part = resolved.channel
        assert part is not None, "the other half is a partner's"
        key = await new_key(self.cipher, part, self.folder)
        pinned = pinned_key(key)
        if resolved.here is Role.SECOND:
            channel = await self._accepted(resolved, part, pinned)
        else:
            channel = self._offered(resolved, part, pinned)
        stored = StoredChannel(
            synchronization=UNNAMED, channel=channel, transports=document_of(part, self.folder), secret_keys={}
        )
        begun = Begun(stored=stored, secret=key.secret)
        try:
            await require_working(self, stored)
        except Mistake:
            await self.abandon(begun)
            raise
        return begun

    def named(self, begun: Begun, key: SynchronizationKey) -> StoredChannel:
        """The channel of a synchronization that is made now, its secret key sealed for it. Raises Mistake."""
        stored = replace(begun.stored, synchronization=key)
        return with_secret_key(stored, stored.channel.our_key.fingerprint, begun.secret, self.sealer)

    async def abandon(self, begun: Begun) -> None:
        """The channel was begun and is not made: what it was to use is free again.

        A slave's channel is known by the same name when it is tried again, so that its marks are right.
        """
        if begun.stored.channel.role is Role.SECOND:
            return
        for place in directories_of(begun.stored):
            with suppress(TransportError):
                await self.transports.release(place)

    async def try_out(self, one: Synchronization, stored: StoredChannel, part: ChannelPart) -> None:
        """Test the channel as the file describes it now, its new places prepared. Raises Mistake."""
        await self._require_answered(one, stored, part)
        await require_working(self, self._edited(one, stored, part), stored)

    async def edit(
        self, uow: UnitOfWork, one: Synchronization, stored: StoredChannel, part: ChannelPart
    ) -> StoredChannel:
        """The channel as the file describes it now, which was tried out; not saved. Raises Mistake."""
        before, edited = part_of(stored), self._edited(one, stored, part)
        await end_of_move(uow, edited, one.connectors[0])
        if edited.channel != stored.channel and is_open(edited.channel):
            edited = await say_move(uow, edited, self.system.now())
        channel = edited.channel
        if _way_out(before.send) != _way_out(part.send):
            channel = replace(channel, outgoing=again(channel.outgoing))
        return replace(edited, channel=put_right(channel))

    def _edited(self, one: Synchronization, stored: StoredChannel, part: ChannelPart) -> StoredChannel:
        before = part_of(stored)
        edited = self._encrypting(one, with_part(stored, part, self.folder), part)
        return _moving(edited, before.receive, part.receive) if _is_elsewhere(before.receive, part.receive) else edited

    async def _require_answered(self, one: Synchronization, stored: StoredChannel, part: ChannelPart) -> None:
        """Raises Mistake for a new handshake file: it is answered by a command. One that was answered may be gone."""
        if part.handshake is None or one.here is not Role.SECOND:
            return
        place, path = f"synchronization '{one.name}', handshake", located(self.folder, part.handshake)
        try:
            file = await unlocked_file(self, place, read_content(place, path), part.passphrase)
        except Mistake:
            return
        if not was_answered(stored.channel, file):
            cure = f"Answer it with: backbone channel accept {one.key} {part.handshake}"
            raise Mistake(place, "this is another file than the one that was answered", cure)

    def _encrypting(self, one: Synchronization, stored: StoredChannel, part: ChannelPart) -> StoredChannel:
        """The channel as encrypted as the file wants it: the master may choose until its handshake file is answered."""
        channel = stored.channel
        if part.encryption == channel.encrypted or (one.here is Role.SECOND and not part.encryption):
            return stored
        if one.here is Role.FIRST and channel.stage is Stage.OFFERED:
            void = self.system.new_id()  # a file that was written before says otherwise
            return replace(stored, channel=replace(channel, encrypted=part.encryption, token=void))
        cause = "the encryption can't be changed any more, since the handshake file was answered"
        cure = "Leave encryption: as it is, or set up a new synchronization with the partner"
        raise Mistake(f"synchronization '{one.name}'", cause, cure)

    def _offered(self, one: ResolvedSynchronization, part: ChannelPart, key: PinnedKey) -> Channel:
        named = Named(name=one.name, description=described(one.document), encrypted=part.encryption)
        lot = Lot(
            channel=ChannelId(self.system.new_id()), token=self.system.new_id(), epoch=Epoch(self.system.new_id())
        )
        return offered(lot, named, key, _place(part), Millis(self.system.now() + LIFETIME))

    async def _accepted(self, one: ResolvedSynchronization, part: ChannelPart, key: PinnedKey) -> Channel:
        place = f"synchronization '{one.name}', handshake"
        if part.handshake is None:
            raise Mistake(place, "a slave begins with the master's handshake file", "Write handshake: and its path")
        content = read_content(place, located(self.folder, part.handshake))
        file = await unlocked_file(self, place, content, part.passphrase)
        async with self.store.unit() as uow:
            await require_unused(uow, place, file.channel)
        if part.encryption and not file.encrypted:
            cure = "Write encryption: false if you agree, or ask the partner to offer an encrypted one"
            raise Mistake(place, "the master offers a channel that is signed, but not encrypted", cure)
        if protocol_of(part.send) != file.protocol:
            cause = f"the master receives by {file.protocol}, and send: does not go there"
            raise Mistake(place, cause, "Write under send: a directory for files, or an account for mail")
        try:
            return accepted(file, key, Epoch(self.system.new_id()), _place(part), self.system.now())
        except HandshakeRefused as error:
            raise Mistake(place, error.cause, error.cure) from error

    @asynccontextmanager
    async def at(self, named: str) -> AsyncIterator[Act]:
        """A channel under its lock, in one unit of work. Raises Mistake for what is not there."""
        async with self.store.unit() as uow:
            one = await with_partner(uow, named)
        async with holding(self.store, self.system, [one.key]) as fences, self.store.administration() as unit:
            stored = await unit.channels.get(one.key)
            if stored is None:
                raise _gone(named)
            yield Act(unit=unit, one=one, stored=stored, fences=fences, now=self.system.now())

    async def look(self, named: str) -> tuple[Synchronization, StoredChannel]:
        """A channel as it is stored. Raises Mistake."""
        async with self.store.unit() as uow:
            one = await with_partner(uow, named)
            stored = await uow.channels.get(one.key)
        if stored is None:
            raise _gone(named)
        return one, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A channel that somebody works at, and what was found."""

    unit: AdministrationUnit
    one: Synchronization
    stored: StoredChannel
    fences: tuple[Fence, ...]
    now: Millis

    async def done(self, stored: StoredChannel, caller: Caller, what: str, after: Mapping[str, object]) -> None:
        """Save the channel and what was done, together."""
        await self.unit.channels.save(stored)
        await self.unit.audit.write(entry_of(caller, what, self.one.key, self.now, after=after))
        await self.unit.commit(*self.fences)


async def with_partner(uow: UnitOfWork, named: str) -> Synchronization:
    """The synchronization of that key or name, whose other half is a partner's. Raises Mistake."""
    found = (await chosen(uow, named))[0]
    if found.here is None:
        raise Mistake(named, "both halves of this synchronization are here: it has no channel", "Name another one")
    return found


def described(document: Mapping[str, object]) -> str:
    """What a person wrote of a synchronization; what the program says by itself names the project."""
    typed = document.get("description")
    return str(typed) if typed else ""


def _gone(named: str) -> Mistake:
    return Mistake(named, "its channel was deleted a moment ago", "Look at it again")


def _place(part: ChannelPart) -> Place:
    return Place(protocol=protocol_of(part.receive), address=address_of(part.receive))


def _is_elsewhere(before: ReceivePart, after: ReceivePart) -> bool:
    """Whether parcels come to another place; another password or port is the same one."""
    return _where(before) != _where(after)


def _way_out(part: SendPart) -> tuple[object, ...]:
    """What makes it another way: another password or port is the same one."""
    return (part.directory, part.server, part.to)


def _where(part: ReceivePart) -> tuple[object, ...]:
    return (part.directory, part.server, part.user, part.address, part.folder, part.protocol)


def _moving(stored: StoredChannel, before: ReceivePart, after: ReceivePart) -> StoredChannel:
    """The former place is read, too, as long as parcels may come there."""
    channel = stored.channel
    meeting = replace(channel.meeting, receives_by=protocol_of(after))
    moved = replace(channel, receives=address_of(after), meeting=meeting, memory=memory_before_move(channel.memory))
    return with_former(replace(stored, channel=moved), before)
