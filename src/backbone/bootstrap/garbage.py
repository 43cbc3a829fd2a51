"""How often Python looks for cycles of objects that nobody refers to."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 20_000
"""So many more objects before the youngest are looked through; by default 700, which a page of issues makes many times.

What the engine makes is frozen and has no cycles: it goes without being looked for.
"""


def collect_seldom() -> None:
    """For processes that work: leave what was imported alone, and look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
