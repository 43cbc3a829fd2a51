"""Transports as their settings want them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from backbone.adapters.transports.files.places import adopt, prepare, release
from backbone.adapters.transports.files.receiving import DirectoryReceiver
from backbone.adapters.transports.files.sending import DirectorySender
from backbone.adapters.transports.mail.imap import ImapReceiver
from backbone.adapters.transports.mail.pop3 import Pop3Receiver
from backbone.adapters.transports.mail.sending import MailSender
from backbone.ports.transport import (
    MailProtocol,
    Receiver,
    Receiving,
    ReceivingDirectory,
    ReceivingMail,
    Sender,
    Sending,
    SendingDirectory,
    SendingMail,
)


class MadeTransports:
    """``Transports`` by files and by mail, each direction by its own settings. ``sleep`` and ``now`` are for tests."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._sleep = sleep
        self._now = now

    def sender(self, to: Sending) -> Sender:
        match to:
            case SendingDirectory():
                return DirectorySender(to, now=self._now)
            case SendingMail():
                return MailSender(to)

    def receiver(self, of: Receiving) -> Receiver:
        match of:
            case ReceivingDirectory():
                return DirectoryReceiver(of, sleep=self._sleep, now=self._now)
            case ReceivingMail():
                return self._mailbox(of)

    async def prepare(self, place: SendingDirectory | ReceivingDirectory) -> None:
        await prepare(place)

    async def release(self, place: SendingDirectory | ReceivingDirectory) -> None:
        await release(place)

    async def adopt(self, place: SendingDirectory | ReceivingDirectory) -> None:
        await adopt(place)

    def _mailbox(self, of: ReceivingMail) -> Receiver:
        match of.protocol:
            case MailProtocol.IMAP:
                return ImapReceiver(of)
            case MailProtocol.POP3:
                return Pop3Receiver(of, sleep=self._sleep)
