"""The port to what a Jira host lets us do: one budget a host, shared by everything that calls it."""

from __future__ import annotations

from typing import Protocol

from backbone.ports.tracker import AccessError, Lane


class HostBudget(Protocol):
    """Permits for calls to one host. Live changes are served before bulk work."""

    async def permit(self, lane: Lane) -> None:
        """Wait until a call may be made. Raises AccessError at once while our account is blocked there."""

    async def pause(self, seconds: float) -> None:
        """No calls for so long: the host asked for it (429, 503); a minimum, never shortened by a later pause."""

    async def pace(self, per_second: float, burst: float) -> None:
        """The host told its sustainable rate."""

    async def block(self, error: AccessError) -> None:
        """No calls of our account until :meth:`unblock`: log-in refused or CAPTCHA. Retrying would make it worse."""

    async def unblock(self) -> None:
        """Credentials or settings changed: calls may be tried again."""
