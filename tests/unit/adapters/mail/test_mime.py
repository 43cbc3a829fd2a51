"""Parcels become mails, and are found again in what gateways make of them."""

from __future__ import annotations

import base64
import email
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from backbone.adapters.transports.mail.bounces import find_bounce
from backbone.adapters.transports.mail.mime import Kind, classify, compose, find_parcels, find_wrapped_parcels

PARCEL = (
    b"-----BEGIN PGP MESSAGE-----\n\n"
    + b"wcBMA5mGzJ0Zm9vYmFy".ljust(64, b"x")
    + b"\nAAAA\n=abcd\n-----END PGP MESSAGE-----\n"
)


def mail_with(parcel: bytes = PARCEL, *, token: str = "0123", channel: str = "c-1") -> bytes:
    return compose(
        parcel,
        sender="a@a.test",
        recipient="b@b.test",
        channel=channel,
        role="first",
        now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        token=token,
    )


def kind_of(*lines: str) -> Kind:
    return classify("\r\n".join([*lines, "", ""]).encode(), channel="c-1", address="b@b.test", role="second")


def test_a_mail_says_nothing_but_that_a_program_wrote_it_to_a_channel() -> None:
    mail = email.message_from_bytes(mail_with(), policy=SMTP)

    assert dict(mail.items()) == {
        "From": "a@a.test",
        "To": "b@b.test",
        "Subject": "Backbone",
        "Date": "Fri, 02 Jan 2026 03:04:05 +0000",
        "Message-ID": "<0123@a.test>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Backbone-Channel": "c-1",
        "X-Backbone-From": "first",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/mixed; boundary="=0123="',
    }
    text, attachment = mail.iter_parts()
    assert text.get_content().strip() == "This mail is from a program to a program, which reads its attachment."
    assert (attachment.get_content_type(), attachment.get_filename()) == ("application/octet-stream", "parcel.asc")


def test_lines_of_a_mail_are_short_enough_for_every_server() -> None:
    assert max(len(line) for line in mail_with().splitlines()) <= 78


def test_a_parcel_is_found_as_it_was_sent() -> None:
    assert find_parcels(mail_with()) == (PARCEL,)


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\r\n", b" \r\n", b"\r\n\r\n"])
def test_rewritten_line_ends_do_no_harm(line_end: bytes) -> None:
    head, _, armor = mail_with().partition(b"-----BEGIN")

    assert find_parcels(head + (b"-----BEGIN" + armor).replace(b"\r\n", line_end)) == (PARCEL,)


def test_a_parcel_is_found_in_a_text_that_a_footer_was_added_to() -> None:
    text = PARCEL + b"\n--\nThis e-mail may be confidential.\n"

    assert find_parcels(b"Content-Type: text/plain\n\n" + text) == (PARCEL,)


def test_a_parcel_is_found_in_base64_that_a_plain_footer_was_added_to() -> None:
    text = base64.encodebytes(PARCEL) + b"\n--\nThis e-mail may be confidential.\n"

    assert find_parcels(b"Content-Transfer-Encoding: base64\n\n" + text) == (PARCEL,)


def test_a_parcel_is_found_in_quoted_printable() -> None:
    text = quopri.encodestring(PARCEL)

    assert text != PARCEL
    assert find_parcels(b"Content-Transfer-Encoding: quoted-printable\n\n" + text) == (PARCEL,)


def test_a_parcel_is_found_where_the_encoding_is_named_wrongly() -> None:
    assert find_parcels(b"Content-Transfer-Encoding: base64\n\n" + PARCEL) == (PARCEL,)


def test_a_parcel_with_lines_of_another_length_gets_its_own_back() -> None:
    data = b"x" * 300
    wide = b"-----BEGIN PGP MESSAGE-----\nComment: hello\n\n" + data + b"\n=abcd\n-----END PGP MESSAGE-----"

    (found,) = find_parcels(b"\n" + wide)

    assert found.split(b"\n")[1:4] == [b"Comment: hello", b"", b"x" * 64]
    assert found.endswith(b"\n" + b"x" * 44 + b"\n=abcd\n-----END PGP MESSAGE-----\n")


def test_a_parcel_that_occurs_twice_in_a_mail_is_one() -> None:
    outer = EmailMessage(policy=SMTP)
    outer.set_content(PARCEL.decode())
    outer.add_attachment(PARCEL, maintype="application", subtype="octet-stream")

    assert find_parcels(outer.as_bytes()) == (PARCEL,)


def test_a_parcel_behind_the_last_part_is_found() -> None:
    assert find_parcels(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n" + PARCEL) == (PARCEL,)


def test_a_parcel_that_was_cut_off_is_none() -> None:
    assert find_parcels(mail_with()[:-60]) == ()


def found_in(wrapped: bytes, *, channel: str = "c-1", address: str = "b@b.test", role: str = "second") -> list[bytes]:
    return list(find_wrapped_parcels(wrapped, channel=channel, address=address, role=role))


def test_a_mail_inside_a_mail_counts_when_the_partner_sent_it() -> None:
    wrapped = wrap(mail_with())

    assert found_in(wrapped) == [PARCEL]
    assert found_in(wrapped, role="first") == []
    assert found_in(wrapped, channel="c-2") == []


def test_a_mail_inside_a_mail_may_have_been_sent_to_an_alias_of_this_mailbox() -> None:
    assert found_in(wrap(mail_with()), address="somebody@b.test") == [PARCEL]


def test_a_mail_of_an_older_version_inside_a_mail_counts_when_it_was_sent_to_this_mailbox() -> None:
    older = wrap(mail_with().replace(b"X-Backbone-From: first\r\n", b""))

    assert found_in(older, address="B <b@b.test>") == [PARCEL]
    assert found_in(older, address="a@a.test") == []


def test_a_header_tells_what_kind_a_mail_is() -> None:
    ours = ["X-Backbone-Channel: c-1", "Subject: Backbone", "From: a@a.test", "To: b@b.test"]

    assert kind_of(*ours) is Kind.OURS
    assert kind_of(*ours, "Content-Type: multipart/report; report-type=delivery-status") is Kind.REPORT
    assert kind_of("x-backbone-channel:\r\n c-1", "Subject: [EXTERN] something") is Kind.OURS
    assert kind_of("X-Backbone-Channel: c-2") is Kind.OTHERS
    assert kind_of("Subject: FW: Backbone") is Kind.WRAPPED
    assert kind_of("Subject: lunch?") is Kind.FOREIGN
    assert kind_of() is Kind.FOREIGN


def test_what_we_sent_to_somebody_else_is_not_ours_to_read() -> None:
    sent = ["X-Backbone-Channel: c-1", "From: Bob <B@b.test>"]

    assert kind_of(*sent, "To: a@a.test") is Kind.OTHERS
    assert kind_of(*sent, "To: a@a.test, b@b.test") is Kind.OURS


def test_two_halves_may_share_a_mailbox_and_its_address() -> None:
    mail = ["X-Backbone-Channel: c-1", "From: b@b.test", "To: b@b.test"]

    assert kind_of(*mail, "X-Backbone-From: first") is Kind.OURS
    assert kind_of(*mail, "X-Backbone-From: second") is Kind.OTHERS


def test_headers_in_no_known_encoding_are_read_as_far_as_possible() -> None:
    assert (
        kind_of("X-Backbone-Channel: \udcff\udcfe".encode("ascii", "surrogateescape").decode("latin-1")) is Kind.OTHERS
    )
    assert (
        classify(b"Subject: \xff\xfe Backbone\r\n\r\n", channel="c", address="b@b.test", role="second") is Kind.WRAPPED
    )
    assert classify(b"X-Backbone-Channel: \xff\r\n\r\n", channel="c", address="b@b.test", role="second") is Kind.OTHERS


def test_a_bounce_is_told_in_the_words_of_the_server_when_it_concerns_the_channel() -> None:
    status = (
        "Reporting-MTA: dns; mail.test\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822;b@b.test\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such\r\n mailbox\r\n"
    )

    assert find_bounce(report(status, mail_with()), channel="c-1") == "failed; 5.1.1; smtp; 550 no such mailbox"
    assert find_bounce(report(status, mail_with()), channel="c-2") is None


def test_a_bounce_may_repeat_the_header_alone() -> None:
    bounce = report("Action: failed\r\n", b"X-Backbone-Channel: c-1\r\n\r\n", kind="text/rfc822-headers")

    assert find_bounce(bounce, channel="c-1") == "failed"


@pytest.mark.parametrize("action", ["delayed", "Delivered", "relayed", "expanded"])
def test_a_report_of_a_mail_that_did_not_come_back_is_no_bounce(action: str) -> None:
    assert find_bounce(report(f"Action: {action}\r\nStatus: 4.4.1\r\n", mail_with()), channel="c-1") is None


def test_words_of_a_bounce_are_shortened() -> None:
    bounce = report("Action: " + "x" * 5000 + "\r\n", mail_with())

    assert find_bounce(bounce, channel="c-1") == "x" * 300


def wrap(inner: bytes) -> bytes:
    return (
        b'Subject: FW: Backbone\r\nContent-Type: multipart/mixed; boundary="=0123="\r\n\r\n--=0123=\r\n\r\nSuspicious!\r\n'
        b"--=0123=\r\nContent-Type: message/rfc822\r\n\r\n" + inner.replace(b"=0123=", b"inner") + b"\r\n--=0123=--\r\n"
    )


def report(status: str, original: bytes, kind: str = "message/rfc822") -> bytes:
    return (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=R\r\n\r\n"
        b"--R\r\n\r\nSorry.\r\n--R\r\nContent-Type: message/delivery-status\r\n\r\n"
        + status.encode()
        + b"\r\n--R\r\nContent-Type: "
        + kind.encode()
        + b"\r\n\r\n"
        + original
        + b"\r\n--R--\r\n"
    )
