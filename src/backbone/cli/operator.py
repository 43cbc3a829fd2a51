"""Who gives a command, as the audit log and the list of revisions keep it: whoever may run commands may do everything."""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress

from backbone.app.access.caller import Caller
from backbone.app.usecases.mistakes import Mistake

_LONGEST = 8192


def operator() -> Caller:
    """The user of the system who runs the command; a container's may have no name."""
    user, shown = "unknown", "command line"
    with suppress(OSError, KeyError):
        user = getpass.getuser()
        shown = f"{user} (command line)"
    return Caller(name=f"command-line:{user}", shown=shown, everything=True, address="command line")


def asked_password(name: str) -> str:
    """A new password: asked for twice at a terminal, else the first line of standard input. Raises Mistake."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline(_LONGEST).rstrip("\r\n")
        if not line:
            raise Mistake("password", "standard input holds none", "Write it into the first line, or use a terminal")
        return line
    password = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("Once more: ") != password:
        raise Mistake("password", "the two are not equal", "Try again")
    return password
