"""What a ping tells of the partner's clock: only what is certain, whatever was on its way for how long."""

from __future__ import annotations

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.conversing import ClocksCompared, Heard, heard
from backbone.core.protocol.handshake import answer_of, asked_for_ping, greeted
from backbone.core.protocol.parcels import Ping
from tests.fakes.meeting import NOW, SLAVE, Both, from_, judged

MINUTE = 60_000


def at(minutes: int) -> Millis:
    return Millis(NOW + minutes * MINUTE)


def aheads(told: Heard) -> list[int]:
    return [one.ahead for one in told.events if isinstance(one, ClocksCompared)]


def asking(both: Both, minutes: int) -> None:
    """The master's person wants a sign of life, and the question leaves."""
    both.put(Role.FIRST, greeted(asked_for_ping(both.master), at(minutes)))


def test_a_question_that_was_long_on_its_way_puts_no_clock_behind() -> None:
    both = Both().meet()
    asking(both, 15)
    question = from_(both.slave, Ping(clock=at(0), answers=False), to=both.master)
    assert aheads(heard(both.master, question, at(20))) == [0]


def test_an_answer_to_the_first_of_two_questions_puts_no_clock_behind() -> None:
    both = Both().meet()
    asking(both, 1)
    asking(both, 15)
    answer = from_(both.slave, Ping(clock=at(2), answers=True), to=both.master)
    assert aheads(heard(both.master, answer, at(20))) == [0]


def test_an_answer_from_before_the_question_shows_a_clock_that_is_behind() -> None:
    both = Both().meet()
    asking(both, 15)
    answer = from_(both.slave, Ping(clock=at(0), answers=True), to=both.master)
    assert aheads(heard(both.master, answer, at(20))) == [-15 * MINUTE]


def test_a_repeated_answer_to_the_file_that_came_after_our_ping_puts_no_clock_behind() -> None:
    both = Both()
    first = from_(both.slave, answer_of(both.slave, at(0)), to=both.master)
    again = from_(both.slave, answer_of(both.slave, at(1)), to=both.master)
    asked = heard(both.master, first, at(20), judged(SLAVE)).channel
    assert aheads(heard(asked, again, at(21), judged(SLAVE))) == [0]


def test_an_answer_to_the_first_ping_of_two_puts_no_clock_behind() -> None:
    both = Both()
    first = heard(both.master, from_(both.slave, answer_of(both.slave, at(0)), to=both.master), at(1), judged(SLAVE))
    again = heard(
        first.channel, from_(both.slave, answer_of(both.slave, at(15)), to=both.master), at(16), judged(SLAVE)
    )
    answer = from_(both.slave, Ping(clock=at(2), answers=True), to=again.channel)
    assert aheads(heard(again.channel, answer, at(20))) == [0]
