"""The port to configurations that were published or are being written, and to what a deleted synchronization knew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backbone.core.model.keys import Millis, Revision, SynchronizationKey
from backbone.core.model.problems import Problem
from backbone.ports.records import ApplyTurn, Signed, Synchronization


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A revision as it was published; ``document`` is the synchronization's part of the configuration file."""

    synchronization: SynchronizationKey
    revision: Revision
    name: str
    description: str
    document: Mapping[str, object]
    published: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A configuration that is being written, and the revision that it began from."""

    synchronization: SynchronizationKey
    based_on: Revision
    document: Mapping[str, object]
    written: Signed


class Revisions(Protocol):
    """What was published. It is written by :meth:`backbone.ports.store.Synchronizations.save`."""

    async def all(self, key: SynchronizationKey) -> Sequence[Publication]:
        """All revisions, the newest first."""

    async def get(self, key: SynchronizationKey, revision: Revision) -> Publication | None: ...


class Drafts(Protocol):
    """What is being written: one draft a synchronization."""

    async def get(self, key: SynchronizationKey) -> Draft | None: ...

    async def save(self, draft: Draft) -> None:
        """Insert or replace."""

    async def remove(self, key: SynchronizationKey) -> None: ...


class Hindrances(Protocol):
    """Problems that hold back more than a single pair: there are few, however many issues there are."""

    async def all(self) -> Sequence[Problem]:
        """The open ones that name a connector, oldest first."""


class Archive(Protocol):
    """What deleted synchronizations knew."""

    async def open_attempts(self, one: Synchronization) -> Sequence[str]:
        """Creations and edits of its connectors whose outcome is not committed yet: the name of the lock of each.

        While somebody holds that lock, it is under way; else it was cut short, and ends when it is running again.
        """

    async def keep(self, one: Synchronization, deleted: Signed) -> int:
        """Archive the synchronization with its pairs; how many pairs."""

    async def fence_off(self, one: Synchronization) -> None:
        """Take the locks of everything that its connectors may be doing: no commit of theirs succeeds any more."""

    async def release_issues(self, one: Synchronization) -> Sequence[ApplyTurn]:
        """Close its open attempts, for which other synchronizations of the same issues would wait.

        The turns are of those others: an attempt may be theirs, and whoever's it is, they can find out and close it.
        """

    async def forget(self, before: Millis) -> None:
        """Remove what was deleted before then."""
