"""Ways of parcels on which everything is seen that passes: directories, and mails as the server stores them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from ssl import create_default_context

from aiosmtplib import SMTP

from backbone.adapters.transports.mail.mime import compose
from tests.parts.mail_servers import MailServers, User

BY_MAIL = """\
      send: {{server: {host}, port: {smtp}, to: {to}, ca_file: {ca}, same_as_receive: true}}
      receive:
        protocol: imap
        address: {address}
        server: {host}
        port: {imap}
        user: {address}
        password: {{file: mail-secret}}
        ca_file: {ca}
"""


@dataclass(slots=True)
class ByFiles:
    """Parcels in two directories, and all that was seen there: names and bytes."""

    folder: Path
    seen: dict[str, bytes] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    def channel(self, place: Path, *, master: bool) -> str:
        """The lines of the configuration of one side."""
        del place
        there, back = (self.folder / name for name in ("there", "back"))
        ours, theirs = (there, back) if master else (back, there)
        return f"      send: {{directory: {ours}}}\n      receive: {{directory: {theirs}}}\n"

    async def look(self) -> None:
        """See what is there before the partner takes it away."""
        self.seen |= {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.glob("*/*")}

    def left(self) -> list[bytes]:
        return [part for name, content in self.seen.items() for part in (name.encode(), content)]

    async def bounce(self, channel: str) -> None:
        """Directories return nothing."""


@dataclass(slots=True)
class ByMail:
    """Parcels in mails, and all mails as the server stored them, with its log."""

    servers: MailServers
    us: User
    them: User
    seen: dict[str, bytes] = field(default_factory=dict)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.us.password, self.them.password)

    def channel(self, place: Path, *, master: bool) -> str:
        ours, theirs = (self.us, self.them) if master else (self.them, self.us)
        (place / "mail-secret").write_text(ours.password)
        return BY_MAIL.format(
            host=self.servers.host,
            smtp=self.servers.ports["smtps"],
            imap=self.servers.ports["imaps"],
            ca=self.servers.ca_file,
            to=theirs.address,
            address=ours.address,
        )

    async def look(self) -> None:
        """See each mail as it is stored, as soon as the server is through with all it took."""
        while self._log().count(b" <= ") > self._log().count(b" Completed"):  # noqa: ASYNC110  a log tells of nothing
            await asyncio.sleep(0.01)
        for user in (self.us, self.them):
            for path in [*user.maildir.glob("new/*"), *user.maildir.glob("cur/*")]:
                self.seen[path.name.partition(":")[0]] = path.read_bytes()

    def left(self) -> list[bytes]:
        return [*self.seen.values(), self._log(), (self.servers.folder / "dovecot.log").read_bytes()]

    async def bounce(self, channel: str) -> None:
        """A mail of ours comes back."""
        mail = compose(
            b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n",
            sender=self.us.address,
            recipient="nobody@b.test",
            channel=channel,
            role="first",
            now=datetime.now(UTC),
            token="returned",
        )
        server = self.servers.smtp(self.us)
        async with SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=True,
            tls_context=create_default_context(cafile=str(self.servers.ca_file)),
            username=self.us.address,
            password=self.us.password,
        ) as smtp:
            await smtp.sendmail(self.us.address, "nobody@b.test", mail)

    def _log(self) -> bytes:
        return (self.servers.folder / "exim" / "mainlog").read_bytes()


Way = ByFiles | ByMail
