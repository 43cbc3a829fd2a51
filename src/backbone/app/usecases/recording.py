"""What the audit log keeps of applying a file: what became of each synchronization, and of its channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.core.model.keys import Millis, Role
from backbone.ports.access import AuditEntry
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization

BACKBONE = Caller(name="backbone", shown="backbone", everything=True)
"""Who does what no person is named for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A synchronization and its channel, before or after something was done; nothing of one that is not there."""

    one: Synchronization | None = None
    stored: StoredChannel | None = None


def entries_of_apply(caller: Caller, at: Millis, why: str, before: Seen, after: Seen) -> Iterator[AuditEntry]:
    """Who created or changed it, and what a partner behind firewalls is told from now on."""
    one = after.one
    assert one is not None, "it was just saved"
    if before.one is None:
        told: Mapping[str, object] = {"summary": one.name, "revision": one.revision, "why": why}
        yield entry_of(caller, "integration.create", one.key, at, after=told)
    elif before.one.revision != one.revision:
        told = {"revision": one.revision, "why": why}
        yield entry_of(caller, "integration.publish", one.key, at, before={"revision": before.one.revision}, after=told)
    if after.stored is not None:
        yield from _of_channel(caller, at, before.stored, after.stored)


def _of_channel(caller: Caller, at: Millis, before: StoredChannel | None, after: StoredChannel) -> Iterator[AuditEntry]:
    key, channel = after.synchronization, after.channel
    if before is None and channel.role is Role.SECOND:
        told = {"fingerprint": channel.our_key.fingerprint, "partner": channel.partner_key.fingerprint}
        yield entry_of(caller, "channel.accept", key, at, after=told)
    if before is not None and before.transports != after.transports:
        yield entry_of(caller, "channel.change", key, at, before=_part(before), after=_part(after))
    proposal = channel.proposal
    if proposal is not None and (before is None or before.channel.proposal != proposal):
        published = proposal.publication
        asked = {"revision": published.revision, "message": published.message}
        yield entry_of(caller, "publication.propose", key, at, after=asked)
    pending = before.channel.agreement.pending if before is not None else None
    if pending is not None and channel.agreement.agreed == pending:
        yield entry_of(caller, "publication.accept", key, at, after={"revision": pending.revision})


def _part(stored: StoredChannel) -> Mapping[str, object]:
    """What the configuration file says of it, and where relative paths of it begin."""
    part = stored.transports.get("part")
    return {**(part if isinstance(part, Mapping) else {}), "folder": stored.transports.get("folder")}
