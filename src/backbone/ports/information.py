"""The port to sync information as administrators see it: listed, deleted, restored and imported, a connector at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backbone.core.model.keys import ConnectorKey, IssueId, IssueKey, IssueRef, Millis, PairUid
from backbone.core.model.pair import Pair, SyncInformation


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Which local issue belongs to which remote issue; ``id`` is the public number of the entry."""

    id: int
    connector: ConnectorKey
    local: IssueKey
    remote: IssueKey
    info: SyncInformation


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChoice:
    """An issue by any key that it had when last seen, or by its id."""

    key: IssueKey
    id: IssueId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which entries of a connector; all without it."""

    local: IssueChoice | None = None
    remote: IssueChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An entry of an import at its position; what is absent was not given."""

    position: int
    local: IssueKey
    remote: IssueKey
    first_sync_date: Millis | None = None
    last_outgoing_change: Millis | None = None
    last_change_seen: Millis | None = None
    outgoing_message_sequence_id: int | None = None
    last_incoming_change: Millis | None = None
    incoming_message_sequence_id: int | None = None
    incoming_changes_ignored: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """An entry of an import whose issues are known, with what is known of them already.

    ``mine`` is the connector's row of this very pair, a buried one included; ``partners`` is the partner's half of it.
    """

    given: Given
    local: IssueRef
    remote: IssueRef
    mine: Pair | None
    partners: Pair | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A deleted entry that can be restored until 30 days after ``at``."""

    id: int
    connector: ConnectorKey
    local: IssueKey | None
    remote: IssueKey | None
    at: Millis
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How many entries came back, and how many stay archived because an issue of theirs is in another pair now."""

    entries: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """An entry of an import with an issue that is in another pair; ``local`` tells which of its issues."""

    position: int
    local: bool
    key: IssueKey
    other: IssueKey | None


class Information(Protocol):
    """Entries of connectors."""

    async def count(self, connector: ConnectorKey, choice: Choice) -> int: ...

    async def page(
        self, connector: ConnectorKey, choice: Choice, *, after: int, skip: int, limit: int
    ) -> Sequence[Entry]:
        """Entries with a greater id than ``after``, by their id."""

    async def delete(
        self, connector: ConnectorKey, partner: ConnectorKey, *, only: int | None, at: Millis, by: str
    ) -> int:
        """Archive and bury one entry or all; the partner's entries become halves. How many there were.

        Whoever works on one of the issues at this moment loses its lock.
        """

    async def archived(self, connector: ConnectorKey, since: Millis) -> Sequence[Archived]:
        """What was deleted at or after then, the youngest first; at most 1000."""

    async def restore(
        self, connector: ConnectorKey, partner: ConnectorKey | None, *, only: int | None, since: Millis, now: Millis
    ) -> Restored:
        """Bring back what was deleted at or after then, with the messages that waited for it.

        Without a ``partner`` the other half is elsewhere: what comes back is what it was.
        """

    async def forget_archived(self, before: Millis) -> None: ...

    async def halves(self, connector: ConnectorKey) -> tuple[int, Entry | None]:
        """How many entries lack the partner's half, and one of them."""


class Imports(Protocol):
    """Arrays of sync information on their way in: nothing of them counts before :meth:`take_over`."""

    async def stage(self, name: str, entries: Sequence[Given], now: Millis) -> None: ...

    async def mirror(self, name: str, other: str) -> None:
        """Stage the same pairs as the partner sees them, with what is resolved of them."""

    async def twice(self, name: str, most: int) -> Sequence[Clash]:
        """The first entries with an issue that an earlier one has in another pair."""

    async def prefixes(self, name: str, *, local: bool) -> Sequence[str]:
        """What stands before the numbers of the keys: project keys, at most 100 of them."""

    async def unresolved(self, name: str, *, local: bool, limit: int) -> Sequence[tuple[int, IssueKey]]:
        """Positions and keys that have no id yet, in their order."""

    async def count_unresolved(self, name: str, *, local: bool) -> int: ...

    async def resolve(self, name: str, found: Mapping[IssueKey, IssueRef], *, local: bool) -> None:
        """Note the ids of issues by the keys that entries may have for them."""

    async def resolve_elsewhere(self, name: str, connector: ConnectorKey) -> None:
        """Take the remote issues for what pairs of the connector know of them, else by their keys."""

    async def batch(
        self, name: str, connector: ConnectorKey, partner: ConnectorKey, *, after: int, limit: int
    ) -> Sequence[Resolved]:
        """Entries of greater positions with what is known of their issues; locked until the end of the transaction."""

    async def forget_messages(self, uids: Sequence[PairUid], connectors: Sequence[ConnectorKey]) -> None:
        """Remove all messages of these pairs."""

    async def renumber(self, connector: ConnectorKey, shifts: Mapping[PairUid, int]) -> None:
        """Shift the numbers of messages that wait for the connector."""

    async def take_over(self, name: str, connector: ConnectorKey, partner: ConnectorKey, most: int) -> Sequence[Clash]:
        """Unearth what was buried of these issues, and let nobody go on who works on one of them at this moment.

        An issue that is in another pair is a clash: then nothing may be committed. The first ones are given.
        """

    async def forget(self, name: str) -> None:
        """Remove a staged array, and those that were left behind a day ago."""
