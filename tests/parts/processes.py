"""Whether a process runs no more."""

from __future__ import annotations

import psutil


def has_ended(pid: int) -> bool:
    """Also while nobody has taken note of its end yet: a daemon's parent is the machine's first process."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
