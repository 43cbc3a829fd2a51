"""Real mail servers for the tests of this folder."""

from __future__ import annotations

from tests.integration.mail.scripted import ca_file
from tests.parts.mail_servers import mail_servers

__all__ = ["ca_file", "mail_servers"]
