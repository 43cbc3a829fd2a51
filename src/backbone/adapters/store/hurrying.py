"""Having ticks run before they are due."""

from __future__ import annotations

from collections.abc import Iterable

from backbone.adapters.store.rows import Rows

# The tick's row stays as it is while the tick runs: whoever ends it sees that it is due again.
_HURRY = """
    with hurried as (
        update tick set hurried = true where name = any(%s) and not hurried returning name
    )
    select pg_notify('backbone_tick', name) from hurried
"""


async def hurry(rows: Rows, ticks: Iterable[str]) -> None:
    """Let these ticks run as soon as the transaction commits."""
    await rows.run(_HURRY, (sorted(set(ticks)),))
