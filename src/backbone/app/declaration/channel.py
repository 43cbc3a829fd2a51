"""How the other half is reached where it is a partner's behind firewalls: a part of the configuration file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backbone.app.declaration.connection import Secret
from backbone.app.declaration.parts import Part, Word, wrong
from backbone.ports.cipher import KeyKind
from backbone.ports.transport import MailProtocol, Security

Port = Annotated[int, Field(ge=1, le=65_535)]
FilePath = Annotated[Word, Field(max_length=4_096)]

_SMTP = {Security.TLS: 465, Security.STARTTLS: 587}
_FETCH = {
    (MailProtocol.IMAP, Security.TLS): 993,
    (MailProtocol.IMAP, Security.STARTTLS): 143,
    (MailProtocol.POP3, Security.TLS): 995,
    (MailProtocol.POP3, Security.STARTTLS): 110,
}
CHANNEL_SECRETS = ("password", "oauth_token")
"""The keys of ``send`` and ``receive`` that say where a secret is found."""


class _PlacePart(Part):
    """What both directions have in common: a directory, or an account at a mail server."""

    directory: FilePath | None = None
    """Files: an absolute path, which may be a symbolic link to a directory on another file system."""
    address: Word | None = None
    """E-mail: our address."""
    server: Word | None = None
    """E-mail: name of the server."""
    port: Port | None = None
    """E-mail: port of the server, where it is not the usual one."""
    security: Security = Security.TLS
    """E-mail: `tls` from the start, or `starttls`."""
    user: Word | None = None
    """E-mail: user name, which may differ from the address."""
    password: Secret | None = None
    """E-mail: where the password is found."""
    oauth_token: Secret | None = None
    """E-mail: where an access token (OAuth 2.0) is found, instead of a password."""
    ca_file: FilePath | None = None
    """E-mail: file with the certificates (PEM) that the server's certificate is checked against."""

    @property
    def by_mail(self) -> bool:
        return self.directory is None

    def _require_one_way(self, needed: tuple[str, ...]) -> None:
        given = sorted(self.model_fields_set - {"directory"})
        if self.directory is not None and given:
            cure = "Write directory: for files, or the other keys for e-mail"
            raise wrong("is a directory and an e-mail account", cure, (given[0],))
        if self.directory is not None:
            if not self.directory.startswith("/"):
                raise wrong("the path is not absolute", "Begin it with /", ("directory",))
            return
        for key in needed:
            if getattr(self, key) is None:
                raise wrong(f"{key!r} is missing", f"Write directory: for files, or {', '.join(needed)} for e-mail")

    def _require_log_in(self) -> None:
        if self.password is not None and self.oauth_token is not None:
            raise wrong("logs in twice: by password, and by oauth_token", "Write one of them")
        if self.user is None or (self.password is None and self.oauth_token is None):
            raise wrong("does not say how to log in", "Write user, and password or oauth_token")


class SendPart(_PlacePart):
    """Where parcels for the partner go: a directory, or an e-mail account that sends them."""

    to: Word | None = None
    """E-mail: the partner's address, where it is not the one that the partner told."""
    same_as_receive: bool = False
    """E-mail: log in with the user and password of `receive` (*Copy Credentials*)."""

    @model_validator(mode="after")
    def usable(self) -> Self:
        self._require_one_way(("server",))
        if not self.by_mail:
            return self
        if not self.same_as_receive:
            self._require_log_in()
        elif self.user is not None or self.password is not None or self.oauth_token is not None:
            raise wrong("there is a log-in beside same_as_receive", "Leave one of them out", ("same_as_receive",))
        return self

    @property
    def usual_port(self) -> int:
        return self.port or _SMTP[self.security]


class ReceivePart(_PlacePart):
    """Where the partner's parcels come: a directory, or a mailbox."""

    protocol: MailProtocol | None = None
    """E-mail: `imap` or `pop3`."""
    folder: Word = "INBOX"
    """E-mail: folder of the mailbox (IMAP)."""

    @model_validator(mode="after")
    def usable(self) -> Self:
        self._require_one_way(("protocol", "address", "server"))
        if self.by_mail:
            self._require_log_in()
        return self

    @property
    def usual_port(self) -> int:
        return self.port or _FETCH[self.protocol or MailProtocol.IMAP, self.security]


class ChannelPart(Part):
    """The way to a partner's half behind firewalls."""

    encryption: bool = True
    """Whether what travels is encrypted; it is signed anyway. The master decides; a slave writes `false` to agree."""
    send: SendPart
    """Where we hand over what the partner is to get."""
    receive: ReceivePart
    """Where we find what the partner sends."""
    handshake: FilePath | None = None
    """Slave only: the file that the master handed over; relative paths begin at the configuration file."""
    passphrase: Secret | None = None
    """Slave only: where the passphrase of that file is found, if it has one."""
    key_kind: KeyKind = KeyKind.CURVE_25519
    """What kind of key is made for us."""
    key_file: FilePath | None = None
    """File with a secret key of ours, in ASCII armor and without a passphrase, instead of one that is made."""

    @model_validator(mode="after")
    def fitting(self) -> Self:
        if self.send.directory is not None and self.send.directory == self.receive.directory:
            raise wrong("is the directory to send from, too", "Name two directories", ("receive", "directory"))
        if self.send.same_as_receive and not self.receive.by_mail:
            raise wrong("receive is a directory, which has no log-in", "Write user and password", ("send",))
        if self.send.by_mail and self.send.address is None and self.receive.address is None:
            raise wrong("'address' is missing", "Write the address that mails are sent from", ("send",))
        return self


ChannelProtocol = Literal["files", "mail"]


def protocol_of(part: SendPart | ReceivePart) -> ChannelProtocol:
    """The protocol as it is called on the wire."""
    return "mail" if part.by_mail else "files"


def address_of(part: ReceivePart) -> str:
    """Where we receive, as the partner is told. Paths of ours are nobody's business."""
    return part.address or "" if part.by_mail else ""
