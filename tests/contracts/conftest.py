"""Real parts that suites of contracts share."""

from __future__ import annotations

from tests.parts.mail_servers import mail_servers

__all__ = ["mail_servers"]
