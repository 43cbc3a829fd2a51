"""Our direction: numbers, the window, repeats, acknowledgements, signs of life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.keys import FileId, Millis
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.channel import Incoming, Outage, Outgoing, Pulse
from backbone.core.protocol.collecting import took
from backbone.core.protocol.delivering import (
    DAY,
    FIRST_TIMEOUT,
    GAP_PAUSE,
    LONGEST_PAUSE,
    PROBE,
    UNANSWERED,
    WINDOW,
    WINDOW_OCTETS,
    Diverged,
    acknowledged,
    again,
    beaten,
    begun,
    due,
    failed,
    handed_over,
    has_room,
    may_begin,
    pulse_due,
    sealed,
    unanswered,
)
from backbone.core.protocol.parcels import Acknowledgement, Digest, Epoch, Piece
from tests.fakes.parcels import EPOCH, header

NOW = Millis(1_000_000_000)


def outgoing(count: int, octets: int = 10) -> Outgoing:
    """So many parcels were sealed."""
    found = Outgoing(epoch=EPOCH)
    for number in range(1, count + 1):
        found = sealed(found, header(number), digest_of(str(number).encode()), octets)
    return found


def sent(count: int) -> Outgoing:
    return handed_over(outgoing(count), range(1, count + 1), NOW)


def test_both_sides_find_the_same_head() -> None:
    here, there = outgoing(3), Incoming(epoch=EPOCH)
    piece = Piece(file=FileId("1"), digest=Digest("a" * 64), offset=0, total=1, data=b"x")
    for number in (2, 3, 1):
        there = took(there, header(number), digest_of(str(number).encode()), piece, NOW)

    assert (there.contiguous, there.head) == (here.last, here.head)


def told(
    state: Outgoing, contiguous: int, *gaps: tuple[int, int], highest: int | None = None, at: Millis = NOW
) -> Acknowledgement:
    heads = {one.number: one.head for one in state.under_way} | {state.acknowledged: state.acknowledged_head}
    return Acknowledgement(
        epoch=EPOCH, at=at, contiguous=contiguous, head=heads[contiguous], highest=highest or contiguous, gaps=gaps
    )


def heard(state: Outgoing, ack: Acknowledgement, asked: int = 0) -> Outgoing:
    found = acknowledged(state, ack, Millis(asked), NOW)
    assert isinstance(found, Outgoing)
    return found


def test_new_parcels_are_due_at_once_and_not_again_before_their_time() -> None:
    state = outgoing(3)
    assert list(due(state, NOW)) == [1, 2, 3]
    assert list(due(handed_over(state, [1, 2, 3], NOW), NOW)) == []


def test_only_the_oldest_is_repeated_ever_more_seldom_and_three_times_in_vain_is_told() -> None:
    state, at = sent(3), NOW
    waits = []
    for _ in range(UNANSWERED - 1):
        assert not unanswered(state)
        while not due(state, at):
            at = Millis(at + 60_000)
        assert list(due(state, at)) == [1]
        waits.append(at)
        state = handed_over(state, [1], at)
    assert [second - first for first, second in zip([NOW, *waits], waits, strict=False)] == [
        FIRST_TIMEOUT,
        2 * FIRST_TIMEOUT,
        4 * FIRST_TIMEOUT,
    ]
    assert unanswered(state)


def test_a_gap_is_sent_again_after_a_moment_and_what_is_there_is_not() -> None:
    state = heard(sent(5), told(sent(5), 1, (2, 3), highest=4))
    assert state.acknowledged == 1
    assert list(due(state, NOW)) == []
    assert list(due(state, Millis(NOW + GAP_PAUSE))) == [2, 3]


def test_a_lost_tail_is_sent_again_once_the_partner_was_asked() -> None:
    state = sent(3)
    late = Millis(NOW + GAP_PAUSE)
    assert list(due(heard(state, told(state, 1)), late)) == []
    assert list(due(heard(state, told(state, 1), asked=NOW + 1), late)) == [2, 3]


def test_a_late_acknowledgement_takes_nothing_back() -> None:
    before = sent(4)
    state = heard(before, told(before, 4))
    late = told(before, 2, (3, 3), highest=4, at=Millis(NOW - 1))
    assert heard(state, late) == state


def test_a_partner_that_has_less_than_it_had_lost_its_memory() -> None:
    before = sent(4)
    state = heard(before, told(before, 4))
    less = told(before, 2, (3, 3), highest=4, at=Millis(NOW + 1))
    assert isinstance(acknowledged(state, less, Millis(0), NOW), Diverged)


@pytest.mark.parametrize(
    "ack",
    [
        Acknowledgement(epoch=EPOCH, at=NOW, contiguous=4, head=Digest("a" * 64), highest=4),
        Acknowledgement(epoch=EPOCH, at=NOW, contiguous=2, head=Digest("a" * 64), highest=2),
        Acknowledgement(epoch=EPOCH, at=NOW, contiguous=0, head=Digest("a" * 64), highest=0),
        Acknowledgement(epoch=EPOCH, at=NOW, contiguous=0, head=Digest(""), highest=9, gaps=((1, 8),)),
    ],
    ids=["above the last", "another content", "another beginning", "heard of more"],
)
def test_memories_that_do_not_fit_show(ack: Acknowledgement) -> None:
    assert isinstance(acknowledged(sent(3), ack, Millis(0), NOW), Diverged)


def test_an_acknowledgement_of_a_former_epoch_says_nothing() -> None:
    state = sent(3)
    former = Acknowledgement(epoch=Epoch("former"), at=NOW, contiguous=9, head=Digest("a" * 64), highest=9)
    assert acknowledged(state, former, Millis(0), NOW) == state


def test_the_window_is_bounded_by_parcels_and_by_bytes() -> None:
    assert has_room(outgoing(WINDOW - 1))
    assert not has_room(outgoing(WINDOW))
    assert not has_room(outgoing(2, octets=WINDOW_OCTETS // 2))


def test_a_burst_waits_for_an_answer_to_the_one_before() -> None:
    state = begun(sent(3))
    assert not may_begin(state, Pulse())
    assert may_begin(heard(state, told(state, 1)), Pulse())
    assert may_begin(heard(state, told(state, 3)), Pulse())
    assert not may_begin(heard(state, told(state, 3)), Pulse(silent=1))


def test_another_way_out_takes_all_that_is_under_way_once_more() -> None:
    state = heard(sent(4), told(sent(4), 1, (2, 2), highest=3))
    assert list(due(again(state), NOW)) == [2, 4]


def test_signs_of_life_back_off_to_a_day() -> None:
    state, pulse, at, beats = Outgoing(epoch=EPOCH), Pulse(), 0, []
    while at < 10 * DAY:
        if pulse_due(state, pulse, Millis(0), held_back=False, now=Millis(at)):
            beats.append(at)
            pulse = beaten(replace(pulse, silent=0), Millis(at))
        at += 60_000
    assert beats[-1] - beats[-2] == DAY
    assert len(beats) < 20


def test_who_waits_for_an_answer_asks_after_minutes() -> None:
    state = sent(1)
    assert not pulse_due(state, Pulse(), NOW, held_back=False, now=Millis(NOW + PROBE - 1))
    assert pulse_due(state, Pulse(), NOW, held_back=False, now=Millis(NOW + PROBE))


def test_a_transport_that_fails_is_tried_ever_more_seldom() -> None:
    outage, pauses = Outage(), []
    for _ in range(10):
        outage = failed(outage, NOW)
        pauses.append(outage.again - NOW)
    assert pauses == sorted(pauses)
    assert pauses[0] == 5_000
    assert pauses[-1] == LONGEST_PAUSE
