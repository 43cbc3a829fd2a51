"""The PostgreSQL we bring along: found, initialised, started, shared by all processes of one home folder, stopped.

Nothing here reads the environment: which home folder and whose programs are arguments.
What was met on the way and which limits are left stands in docs/explanation/embedded-postgres.md.
"""

from __future__ import annotations

from backbone.adapters.postgres.binaries import Binaries, find_binaries
from backbone.adapters.postgres.failure import PostgresUnavailable
from backbone.adapters.postgres.place import kept_in
from backbone.adapters.postgres.server import RunningDatabase, start, stop
from backbone.adapters.postgres.transfer import dump, load

__all__ = [
    "Binaries",
    "PostgresUnavailable",
    "RunningDatabase",
    "dump",
    "find_binaries",
    "kept_in",
    "load",
    "start",
    "stop",
]
