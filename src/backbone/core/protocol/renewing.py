"""A key takes the place of another, and an address that of another, without a parcel getting lost.

The old key announces the new one, which proves itself. We sign by the new one once the announcement is acknowledged,
and the old one goes when a parcel under the new one is acknowledged, nothing under way names it any more, and the
partner's parcels, or its signs of life, name the new one. A key that may be in strange hands can't be renewed: that
needs a new handshake.
"""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Role
from backbone.core.protocol.channel import Channel, PinnedKey
from backbone.core.protocol.parcels import ChannelId, Header, KeyAnnounced, KeyFingerprint


def statement_of(channel: ChannelId, role: Role, old: KeyFingerprint, new: KeyFingerprint) -> bytes:
    """What the new key signs to prove that it belongs to the side whose old key announces it."""
    return f"backbone key renewal 1\n{channel}\n{role.value}\n{old}\n{new}\n".encode("ascii")


def is_renewing(channel: Channel) -> bool:
    """Whether a key of ours takes the place of another right now."""
    return len(channel.our_keys) > 1


def announced(channel: Channel, announcement: KeyAnnounced) -> Channel:
    """Our new key was announced by the parcel that has our last number."""
    number = channel.outgoing.last
    key = PinnedKey(fingerprint=announcement.fingerprint, armored=announcement.armored, proven=False, announced=number)
    known = tuple(one for one in channel.our_keys if one.fingerprint != key.fingerprint)
    meeting = replace(channel.meeting, announcement=announcement, told_in=channel.outgoing.epoch)
    return replace(channel, our_keys=(*known, key), meeting=meeting)


def moved(channel: Channel) -> Channel:
    """Our new address was told by the parcel that has our last number."""
    meeting = replace(channel.meeting, moved=channel.outgoing.last, told_in=channel.outgoing.epoch)
    return replace(channel, meeting=meeting)


def is_move_known(channel: Channel) -> bool:
    """Whether the partner has heard where we receive now."""
    meeting = channel.meeting
    return meeting.told_in == channel.outgoing.epoch and channel.outgoing.acknowledged >= meeting.moved


def has_to_repeat(channel: Channel) -> bool:
    """Whether what was told of keys and addresses is void, since a new epoch has begun."""
    meeting = channel.meeting
    if meeting.told_in is None or meeting.told_in == channel.outgoing.epoch:
        return False
    return bool(meeting.moved) or not channel.our_keys[-1].proven


def counted_anew(channel: Channel) -> Channel:
    """A new epoch has begun: nothing is known of the first number under each key."""
    ours = tuple(replace(one, used_from=min(one.used_from, 1), named_from=0) for one in channel.our_keys)
    theirs = tuple(replace(one, used_from=0) for one in channel.partner_keys)
    return replace(channel, our_keys=ours, partner_keys=theirs)


def advanced(channel: Channel) -> Channel:
    """The channel after acknowledgements: a new key comes into use, an old one goes."""
    newest, outgoing = channel.our_keys[-1], channel.outgoing
    same_epoch = channel.meeting.told_in == outgoing.epoch
    if not newest.proven and same_epoch and outgoing.acknowledged >= newest.announced:
        used = replace(newest, proven=True, used_from=outgoing.last + 1)
        return replace(channel, our_keys=(*channel.our_keys[:-1], used))
    if not is_renewing(channel) or not newest.proven or not _may_drop(channel, newest):
        return channel
    return replace(channel, our_keys=(newest,), meeting=replace(channel.meeting, announcement=None))


def _may_drop(channel: Channel, newest: PinnedKey) -> bool:
    """Whether nothing that is on its way, in either direction, needs an older key."""
    outgoing = channel.outgoing
    if any(newest.fingerprint not in one.keys for one in outgoing.under_way):
        return False
    acknowledged = channel.meeting.told_in != outgoing.epoch or outgoing.acknowledged >= newest.used_from
    return acknowledged and _all_came_before(channel, newest.named_from)


def _all_came_before(channel: Channel, number: int) -> bool:
    """Whether every parcel of the partner's came that has a smaller number; where there is none yet, nobody knows."""
    return 0 < number <= channel.incoming.contiguous + 1


def noted(channel: Channel, header: Header) -> Channel:
    """The channel after a numbered parcel of the partner's came, which names a key of each side."""
    return channel if header.number is None else _counted_from(channel, header, header.number)


def noted_last(channel: Channel, header: Header, last: int) -> Channel:
    """The channel after a sign of life told the partner's last number: what follows names the keys that this one names.

    So a former key goes though the partner has nothing to say.
    """
    return _counted_from(channel, header, last + 1)


def _counted_from(channel: Channel, header: Header, number: int) -> Channel:
    ours = tuple(
        replace(one, named_from=number) if one.fingerprint == header.recipient_key and not one.named_from else one
        for one in channel.our_keys
    )
    theirs = tuple(
        replace(one, used_from=number) if one.fingerprint == header.sender_key and not one.used_from else one
        for one in channel.partner_keys
    )
    return _without_former(replace(channel, our_keys=ours, partner_keys=theirs))


def _without_former(channel: Channel) -> Channel:
    """The partner's old key goes when something under the new one has come, and all parcels before it."""
    newest = channel.partner_keys[-1]
    if len(channel.partner_keys) < 2 or not _all_came_before(channel, newest.used_from):
        return channel
    return replace(channel, partner_keys=(newest,))
