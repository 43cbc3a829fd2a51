"""What a channel becomes by what the partner says, and by what others say in its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, ProjectKey, Revision, Role
from backbone.core.protocol.channel import Agreement, Publication, Stage
from backbone.core.protocol.conversing import (
    ClocksCompared,
    Departed,
    Event,
    Met,
    NewPublication,
    PartnerKeyRenewed,
    PartnerMoved,
    PassedOver,
    PingAnswered,
    ProjectRenamed,
    PublicationAnswered,
    TwoAnswers,
    certainly_ahead,
    heard,
)
from backbone.core.protocol.handshake import answer_of, code_of, confirm, greetings
from backbone.core.protocol.parcels import (
    AddressChanged,
    Answered,
    Body,
    Digest,
    Goodbye,
    KeyAnnounced,
    Ping,
    Published,
    Renamed,
    Suspended,
)
from backbone.core.protocol.publication import digest_of
from backbone.core.protocol.renewing import statement_of
from tests.fakes.meeting import MASTER, NOW, SLAVE, STRANGER, Both, answering, forged, from_, judged, offer, pinned

DIGEST = digest_of(Exchange())
PING, PONG = Ping(clock=NOW, answers=False), Ping(clock=NOW, answers=True)
PUBLISHED = Published(revision=Revision(3), digest=DIGEST, exchange=Exchange(), message="please")
PUBLICATION = Publication(revision=Revision(3), digest=DIGEST, exchange=Exchange(), message="please")


def kinds(events: list[Event] | tuple[Event, ...]) -> list[type]:
    return [type(one) for one in events]


def test_handshake_ping_and_ping_make_both_known() -> None:
    both = Both().meet()
    assert (both.master.stage, both.slave.stage) == (Stage.KNOWN, Stage.KNOWN)
    assert Met in kinds(both.events[Role.FIRST])
    assert Met in kinds(both.events[Role.SECOND])


def test_the_master_pins_the_key_and_learns_where_the_slave_receives() -> None:
    both = Both().meet()
    assert both.master.partner_key == SLAVE
    assert (both.master.sends_to, both.master.meeting.sends_by) == ("b@b.test", "mail")
    assert both.slave.sends_to == "a@a.test"


def test_a_repeat_of_the_same_answer_is_harmless() -> None:
    both = Both().meet().confirm()
    before = both.master
    both.tell(Role.FIRST, answer_of(both.slave, NOW))
    assert both.master == before


def test_a_lost_ping_is_asked_again_when_the_answer_is_repeated() -> None:
    both = Both()
    parcel = from_(both.slave, answer_of(both.slave, NOW), to=both.master)
    once = heard(both.master, parcel, NOW, judged(SLAVE))
    again = heard(once.channel, parcel, NOW, judged(SLAVE))
    assert again.say == (PING,)
    assert again.channel.stage is Stage.PINGED


def test_a_second_answer_suspends_both() -> None:
    both = Both().meet()
    stranger = answering(offer(), STRANGER)
    told = heard(both.master, from_(stranger, answer_of(stranger, NOW), to=both.master), NOW, judged(STRANGER))
    assert told.channel.stage is Stage.SUSPENDED
    assert told.events == (TwoAnswers(second=STRANGER.fingerprint),)
    assert told.say == (Suspended(),)
    both.master = told.channel
    both.tell(Role.SECOND, Suspended())
    assert both.slave.stage is Stage.SUSPENDED
    with pytest.raises(Exception, match="two answers"):
        confirm(both.slave, code_of(both.slave) or "")


def test_a_second_answer_suspends_also_when_only_one_ping_went_by() -> None:
    master = offer()
    slave, stranger = answering(master), answering(master, STRANGER)
    first = heard(master, from_(stranger, answer_of(stranger, NOW), to=master), NOW, judged(STRANGER))
    second = heard(first.channel, from_(slave, answer_of(slave, NOW), to=master), NOW, judged(SLAVE))
    assert second.channel.stage is Stage.SUSPENDED


def test_suspended_sides_stay_so_whatever_comes() -> None:
    both = Both().meet().confirm()
    both.master = replace(both.master, stage=Stage.SUSPENDED)
    for body in (PING, PONG, answer_of(both.slave, NOW), Suspended(), Goodbye()):
        both.tell(Role.FIRST, body, key=judged(SLAVE))
        assert both.master.stage is Stage.SUSPENDED
        assert not both.master.departed


def test_after_the_code_was_confirmed_the_file_is_used_and_another_answer_is_only_told_of() -> None:
    both = Both().meet().confirm()
    stranger = answering(offer(), STRANGER)
    told = heard(both.master, from_(stranger, answer_of(stranger, NOW), to=both.master), NOW, judged(STRANGER))
    assert told.channel == both.master
    assert told.events == (PassedOver(why="another answer came to a handshake file that was used", grave=True),)


def test_an_answer_without_the_files_token_counts_for_nothing() -> None:
    master = offer()
    slave = forged(answering(master), token="guessed")
    told = heard(master, from_(slave, answer_of(slave, NOW), to=master), NOW, judged(SLAVE))
    assert told.channel == master
    assert kinds(told.events) == [PassedOver]


def test_a_proof_of_another_key_counts_for_nothing() -> None:
    master = offer()
    slave = answering(master)
    told = heard(
        master, from_(forged(slave, our_keys=(STRANGER,)), answer_of(slave, NOW), to=master), NOW, judged(STRANGER)
    )
    assert told.channel == master


def test_an_answer_after_the_file_expired_counts_for_nothing() -> None:
    master = offer()
    slave = answering(master)
    late = Millis(master.expires + 1)
    told = heard(master, from_(slave, answer_of(slave, late), to=master), late, judged(SLAVE))
    assert told.channel == master
    assert told.say == ()


def test_a_slave_that_was_known_before_the_file_expired_may_repeat_itself() -> None:
    master = offer()
    slave = answering(master)
    parcel = from_(slave, answer_of(slave, NOW), to=master)
    known = heard(master, parcel, NOW, judged(SLAVE)).channel
    assert heard(known, parcel, Millis(master.expires + 1), judged(SLAVE)).channel.stage is Stage.PINGED


@pytest.mark.parametrize("body", [PING, PONG, Suspended()])
def test_what_comes_back_to_its_sender_counts_for_nothing(body: Body) -> None:
    both = Both().meet()
    told = heard(both.master, from_(both.master, body, to=both.master), NOW)
    assert told.channel == both.master
    assert told.say == ()


@pytest.mark.parametrize("body", [PING, PONG, Suspended()])
def test_what_a_stranger_signed_counts_for_nothing(body: Body) -> None:
    both = Both().meet()
    stranger = forged(both.slave, our_keys=(STRANGER,))
    assert heard(both.master, from_(stranger, body, to=both.master), NOW).channel == both.master


def test_what_is_for_another_key_or_channel_counts_for_nothing() -> None:
    both = Both().meet()
    elsewhere = forged(both.master, our_keys=(STRANGER,))
    assert heard(both.master, from_(both.slave, Suspended(), to=elsewhere), NOW).channel == both.master
    other = forged(both.slave, id="other")
    assert heard(both.master, from_(other, Suspended(), to=both.master), NOW).channel == both.master


def test_an_answering_ping_that_nobody_asked_for_makes_nobody_known() -> None:
    both = Both()
    both.tell(Role.SECOND, PONG)
    assert both.slave.stage is Stage.ANSWERED


def test_an_asking_ping_is_answered_at_any_time_and_makes_no_master_known() -> None:
    both = Both()
    both.master = heard(
        both.master, from_(both.slave, answer_of(both.slave, NOW), to=both.master), NOW, judged(SLAVE)
    ).channel
    told = heard(both.master, from_(both.slave, PING, to=both.master), NOW)
    assert told.say == (PONG,)
    assert told.channel.stage is Stage.PINGED


def test_two_sides_that_know_each_other_never_ping_for_ever() -> None:
    both = Both().meet()
    told = heard(both.master, from_(both.slave, PONG, to=both.master), NOW)
    assert told.say == ()
    assert PingAnswered in kinds(told.events)


def test_the_master_asks_again_while_no_answer_comes() -> None:
    both = Both()
    asked = heard(
        both.master, from_(both.slave, answer_of(both.slave, NOW), to=both.master), NOW, judged(SLAVE)
    ).channel
    assert greetings(asked, NOW) == ()
    later = Millis(NOW + 60_000)
    assert greetings(asked, later) == (Ping(clock=later, answers=False),)


def test_the_size_that_came_through_at_set_up_is_the_largest() -> None:
    both = Both()
    both.master = heard(
        both.master, from_(both.slave, answer_of(both.slave, NOW), to=both.master), NOW, judged(SLAVE)
    ).channel
    both.tell(Role.SECOND, replace(PING, filling="x" * 5_000))
    assert (both.slave.largest, both.master.largest) == (5_000, 5_000)
    both.tell(Role.SECOND, replace(PING, filling="x" * 10))
    assert both.slave.largest == 5_000


@pytest.mark.parametrize(
    ("clock", "asked", "now", "ahead"),
    [(5, 1, 10, 0), (15, 1, 10, 5), (1, 4, 10, -3), (4, 4, 10, 0), (1, 0, 10, 0), (10, 4, 10, 0)],
)
def test_a_clock_is_judged_by_what_is_certain(clock: int, asked: int, now: int, ahead: int) -> None:
    assert certainly_ahead(Millis(clock), Millis(asked), Millis(now)) == ahead


def test_clocks_are_compared_when_both_meet() -> None:
    both = Both()
    slave = both.slave
    told = heard(both.master, from_(slave, answer_of(slave, Millis(NOW + 700_000)), to=both.master), NOW, judged(SLAVE))
    assert ClocksCompared(ahead=700_000) in told.events
    assert told.channel.partner_ahead == 700_000


@pytest.mark.parametrize(
    "body",
    [
        PUBLISHED,
        Answered(revision=Revision(1), digest=DIGEST, accepted=True, message=""),
        Renamed(project=ProjectKey("B"), former=ProjectKey("A")),
        KeyAnnounced(armored="k", fingerprint=STRANGER.fingerprint, proof="p"),
        AddressChanged(protocol="mail", address="evil@x.test"),
        Goodbye(),
    ],
)
def test_before_the_code_is_confirmed_nothing_else_is_listened_to(body: Body) -> None:
    both = Both().meet()
    for role in Role:
        side, other = both.side(role), both.side(role.partner)
        told = heard(side, from_(other, body, to=side, number=1), NOW, judged(STRANGER))
        assert told.channel == side
        assert kinds(told.events) == [PassedOver]
        assert told.say == ()


def test_a_publication_waits_for_a_person_and_replaces_one_that_waits() -> None:
    both = Both().meet().confirm()
    both.tell(Role.SECOND, PUBLISHED)
    assert both.slave.agreement.pending == PUBLICATION
    assert NewPublication(publication=PUBLICATION) in both.events[Role.SECOND]
    newer = replace(PUBLISHED, revision=Revision(4), message="no, this")
    both.tell(Role.SECOND, newer)
    assert both.slave.agreement.pending == replace(PUBLICATION, revision=Revision(4), message="no, this")
    both.tell(Role.SECOND, PUBLISHED)
    assert both.slave.agreement.pending is not None
    assert both.slave.agreement.pending.revision == 4


def test_a_publication_whose_digest_is_not_its_own_is_passed_over() -> None:
    both = Both().meet().confirm()
    both.tell(Role.SECOND, replace(PUBLISHED, digest=Digest("e" * 64)))
    assert both.slave.agreement.pending is None
    assert kinds(both.events[Role.SECOND])[-1] is PassedOver


def test_a_slave_publishes_nothing_and_a_master_answers_nothing() -> None:
    both = Both().meet().confirm()
    before = both.master, both.slave
    both.tell(Role.FIRST, PUBLISHED)
    both.tell(Role.SECOND, Answered(revision=Revision(3), digest=DIGEST, accepted=True, message=""))
    assert (both.master, both.slave) == before


@pytest.mark.parametrize("accepted", [True, False])
def test_an_answer_settles_the_publication_that_it_names(accepted: bool) -> None:
    both = Both().meet().confirm()
    before = replace(PUBLICATION, revision=Revision(2))
    both.master = replace(both.master, agreement=Agreement(agreed=before, pending=PUBLICATION))
    answer = Answered(revision=Revision(3), digest=DIGEST, accepted=accepted, message="not now")
    both.tell(Role.FIRST, answer)
    wanted = (
        Agreement(agreed=PUBLICATION, former=(before,)) if accepted else Agreement(agreed=before, declined="not now")
    )
    assert both.master.agreement == wanted
    assert PublicationAnswered(answer=answer) in both.events[Role.FIRST]


def test_an_answer_to_another_publication_settles_nothing() -> None:
    both = Both().meet().confirm()
    both.master = replace(both.master, agreement=Agreement(pending=PUBLICATION))
    for answer in (
        Answered(revision=Revision(2), digest=DIGEST, accepted=True, message=""),
        Answered(revision=Revision(3), digest=Digest("e" * 64), accepted=True, message=""),
    ):
        both.tell(Role.FIRST, answer)
        assert both.master.agreement.pending == PUBLICATION


def test_a_rename_is_passed_on() -> None:
    both = Both().meet().confirm()
    told = Renamed(project=ProjectKey("NEW"), former=ProjectKey("OLD"))
    both.tell(Role.FIRST, told)
    assert both.events[Role.FIRST][-1] == ProjectRenamed(told=told)


def test_a_new_key_counts_with_a_proof_by_both() -> None:
    both = Both().meet().confirm()
    statement = statement_of(both.slave.id, Role.SECOND, SLAVE.fingerprint, STRANGER.fingerprint)
    told = KeyAnnounced(armored=STRANGER.armored, fingerprint=STRANGER.fingerprint, proof="p")
    both.tell(Role.FIRST, told, key=judged(STRANGER, statement))
    assert both.master.partner_keys == (SLAVE, STRANGER)
    assert both.events[Role.FIRST][-1] == PartnerKeyRenewed(fingerprint=STRANGER.fingerprint)
    both.tell(Role.FIRST, told, key=judged(STRANGER, statement))
    assert both.master.partner_keys == (SLAVE, STRANGER)


def test_a_partner_that_announces_key_after_key_has_two_at_most() -> None:
    both = Both().meet().confirm()
    for letter in "DEF":
        new = pinned(letter)
        statement = statement_of(both.slave.id, Role.SECOND, SLAVE.fingerprint, new.fingerprint)
        told = KeyAnnounced(armored=new.armored, fingerprint=new.fingerprint, proof="p")
        both.tell(Role.FIRST, told, key=judged(new, statement))
        assert both.master.partner_keys == (SLAVE, new)


@pytest.mark.parametrize("mistake", ["none", "other key", "other role", "other old key", "other channel", "unsigned"])
def test_a_new_key_without_the_right_proof_counts_for_nothing(mistake: str) -> None:
    both = Both().meet().confirm()
    new, old, channel = STRANGER.fingerprint, SLAVE.fingerprint, both.slave.id
    key = {
        "none": None,
        "other key": judged(MASTER, statement_of(channel, Role.SECOND, old, new)),
        "other role": judged(STRANGER, statement_of(channel, Role.FIRST, old, new)),
        "other old key": judged(STRANGER, statement_of(channel, Role.SECOND, MASTER.fingerprint, new)),
        "other channel": judged(STRANGER, statement_of(type(channel)("x"), Role.SECOND, old, new)),
        "unsigned": judged(STRANGER),
    }[mistake]
    told = both.tell(Role.FIRST, KeyAnnounced(armored="k", fingerprint=new, proof="p"), key=key)
    assert both.master.partner_keys == (SLAVE,)
    assert told.events == (PassedOver(why="a new key came without a proof", grave=True),)


def test_mails_go_to_a_new_address_by_themselves_and_another_protocol_needs_a_person() -> None:
    both = Both().meet().confirm()
    both.tell(Role.FIRST, AddressChanged(protocol="mail", address="new@b.test"))
    assert both.master.sends_to == "new@b.test"
    assert both.events[Role.FIRST][-1] == PartnerMoved(protocol="mail", address="new@b.test", by_itself=True)
    both.tell(Role.FIRST, AddressChanged(protocol="files", address=""))
    assert both.events[Role.FIRST][-1] == PartnerMoved(protocol="files", address="", by_itself=False)


def test_a_goodbye_ends_it() -> None:
    both = Both().meet().confirm()
    both.tell(Role.FIRST, Goodbye())
    assert both.master.departed
    assert both.events[Role.FIRST][-1] == Departed()


def test_a_ping_is_answered_by_no_more_than_a_parcel_may_have() -> None:
    both = Both().meet()
    both.slave = replace(both.slave, largest=100)
    told = heard(both.slave, from_(both.master, replace(PING, filling="x" * 5_000), to=both.slave), NOW)
    assert told.say == (replace(PONG, filling="x" * 100),)
