"""How synchronizations stand, as a table and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.table import Table

from backbone.app.usecases.standing import Status
from backbone.app.usecases.status import ConnectorStanding, Standing
from backbone.cli.outcome import sentence
from backbone.core.model.keys import Millis


def plain_standing(one: Standing) -> dict[str, object]:
    return asdict(one)


def standings_table(standings: Sequence[Standing], now: Millis) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("KEY", "NAME", "STATUS", "REVISION", "CONNECTORS", "PAIRS", "WAITING", "PROBLEMS"):
        table.add_column(head, overflow="fold", justify="right" if head in _NUMBERS else "left")
    for one in standings:
        halves = [f"{half.key} ({half.connection})" for half in one.connectors]
        table.add_row(
            one.key,
            one.name,
            _status(one),
            str(one.revision),
            ", ".join([*halves, *([f"{one.partner} (a partner's)"] if one.partner else [])]),
            str(max(half.pairs for half in one.connectors)),
            _waiting(one.connectors, now),
            str(one.problems),
        )
    return table


def reason_lines(standings: Sequence[Standing]) -> Iterator[str]:
    """What stands in the way, and the cure; what several have in common once."""
    keys = defaultdict(list)
    for one in standings:
        if one.reason is not None:
            keys[one.reason, one.cure or ""].append(one.key)
    for (reason, cure), those in keys.items():
        yield " ".join(part for part in (f"{', '.join(those)}: {sentence(reason)}", cure and sentence(cure)) if part)


_NUMBERS = frozenset({"REVISION", "PAIRS", "PROBLEMS"})


def _status(one: Standing) -> str:
    if one.idle and one.status is not Status.STOPPED:
        return f"{one.status}, no worker"
    catching_up = one.status is Status.RUNNING and any(half.catching_up for half in one.connectors)
    return f"{one.status}, catching up" if catching_up else one.status


def _waiting(connectors: Sequence[ConnectorStanding], now: Millis) -> str:
    count = sum(one.waiting for one in connectors)
    oldest = min((one.oldest for one in connectors if one.oldest is not None), default=None)
    return str(count) if oldest is None else f"{count}, oldest {max(0, now - oldest) // 1000} s"
