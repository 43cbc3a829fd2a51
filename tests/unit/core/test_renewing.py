"""A key takes the place of another without a parcel getting lost."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import ProjectKey, Role
from backbone.core.protocol.channel import Channel, Incoming, UnderWay
from backbone.core.protocol.conversing import PassedOver, ProjectRenamed, heard
from backbone.core.protocol.parcels import Digest, Epoch, Header, KeyAnnounced, Renamed, Suspended
from backbone.core.protocol.renewing import (
    advanced,
    announced,
    counted_anew,
    has_to_repeat,
    is_move_known,
    is_renewing,
    moved,
    noted,
    noted_last,
    statement_of,
)
from tests.fakes.meeting import MASTER, NOW, SLAVE, STRANGER, Both, from_

ANNOUNCED = KeyAnnounced(armored=STRANGER.armored, fingerprint=STRANGER.fingerprint, proof="p")


def at(channel: Channel, last: int, acknowledged: int, *under_way: UnderWay) -> Channel:
    outgoing = replace(channel.outgoing, last=last, acknowledged=acknowledged, under_way=under_way)
    return replace(channel, outgoing=outgoing)


def renewing() -> Channel:
    """A master that announced its key in parcel 5."""
    return announced(at(Both().meet().confirm().master, 5, 4), ANNOUNCED)


def from_slave(number: int, channel: Channel, *, to: str) -> Header:
    return Header(
        channel=channel.id,
        sender=Role.SECOND,
        sender_key=SLAVE.fingerprint,
        recipient_key=MASTER.fingerprint if to == "old" else STRANGER.fingerprint,
        epoch=Epoch("e2"),
        number=number,
    )


def come(channel: Channel, number: int, *, to: str) -> Channel:
    known = replace(channel, incoming=replace(channel.incoming, contiguous=number, highest=number))
    return noted(known, from_slave(number, channel, to=to))


def test_the_old_key_signs_until_the_announcement_is_acknowledged() -> None:
    channel = renewing()
    assert channel.our_key.fingerprint == MASTER.fingerprint
    assert advanced(channel) == channel
    used = advanced(at(channel, 7, 5))
    assert used.our_key.fingerprint == STRANGER.fingerprint
    assert used.our_key.used_from == 8


def test_the_old_key_goes_when_nothing_needs_it_any_more() -> None:
    channel = advanced(at(renewing(), 7, 5))
    channel = advanced(come(at(channel, 8, 8), 3, to="new"))
    assert [one.fingerprint for one in channel.our_keys] == [STRANGER.fingerprint]
    assert not is_renewing(channel)


def test_the_old_key_stays_while_the_partner_may_still_encrypt_to_it() -> None:
    channel = advanced(at(renewing(), 7, 5))
    assert is_renewing(advanced(come(at(channel, 8, 8), 3, to="old")))


def test_the_old_key_stays_while_no_parcel_under_the_new_one_is_acknowledged() -> None:
    channel = advanced(at(renewing(), 7, 5))
    assert is_renewing(advanced(come(at(channel, 8, 7), 3, to="new")))


def test_the_old_key_stays_while_something_under_way_names_it() -> None:
    channel = advanced(at(renewing(), 7, 5))
    old = UnderWay(number=9, octets=1, head=Digest("d"), keys=(MASTER.fingerprint, SLAVE.fingerprint))
    assert is_renewing(advanced(come(at(channel, 9, 8, old), 3, to="new")))


def test_the_old_key_stays_while_an_earlier_parcel_of_the_partners_is_missing() -> None:
    channel = advanced(at(renewing(), 7, 5))
    known = at(channel, 8, 8)
    gap = replace(known, incoming=replace(known.incoming, contiguous=2, highest=4))
    assert is_renewing(advanced(noted(gap, from_slave(4, channel, to="new"))))


def test_the_old_key_goes_though_the_partner_has_nothing_to_say() -> None:
    channel = at(advanced(at(renewing(), 7, 5)), 8, 8)
    beat = replace(from_slave(0, channel, to="new"), number=None)

    assert not is_renewing(advanced(noted_last(channel, beat, 0)))
    assert is_renewing(advanced(noted_last(channel, beat, 3))), "a parcel that is missing may name the old one"
    assert is_renewing(advanced(noted_last(channel, replace(beat, recipient_key=MASTER.fingerprint), 0)))


def test_a_key_of_a_former_epoch_goes_though_the_partner_has_nothing_to_say() -> None:
    channel = replace(Both().meet().confirm().slave, partner_keys=(MASTER, replace(STRANGER, used_from=7)))
    anew = replace(counted_anew(channel), incoming=Incoming(epoch=Epoch("e9")))
    beat = replace(from_(Both().master, Suspended(), to=channel).header, sender_key=STRANGER.fingerprint)

    assert noted_last(anew, beat, 0).partner_keys[0].fingerprint == STRANGER.fingerprint
    assert len(noted_last(anew, replace(beat, sender_key=MASTER.fingerprint), 0).partner_keys) == 2
    missing = noted_last(anew, beat, 2)
    assert len(missing.partner_keys) == 2
    came = replace(missing, incoming=replace(missing.incoming, contiguous=2, highest=2))
    assert len(noted_last(came, beat, 2).partner_keys) == 1


def test_the_partners_old_key_goes_when_a_parcel_under_the_new_one_and_all_before_it_came() -> None:
    channel = replace(Both().meet().confirm().slave, partner_keys=(MASTER, STRANGER))
    told = Header(
        channel=channel.id,
        sender=Role.FIRST,
        sender_key=STRANGER.fingerprint,
        recipient_key=SLAVE.fingerprint,
        epoch=Epoch("e1"),
        number=6,
    )
    gap = replace(channel, incoming=replace(channel.incoming, contiguous=4, highest=6))
    assert len(noted(gap, told).partner_keys) == 2
    whole = replace(channel, incoming=replace(channel.incoming, contiguous=6, highest=6))
    assert [one.fingerprint for one in noted(whole, told).partner_keys] == [STRANGER.fingerprint]


def test_what_was_stored_under_a_key_counts_after_the_key_took_its_leave() -> None:
    both = Both().meet().confirm()
    renamed = Renamed(project=ProjectKey("NEW"), former=ProjectKey("OLD"))
    stored = from_(both.master, renamed, to=both.slave, number=6)
    slave = replace(both.slave, partner_keys=(STRANGER,))  # parcel 7 came under the new key
    assert heard(slave, stored, NOW).events == (ProjectRenamed(told=renamed),)
    assert isinstance(heard(slave, from_(both.master, Suspended(), to=both.slave), NOW).events[0], PassedOver)


def test_an_announcement_and_an_address_are_told_again_in_a_new_epoch() -> None:
    channel = renewing()
    assert not has_to_repeat(channel)
    restored = replace(channel, outgoing=replace(channel.outgoing, epoch=Epoch("new"), last=0, acknowledged=0))
    assert has_to_repeat(restored)
    again = announced(at(restored, 1, 0), ANNOUNCED)
    assert not has_to_repeat(again)
    assert len(again.our_keys) == 2


def test_a_renewal_that_a_new_epoch_interrupts_comes_to_its_end() -> None:
    channel = come(at(advanced(at(renewing(), 7, 5)), 8, 7), 40, to="new")
    assert is_renewing(advanced(channel))
    epoch = replace(channel.outgoing, epoch=Epoch("new"), last=1, acknowledged=1)
    anew = replace(counted_anew(channel), outgoing=epoch, incoming=Incoming())
    assert is_renewing(advanced(anew)), "what comes may still be for the old key"
    assert not is_renewing(advanced(come(anew, 1, to="new")))


def test_an_address_is_known_when_the_parcel_that_told_it_is_acknowledged() -> None:
    channel = moved(at(Both().meet().confirm().master, 5, 4))
    assert not is_move_known(channel)
    assert is_move_known(at(channel, 5, 5))


def test_a_statement_says_who_renews_which_key_of_which_channel() -> None:
    channel = Both().master.id
    known = (channel, Role.FIRST, MASTER.fingerprint, SLAVE.fingerprint)
    assert statement_of(*known) != statement_of(channel, Role.SECOND, *known[2:])
    assert statement_of(*known) != statement_of(channel, Role.FIRST, SLAVE.fingerprint, MASTER.fingerprint)
