"""Who gives commands: the account of the machine."""

from __future__ import annotations

from getpass import getuser


def commander() -> str:
    """What is remembered of who published or changed something by a command."""
    try:
        return f"{getuser()} (command line)"
    except (OSError, KeyError):  # a container's user may have no name
        return "command line"
