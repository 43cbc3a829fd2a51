"""The handshake file, the code that two persons compare, and how long an answer is repeated."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Outage, Stage
from backbone.core.protocol.handshake import (
    TOLERATED_AHEAD,
    HandshakeRefused,
    accepted_anew,
    answer_of,
    asked_for_ping,
    awaits_answer,
    bytes_of,
    code_of,
    confirm,
    file_from,
    file_of,
    greeted,
    greetings,
    is_open,
    may_pass,
    next_greeting,
    offered_anew,
    proof_of,
    require_fresh,
    ungreeted,
)
from backbone.core.protocol.parcels import Goodbye, Handshake, Heartbeat, Ping, Suspended
from tests.fakes.meeting import DAY, MASTER, NOW, SLAVE, STRANGER, Both, answering, offer

MINUTE = 60_000


def test_a_file_is_read_as_it_was_written() -> None:
    file = file_of(offer(), NOW)
    assert file_from(bytes_of(file)) == file


def test_a_file_tells_what_the_partner_needs_and_nothing_else() -> None:
    told = json.loads(bytes_of(file_of(offer(), NOW)))
    assert set(told) == {
        "backbone-handshake",
        "channel",
        "token",
        "name",
        "description",
        "encrypted",
        "key",
        "fingerprint",
        "protocol",
        "address",
        "created",
        "expires",
    }


def test_the_token_shows_in_no_text_form_of_a_file() -> None:
    assert offer().token not in repr(file_of(offer(), NOW))


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"backbone-handshake":1}', b"[" * 100_000])
def test_something_else_is_no_handshake_file(content: bytes) -> None:
    with pytest.raises(HandshakeRefused):
        file_from(content)


def test_a_file_of_a_newer_version_says_so() -> None:
    plain = json.loads(bytes_of(file_of(offer(), NOW))) | {"backbone-handshake": 2}
    with pytest.raises(HandshakeRefused, match="version"):
        file_from(json.dumps(plain).encode())


@pytest.mark.parametrize(
    ("member", "value"),
    [("channel", "../x"), ("name", "\x1b[2J"), ("encrypted", "no"), ("expires", "soon"), ("fingerprint", "AB")],
)
def test_a_damaged_file_is_refused_with_the_place(member: str, value: object) -> None:
    plain = json.loads(bytes_of(file_of(offer(), NOW))) | {member: value}
    with pytest.raises(HandshakeRefused, match=member):
        file_from(json.dumps(plain).encode())


def test_an_expired_file_is_not_accepted() -> None:
    with pytest.raises(HandshakeRefused, match="expired"):
        answering(offer(expires=Millis(NOW - 1)))


def test_a_file_from_the_future_is_not_accepted() -> None:
    file = file_of(offer(), Millis(NOW + TOLERATED_AHEAD + 1))
    with pytest.raises(HandshakeRefused, match="future"):
        require_fresh(file, NOW)


def test_both_sides_show_the_same_code() -> None:
    both = Both().meet()
    code = code_of(both.master)
    assert code == code_of(both.slave)
    assert code is not None
    assert [len(group) for group in code.split()] == [4] * 8


def test_the_code_differs_with_either_key_and_with_the_token() -> None:
    both = Both().meet()
    codes = {
        code_of(both.master),
        code_of(replace(both.master, our_keys=(STRANGER,))),
        code_of(replace(both.master, partner_keys=(STRANGER,))),
        code_of(replace(both.master, token="other")),
        code_of(replace(both.master, our_keys=(SLAVE,), partner_keys=(MASTER,))),
    }
    assert len(codes) == 5


def test_before_the_answer_there_is_no_code() -> None:
    assert code_of(offer()) is None
    with pytest.raises(HandshakeRefused, match="not answered"):
        confirm(offer(), "0000")


def test_another_code_confirms_nothing() -> None:
    both = Both().meet()
    with pytest.raises(HandshakeRefused, match="not the code"):
        confirm(both.master, "1234 " * 8)


def test_half_a_code_is_not_taken_for_another_one() -> None:
    both = Both().meet()
    with pytest.raises(HandshakeRefused, match="has 32 digits, and 12 were typed"):
        confirm(both.master, (code_of(both.slave) or "")[:14])


def test_a_code_may_be_typed_with_or_without_gaps() -> None:
    both = Both().meet()
    code = code_of(both.slave) or ""
    assert confirm(both.slave, code.replace(" ", "")).confirmed
    assert confirm(both.slave, code.replace(" ", "-")).confirmed
    assert confirm(both.slave, f" {code}\n").confirmed


def test_nothing_but_the_handshake_passes_before_a_person_of_this_side_confirmed() -> None:
    both = Both().meet()
    for side in (both.master, both.slave):
        assert not is_open(side)
        assert not may_pass(side, Goodbye())
        assert not may_pass(side, Heartbeat(last=1))
        assert may_pass(side, Ping(clock=NOW, answers=True))
        assert may_pass(side, answer_of(both.slave, NOW))
        assert may_pass(side, Suspended())


def test_everything_passes_after_both_know_each_other_and_the_code_is_confirmed() -> None:
    both = Both().meet().confirm()
    assert is_open(both.master)
    assert may_pass(both.slave, Goodbye())


def test_a_confirmed_code_alone_opens_nothing() -> None:
    both = Both()
    slave = confirm(both.slave, code_of(both.slave) or "")
    assert slave.stage is Stage.ANSWERED
    assert not may_pass(slave, Goodbye())


def test_a_proof_is_of_no_use_for_another_key_channel_or_token() -> None:
    master = offer()
    known = (master.token, master.id, SLAVE.fingerprint, MASTER.fingerprint)
    others = [
        ("other", *known[1:]),
        (known[0], type(master.id)("other"), *known[2:]),
        (*known[:2], STRANGER.fingerprint, known[3]),
        (*known[:3], STRANGER.fingerprint),
    ]
    assert len({proof_of(*known), *(proof_of(*one) for one in others)}) == 5


def test_an_answer_is_said_again_ever_more_seldom_until_something_comes() -> None:
    slave, now, waits = answering(offer()), NOW, []
    for _ in range(12):
        assert [type(one) for one in greetings(slave, now)] == [Handshake]
        slave = greeted(slave, now)
        assert greetings(slave, now) == ()
        waits.append(next_greeting(slave) - now)
        now = next_greeting(slave)
    assert waits[:3] == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert waits[-1] == 6 * 60 * MINUTE


def test_nothing_is_said_while_the_way_out_does_not_work() -> None:
    slave, later = answering(offer()), Millis(NOW + 5 * MINUTE)
    held = replace(slave, sending=Outage(failures=3, again=later))
    assert greetings(held, NOW) == ()
    assert [type(one) for one in greetings(held, later)] == [Handshake]


def test_what_could_not_be_said_was_no_try() -> None:
    slave = answering(offer())
    [answer] = greetings(slave, NOW)
    failed = ungreeted(greeted(slave, NOW), answer)
    assert [type(one) for one in greetings(failed, NOW)] == [Handshake]
    assert next_greeting(greeted(failed, NOW)) == NOW + MINUTE


def test_a_ping_that_could_not_leave_is_still_wanted() -> None:
    master = asked_for_ping(Both().meet().confirm().master)
    [ping] = greetings(master, NOW)
    failed = ungreeted(greeted(master, NOW), ping)
    assert [type(one) for one in greetings(failed, NOW)] == [Ping]
    assert ungreeted(failed, Ping(clock=NOW, answers=True)) == failed


def test_who_waits_to_be_answered_says_nothing_and_who_knows_the_other_neither() -> None:
    both = Both()
    assert greetings(both.master, NOW) == ()
    both.meet()
    assert greetings(both.master, Millis(NOW + DAY)) == greetings(both.slave, Millis(NOW + DAY)) == ()


def test_answers_are_awaited_by_the_master_only_until_the_partner_is_known_and_the_file_expired() -> None:
    both = Both()
    assert awaits_answer(both.master, NOW)
    late = Millis(both.master.expires + 1)
    assert awaits_answer(both.master, late)
    assert not awaits_answer(both.meet().master, late)
    assert not awaits_answer(both.slave, NOW)


def test_a_new_handshake_keeps_what_is_agreed_and_trusts_nobody() -> None:
    both = Both().meet().confirm()
    master = offered_anew(both.master, "n" * 32, STRANGER, Millis(NOW + DAY))
    slave = accepted_anew(both.slave, file_of(master, NOW), SLAVE, NOW)
    for side in (master, slave):
        assert not side.confirmed
        assert not is_open(side)
    assert slave.partner_key == replace(STRANGER, armored="key C")
    assert (master.id, slave.outgoing) == (slave.id, both.slave.outgoing)


def test_a_file_that_was_used_is_not_used_again() -> None:
    both = Both().meet().confirm()
    with pytest.raises(HandshakeRefused, match="used"):
        accepted_anew(both.slave, file_of(both.master, NOW), SLAVE, NOW)


def test_a_file_of_two_handshakes_ago_is_not_used_again_either() -> None:
    both = Both().meet().confirm()
    first, master = file_of(both.master, NOW), both.master
    slave = both.slave
    for token in ("n" * 32, "o" * 32):
        master = offered_anew(master, token, STRANGER, Millis(NOW + DAY))
        slave = accepted_anew(slave, file_of(master, NOW), SLAVE, NOW)
        with pytest.raises(HandshakeRefused, match="used"):
            accepted_anew(slave, first, SLAVE, NOW)
    assert first.token not in repr(slave)


def test_a_new_handshake_does_not_end_the_encryption() -> None:
    both = Both().meet().confirm()
    plain = replace(offered_anew(both.master, "n" * 32, STRANGER, Millis(NOW + DAY)), encrypted=False)
    with pytest.raises(HandshakeRefused, match="encryption"):
        accepted_anew(both.slave, file_of(plain, NOW), SLAVE, NOW)


def test_a_new_handshake_of_another_channel_is_refused() -> None:
    both = Both().meet().confirm()
    other = replace(offered_anew(both.master, "n" * 32, STRANGER, Millis(NOW + DAY)), id=type(both.master.id)("d0"))
    with pytest.raises(HandshakeRefused, match="another"):
        accepted_anew(both.slave, file_of(other, NOW), SLAVE, NOW)
