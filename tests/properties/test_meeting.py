"""Whatever is said to a channel in whatever order: content passes only between those whose code a person confirmed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Channel, Stage
from backbone.core.protocol.conversing import heard
from backbone.core.protocol.handshake import answer_of, is_open
from backbone.core.protocol.parcels import Body, Handshake, Ping, Suspended
from tests.fakes.meeting import DAY, NOW, SLAVE, STRANGER, Both, answering, forged, from_, judged, offer
from tests.fakes.parcels import numbered, passing

_moments = st.integers(-DAY, 3 * DAY).map(lambda after: Millis(NOW + after))
_answers = st.sampled_from([SLAVE, STRANGER]).map(lambda key: answer_of(answering(offer(), key), NOW))
_pings = st.builds(Ping, clock=_moments, answers=st.booleans())
_bodies: st.SearchStrategy[Body] = st.one_of(_answers, _pings, st.just(Suspended()), numbered, passing)
_speakers = st.sampled_from(["partner", "stranger", "echo"])
_said = st.lists(st.tuples(_bodies, _speakers, _moments), max_size=12)


def _listen(channel: Channel, partner: Channel, said: tuple[Body, str, Millis]) -> Channel:
    body, who, now = said
    key = SLAVE if who == "partner" else STRANGER
    speaker = {
        "partner": partner,
        "stranger": forged(partner, our_keys=(STRANGER,)),
        "echo": channel,
    }[who]
    judgement = judged(key) if isinstance(body, Handshake) else judged(STRANGER)
    number = 1 if not isinstance(body, Handshake | Ping | Suspended) else None
    return heard(channel, from_(speaker, body, to=channel, number=number), now, judgement).channel


@given(said=_said, role=st.sampled_from(list(Role)))
def test_nothing_that_is_said_opens_a_channel_that_nobody_confirmed(
    said: list[tuple[Body, str, Millis]], role: Role
) -> None:
    both = Both()
    channel, partner = both.side(role), both.side(role.partner)
    beginning = channel
    for one in said:
        channel = _listen(channel, partner, one)
        assert not is_open(channel)
        assert not channel.confirmed
        assert not channel.departed
        assert channel.agreement == beginning.agreement
        assert len(channel.partner_keys) <= 1


@given(said=_said)
def test_a_key_that_was_pinned_is_never_exchanged_without_a_new_handshake(
    said: list[tuple[Body, str, Millis]],
) -> None:
    both = Both().meet().confirm()
    channel = both.master
    for one in said:
        channel = _listen(channel, both.slave, one)
        assert [key.fingerprint for key in channel.partner_keys] == [SLAVE.fingerprint]
        assert (channel.id, channel.token, channel.our_keys) == (
            both.master.id,
            both.master.token,
            both.master.our_keys,
        )


@given(said=_said)
def test_a_suspended_channel_stays_suspended(said: list[tuple[Body, str, Millis]]) -> None:
    both = Both().meet().confirm()
    channel = replace(both.master, stage=Stage.SUSPENDED)
    for one in said:
        channel = _listen(channel, both.slave, one)
        assert channel.stage is Stage.SUSPENDED
