"""The store in memory: the same promises as PostgreSQL, for one process, gone when it ends."""

from __future__ import annotations

from backbone.adapters.memory.locks import MemoryFence, MemoryLocks
from backbone.adapters.memory.store import MemoryStore
from backbone.adapters.memory.turns import TurnQueue

__all__ = ["MemoryFence", "MemoryLocks", "MemoryStore", "TurnQueue"]
