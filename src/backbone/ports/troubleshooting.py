"""The port to what people look at when something is wrong: problems page by page, values that lost, and figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code
from backbone.ports.records import Loser, OpenProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLoser:
    """A value that lost, the number by which it is asked for, and when it was restored."""

    id: int
    loser: Loser
    restored: Millis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorFigures:
    """How a connector stands. ``oldest`` is when the oldest message that waits was sent, ``seen`` the last look.

    ``due`` counts turns whose time has come, ``due_since`` is that of the oldest of them.
    """

    connector: ConnectorKey
    pairs: int
    waiting: int
    oldest: Millis | None
    due: int
    due_since: Millis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFigures:
    """How many problems of a code are open in a connector."""

    connector: ConnectorKey | None
    code: Code
    count: int


class Troubles(Protocol):
    """What is asked when something is wrong. ``connectors`` None means all, and what belongs to none."""

    async def listed(
        self, connectors: Collection[ConnectorKey] | None, code: Code | None, start: int, limit: int | None
    ) -> Sequence[OpenProblem]:
        """Oldest first."""

    async def counted(self, connectors: Collection[ConnectorKey] | None, code: Code | None) -> int: ...

    async def losers(
        self, connectors: Collection[ConnectorKey] | None, start: int, limit: int | None
    ) -> Sequence[KnownLoser]:
        """Newest first."""

    async def count_losers(self, connectors: Collection[ConnectorKey]) -> int: ...

    async def loser(self, number: int) -> KnownLoser | None: ...

    async def mark_restored(self, number: int, at: Millis) -> None: ...

    async def figures(self) -> Sequence[ConnectorFigures]: ...

    async def problem_figures(self) -> Sequence[ProblemFigures]: ...

    async def unfinished_tasks(self) -> int: ...

    async def journal_counts(self) -> Sequence[tuple[str, int]]:
        """How many entries of each kind the journal has."""
