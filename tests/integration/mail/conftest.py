"""Real mail servers for the tests of this folder."""

from __future__ import annotations

from tests.parts.mail_servers import mail_servers

__all__ = ["mail_servers"]
