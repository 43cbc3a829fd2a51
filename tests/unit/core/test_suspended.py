"""A suspension is told again, since the first word of it may get lost."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel, Stage
from backbone.core.protocol.conversing import heard
from backbone.core.protocol.handshake import answer_of, greeted, greetings, next_greeting
from backbone.core.protocol.parcels import Suspended
from tests.fakes.meeting import NOW, STRANGER, Both, answering, from_, judged, offer


def suspended() -> Channel:
    both = Both().meet()
    thief = answering(offer(), STRANGER)
    return heard(both.master, from_(thief, answer_of(thief, NOW), to=both.master), NOW, judged(STRANGER)).channel


def test_the_master_tells_of_it_ever_more_seldom_and_not_for_ever() -> None:
    channel, now, told = suspended(), NOW, 0
    assert channel.stage is Stage.SUSPENDED
    for _ in range(100):
        said = greetings(channel, now)
        assert set(said) <= {Suspended()}
        if said:
            channel, told = greeted(channel, now), told + 1
            assert greetings(channel, now) == ()
        now = Millis(max(now + 1, next_greeting(channel)))
    assert 5 <= told <= 20


def test_the_slave_has_nobody_to_tell() -> None:
    slave = replace(Both().meet().slave, stage=Stage.SUSPENDED)
    assert greetings(slave, NOW) == ()
