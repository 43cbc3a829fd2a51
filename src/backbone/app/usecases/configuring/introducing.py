"""A connection that is given with a new synchronization: tried, then stored with its secrets sealed, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import seal_secret
from backbone.app.declaration.connection import ConnectionPart
from backbone.app.usecases.configuring.declaring import Trackers, Unfit, Wrong
from backbone.app.usecases.connecting import Connecting
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import ConnectionName
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import StoredConnection
from backbone.ports.tracker import AccessError, Tracker, TrackerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """A new connection: what may be shown of it by the keys of the file, and its secrets by theirs."""

    place: str
    name: str
    declared: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


class NotAllowed(Exception):
    """Only local administrators may connect this installation with another Jira."""


class Host(Connecting, Protocol):
    """What connections are tried and sealed with."""


class Together(Mapping[ConnectionName, Tracker]):
    """New Jiras beside those that are open. One that can't be opened says so when it is asked for, as before."""

    def __init__(self, new: Trackers, known: Trackers) -> None:
        self._new, self._known = new, known

    def __getitem__(self, name: ConnectionName) -> Tracker:
        return self._new[name] if name in self._new else self._known[name]

    def __iter__(self) -> Iterator[ConnectionName]:
        return iter(dict.fromkeys([*self._new, *self._known]))

    def __len__(self) -> int:
        return len(list(iter(self)))


@asynccontextmanager
async def introduced(
    host: Host, unit: AdministrationUnit, caller: Caller, given: Sequence[Introduced]
) -> AsyncIterator[Trackers]:
    """Store them in the caller's transaction; all Jiras, with these open meanwhile. Raises NotAllowed, Unfit, Mistake."""
    if given and not caller.everything:
        raise NotAllowed
    known = {one.name for one in await unit.synchronizations.connections()}
    async with AsyncExitStack() as ends:
        trackers: dict[ConnectionName, Tracker] = {}
        for one in given:
            if one.name in known:
                raise Unfit([_known(one)])
            tracker = await _tried(host, one, ends)
            trackers[ConnectionName(one.name)] = tracker
            await _store(host, unit, caller, one)
        yield Together(trackers, host.engine.trackers)


async def _tried(host: Host, one: Introduced, ends: AsyncExitStack) -> Tracker:
    """The open Jira, which let us in. Raises Unfit."""
    part = {**one.declared, **{key: {"sealed": key} for key in one.secrets}}
    try:
        ConnectionPart.model_validate(part)
    except ValidationError as error:
        raise Unfit([_wrong(one, each["loc"], each["msg"], each.get("ctx", {})) for each in error.errors()]) from None
    trial = StoredConnection(name=ConnectionName(one.name), document={"declared": part, "file": ""})
    try:
        tracker = await ends.enter_async_context(host.trying(trial, lambda key: one.secrets[key]))
        await tracker.account()
    except Mistake as mistake:
        raise Unfit([Wrong(place=one.place, message=mistake.cause, cure=mistake.cure)]) from mistake
    except TrackerError as error:
        cure = error.remedy if isinstance(error, AccessError) else "Check address, proxy and network, then try again"
        raise Unfit([Wrong(place=one.place, message=str(error), cure=cure)]) from error
    return tracker


async def _store(host: Host, unit: AdministrationUnit, caller: Caller, one: Introduced) -> None:
    declared: dict[str, object] = dict(one.declared)
    for key, secret in one.secrets.items():
        ident = await seal_secret(unit, host.sealer, host.system, f"connection {one.name}, {key}", secret)
        declared[key] = {"sealed": ident}
    now = host.system.now()
    document = {"declared": declared, "file": "", "applied": now}
    await unit.synchronizations.save_connection(StoredConnection(name=ConnectionName(one.name), document=document))
    await unit.audit.write(entry_of(caller, "connection.create", one.name, now, after=one.declared))


def _known(one: Introduced) -> Wrong:
    return Wrong(
        place=f"{one.place}.name",
        message=f"there is a connection {one.name!r} already",
        cure="Name it without address and credentials, or give the new one another name",
    )


def _wrong(one: Introduced, steps: Sequence[int | str], message: str, context: Mapping[str, object]) -> Wrong:
    """What is wrong, never with the value."""
    place = ".".join([one.place, *(str(step) for step in steps)])
    return Wrong(place=place, message=str(context.get("message", message)), cure=str(context.get("cure", "")))
