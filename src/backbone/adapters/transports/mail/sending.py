"""Parcels go out by SMTP, one a mail, over one connection as long as the server keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import UTC, datetime
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from backbone.adapters.transports.mail.failing import (
    CHECK_LOGIN,
    get_secret,
    make_context,
    refused,
    unreachable,
)
from backbone.adapters.transports.mail.mime import compose
from backbone.ports.transport import Security, SendingMail, TooLargeToSend, TransportError

_NAME = "[127.0.0.1]"  # told in EHLO; the name of the machine is nobody's business
_ROOM_FOR_RELAYS = 1024  # bytes of header that the server's own software may add
_TRANSFER_SECONDS = 600.0
_SURELY_OPEN_SECONDS = 5.0
_FAILURES = (SMTPException, OSError, ValueError, TransportError)


class MailSender:
    """The port's Sender for one recipient."""

    def __init__(self, to: SendingMail, *, seconds: float = 60.0) -> None:
        self._to = to
        self._seconds = seconds
        self._connection: SMTP | None = None
        self._lock = asyncio.Lock()
        self._used = 0.0

    async def send(self, parcel: bytes) -> None:
        """Hand over one parcel under a Message-ID of its own: some servers drop repeats."""
        mail = await asyncio.to_thread(self._compose, parcel)
        async with self._lock:
            connection = await self._connected()
            self._check_size(connection, len(mail))
            try:
                await connection.sendmail(*self._envelope(), mail, timeout=max(self._seconds, _TRANSFER_SECONDS))
            except _FAILURES as error:
                await self._drop()
                raise self._told(error) from None
            except asyncio.CancelledError:
                await self._drop()
                raise
            self._used = asyncio.get_running_loop().time()

    async def check(self) -> None:
        """Log in, and ask whether the sender is welcome, and the recipient as far as the partner told one."""
        sender, recipient = self._envelope()
        async with self._lock:
            connection = await self._connected()
            try:
                await connection.mail(sender)
                if recipient:
                    await connection.rcpt(recipient)
                await connection.rset()
            except _FAILURES as error:
                raise self._told(error) from None
            finally:
                await self._drop()

    async def close(self) -> None:
        async with self._lock:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            transport = connection.transport
            with contextlib.suppress(*_FAILURES):
                await connection.quit(timeout=min(self._seconds, 5.0))
            await _hang_up(connection, transport)

    async def _connected(self) -> SMTP:
        """The connection, made anew when the server has closed it in the meantime."""
        if self._connection is not None:
            if asyncio.get_running_loop().time() - self._used < _SURELY_OPEN_SECONDS:
                return self._connection
            try:
                await self._connection.noop()
            except (SMTPException, OSError):
                await self._drop()
            else:
                return self._connection
        server = self._to.server
        connection = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=_NAME,
            timeout=self._seconds,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=await asyncio.to_thread(make_context, server),
        )
        try:
            await connection.connect()
            await self._log_in(connection)
        except _FAILURES as error:
            await _hang_up(connection, connection.transport)
            raise self._told(error) from None
        except asyncio.CancelledError:
            await _hang_up(connection, connection.transport)
            raise
        self._connection, self._used = connection, asyncio.get_running_loop().time()
        return connection

    async def _log_in(self, connection: SMTP) -> None:
        login = self._to.server.login
        secret = get_secret(login)
        if not login.oauth:
            await connection.login(login.user, secret)
            return
        await connection.ehlo()
        await connection.auth_xoauth2(login.user, secret)

    def _compose(self, parcel: bytes) -> bytes:
        try:
            return compose(
                parcel,
                sender=self._to.address,
                recipient=self._to.to,
                channel=self._to.channel,
                role=self._to.role,
                now=datetime.now(UTC),
                token=secrets.token_hex(16),
            )
        except (ValueError, UnicodeError, IndexError) as error:
            raise TransportError(f"No mail can be made for these addresses: {error}") from None

    def _envelope(self) -> tuple[str, str]:
        return parseaddr(self._to.address)[1], parseaddr(self._to.to)[1]

    def _check_size(self, connection: SMTP, size: int) -> None:
        """Refuse what the server said it will not take (RFC 1870) before anything is transferred."""
        limit = connection.esmtp_extensions.get("size", "").split(" ")[0]
        if limit.isdecimal() and 0 < int(limit) < size + _ROOM_FOR_RELAYS:
            raise TooLargeToSend(
                f"{self._to.server.host} takes mails of up to {limit} bytes, and this one has {size}.",
            )

    def _told(self, error: Exception) -> TransportError:
        server = self._to.server
        match error:
            case TransportError():
                return error
            case SMTPRecipientsRefused(recipients=[first, *_]):
                return self._told(first)
            case aiosmtplib.SMTPAuthenticationError(code=code, message=message):
                return refused(server, "refused the login", f"{code} {message}", cure=CHECK_LOGIN)
            case SMTPResponseException(code=code, message=message) if _is_size(code, message):
                words = refused(server, "finds the mail too large", f"{code} {message}").words
                return TooLargeToSend(words)
            case SMTPResponseException(code=code, message=message):
                return refused(server, "refused the mail", f"{code} {message}")
            case aiosmtplib.SMTPNotSupported(message=message) | aiosmtplib.SMTPException(message=message) if not (
                isinstance(error, OSError)
            ):
                return refused(server, "cannot do what is needed", message)
            case _:
                cause = error.__cause__ or error.__context__
                return unreachable(server, cause if isinstance(cause, OSError) else error)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _hang_up(connection, connection.transport)


async def _hang_up(connection: SMTP, transport: asyncio.BaseTransport | None) -> None:
    """Close the socket now: the farewell of TLS would otherwise wait for the server's, and outlive the loop."""
    connection.close()
    if isinstance(transport, asyncio.Transport):
        transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the two steps of asyncio until a socket below TLS is closed


def _is_size(code: int, message: str) -> bool:
    """Whether a refusal is for the size for good: 552 may also tell of a full mailbox (5.2.2, RFC 3463)."""
    status = message.lstrip()[:6]
    if status.startswith(("5.3.4", "5.2.3")):
        return code >= 500
    return code == 552 and not status.startswith("5.2.2")
