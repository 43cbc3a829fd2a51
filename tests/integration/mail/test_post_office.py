"""The same mail servers in a network of their own, between two companies that cannot reach each other."""

from __future__ import annotations

from backbone.adapters.transports.made import MadeTransports
from backbone.ports.transport import MailProtocol
from tests.parts.islands import islands
from tests.parts.mail_servers import Delivered, run_mail_servers

PARCEL = b"-----BEGIN PGP MESSAGE-----\n\nb25l\n-----END PGP MESSAGE-----\n"


def test_two_companies_exchange_parcels_over_a_post_office() -> None:
    with (
        islands() as three,
        run_mail_servers(listen=three.post.address, host=three.post.address, prefix=three.post.prefix) as servers,
        three.first.loop() as first,
        three.second.loop() as second,
    ):
        sender = MadeTransports().sender(servers.sending(servers.a, servers.b, "c-1"))
        first.run(Delivered(sender, servers.b).send(PARCEL))
        first.run(sender.close())
        receiver = MadeTransports().receiver(servers.receiving(servers.b, MailProtocol.IMAP, "c-1"))
        batch = second.run(receiver.receive("", parcels=9, octets=9999))
        second.run(receiver.close())

    assert [arrival.parcel for arrival in batch.arrivals] == [PARCEL]
