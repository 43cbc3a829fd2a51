"""What takes each rule of the channel between two companies out of the sources, and the test that fails without it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.rules.removals import Mutant

RULES_OF_CHANNELS: Mapping[str, str] = {
    "numbers": "a number is given at sealing, to what is not told again, and each pair names the parcel before",
    "contents": "what was sealed leaves as it is, as often as it has to",
    "chain": "both sides know by one head that they know of the same parcels",
    "repeats": "a parcel is new once; two contents under one number are no repeat",
    "gaps": "a gap holds the pairs that it concerns, and whatever has to keep its place, and nothing else",
    "acknowledgements": "what came without a gap is acknowledged, and that is never taken back",
    "epochs": "after a restored backup both count anew, and what comes under a former epoch is void",
    "window": "no more is under way, and no more is kept, than was agreed",
    "headers": "what the partner signed for somebody else is not used",
    "trust": "nothing but the handshake passes before a person compared the code",
    "leaving": "what is not sealed yet is decided once more, by what is agreed and by the half as it is",
    "arriving": "of what comes only what is agreed for that direction is heard, and too many removals wait for a person",
}

DELIVERING, COLLECTING, CHECKING, PERMITTING, PUBLICATION = (
    f"core/protocol/{name}.py" for name in ("delivering", "collecting", "checking", "permitting", "publication")
)
SEALING, DIVIDING, SENDING, OPENING, TAKING_IN, RESTORING, FILES, EFFECTS = (
    f"app/channel/{name}.py"
    for name in ("sealing", "dividing", "sending", "opening", "collecting", "restoring", "files", "effects")
)
ARRIVING, APPLY = "app/engine/arriving.py", "app/engine/apply.py"

_OF_CORE, _OF_CHANNEL = "tests/unit/core/test_", "tests/unit/app/channel/test_"
DELIVERED, COLLECTED = f"{_OF_CORE}delivering.py::test_", f"{_OF_CORE}collecting.py::test_"
PERMITTED, CHECKED = f"{_OF_CORE}permitting.py::test_", f"{_OF_CORE}checking.py::test_anything_else_is_objected_to"
SEALED, NUMBERED = f"{_OF_CHANNEL}sealing.py::test_", f"{_OF_CHANNEL}numbered_parcels.py::test_"
EPOCHS, REFUSED = f"{_OF_CHANNEL}epochs.py::test_", f"{_OF_CHANNEL}refused_parcels.py::test_"
RESTORED, TWO = f"{_OF_CHANNEL}restored_side.py::test_", f"{_OF_CHANNEL}two_installations.py::test_"
STAYING, APART = f"{_OF_CHANNEL}attachments_that_stay.py::test_", "tests/unit/app/test_apart.py::test_"

_NEW_ONCE = f"{COLLECTED}a_parcel_is_new_once"
_AS_IT_WAS = f"{NUMBERED}a_parcel_that_got_lost_leaves_again_as_it_was"
_GAP = f"{COLLECTED}a_gap_holds_only_the_pairs_that_it_concerns"
_OTHER_EPOCH = f"{EPOCHS}what_is_numbered_under_another_epoch_is_not_taken_in"
_BOUNDED = f"{DELIVERED}the_window_is_bounded_by_parcels_and_by_bytes"

MUTANTS_OF_CHANNELS = (
    Mutant(
        "numbers",
        SEALING,
        "    await uow.outbox.take(desk.key, {pair: len(told[pair].rows) for pair in done})\n",
        "",
        f"{SEALED}what_is_no_longer_agreed_cannot_leave_though_the_half_would_still_send_it",
    ),
    Mutant(
        "numbers",
        SEALING,
        "after.get(pair, 0)",
        "0",
        f"{NUMBERED}what_is_told_of_an_issue_after_a_parcel_that_got_lost_waits_for_it",
    ),
    Mutant(
        "numbers",
        DIVIDING,
        "replace(one, after=said[one.pair]) if one.pair in said else one",
        "one",
        f"{NUMBERED}the_parts_of_what_was_divided_follow_each_other",
    ),
    Mutant(
        "contents",
        SENDING,
        "    await hand_over(host, means, channel, stored.plaintext, keys)",
        "    from backbone.app.channel.packing import unpack\n"
        "    from backbone.app.channel.saying import header_of\n"
        "    anew = replace(unpack(stored.plaintext), header=header_of(channel, number))\n"
        "    await hand_over(host, means, channel, pack(anew), keys)",
        _AS_IT_WAS,
    ),
    Mutant(
        "contents",
        SENDING,
        "next(one.keys for one in channel.outgoing.under_way if one.number == number)",
        "(channel.our_key.fingerprint, channel.partner_key.fingerprint)",
        _AS_IT_WAS,
    ),
    Mutant(
        "chain",
        DELIVERING,
        "last=header.number, head=new, under",
        "last=header.number, under",
        f"{DELIVERED}both_sides_find_the_same_head",
    ),
    Mutant(
        "chain",
        COLLECTING,
        "head(top, first.header, first.digest)",
        "head(top, header, digest)",
        f"{COLLECTED}the_chain_grows_as_gaps_are_filled_whatever_the_order",
    ),
    Mutant(
        "chain",
        DELIVERING,
        "if not _same_chain(outgoing, told):",
        "if False:",
        f"{DELIVERED}memories_that_do_not_fit_show",
    ),
    Mutant(
        "chain",
        DELIVERING,
        "if told.highest > outgoing.last:",
        "if False:",
        f"{DELIVERED}memories_that_do_not_fit_show",
    ),
    Mutant(
        "repeats",
        COLLECTING,
        "return Verdict.REPEAT if known == digest else Verdict.CONFLICT",
        "return Verdict.REPEAT",
        _NEW_ONCE,
    ),
    Mutant("repeats", COLLECTING, "return Verdict.CONFLICT  # it came", "return Verdict.NEW  # it came", _NEW_ONCE),
    Mutant(
        "repeats",
        TAKING_IN,
        "                await desk.commit(uow, await diverged(desk, uow, replace(stored, channel=channel), why))\n"
        "                return\n",
        "                return\n",
        f"{NUMBERED}one_number_with_two_contents_ends_the_exchange_until_both_begin_anew",
    ),
    Mutant("gaps", COLLECTING, "(after <= contiguous or after in beyond) and (", "(", _GAP),
    Mutant("gaps", COLLECTING, " and (after not in waiting or pair not in waiting[after].pairs)", "", _GAP),
    Mutant("gaps", COLLECTING, "            if free:\n", "            if len(free) == len(one.pairs):\n", _GAP),
    Mutant(
        "gaps",
        COLLECTING,
        "in_order and one.number <= incoming.contiguous and",
        "in_order and",
        f"{COLLECTED}what_is_no_message_waits_for_all_parcels_before_and_pieces_for_nothing",
    ),
    Mutant(
        "acknowledgements",
        COLLECTING,
        "at=now, contiguous=incoming.contiguous,",
        "at=now, contiguous=incoming.highest,",
        f"{COLLECTED}an_acknowledgement_says_what_came_and_fits_the_wire",
    ),
    Mutant(
        "acknowledgements", COLLECTING, "while there and there[0].number == contiguous + 1:", "while there:", _NEW_ONCE
    ),
    Mutant(
        "acknowledgements",
        DELIVERING,
        "if one.number > told.contiguous\n",
        "if one.number > told.highest\n",
        f"{DELIVERED}a_gap_is_sent_again_after_a_moment_and_what_is_there_is_not",
    ),
    Mutant(
        "acknowledgements",
        DELIVERING,
        "if told.at > outgoing.told:",
        "if True:",
        f"{DELIVERED}a_late_acknowledgement_takes_nothing_back",
    ),
    Mutant(
        "epochs",
        DELIVERING,
        "if told.epoch != outgoing.epoch:",
        "if False:",
        f"{DELIVERED}an_acknowledgement_of_a_former_epoch_says_nothing",
    ),
    Mutant("epochs", CHECKING, "if expected.epoch is None or header.epoch == expected.epoch:", "if True:", CHECKED),
    Mutant(
        "epochs",
        OPENING,
        "if header.epoch in expected.former:",
        "if False:",
        f"{EPOCHS}a_side_that_waits_for_the_partners_new_epoch_does_not_take_a_former_one_for_it",
    ),
    Mutant(
        "epochs",
        TAKING_IN,
        "if found.objection is Objection.FORMER_EPOCH:",
        "if False:",
        f"{EPOCHS}what_is_said_under_a_former_epoch_begins_nothing_anew",
    ),
    Mutant(
        "epochs",
        TAKING_IN,
        "found.objection is not None or not may_be_heard(channel)",
        "not may_be_heard(channel)",
        _OTHER_EPOCH,
    ),
    Mutant(
        "epochs",
        RESTORING,
        "incoming=Incoming(former=former),",
        "incoming=Incoming(),",
        f"{EPOCHS}what_is_said_under_a_former_epoch_begins_nothing_anew",
    ),
    Mutant(
        "epochs",
        RESTORING,
        "        outgoing=Outgoing(epoch=Epoch(desk.host.engine.system.new_id())),\n",
        "",
        f"{RESTORED}a_restored_side_comes_back_into_step",
    ),
    Mutant(
        "window",
        DELIVERING,
        "len(outgoing.under_way) < WINDOW and octets < WINDOW_OCTETS",
        "octets < WINDOW_OCTETS",
        _BOUNDED,
    ),
    Mutant(
        "window",
        DELIVERING,
        "len(outgoing.under_way) < WINDOW and octets < WINDOW_OCTETS",
        "len(outgoing.under_way) < WINDOW",
        _BOUNDED,
    ),
    Mutant(
        "window",
        SEALING,
        "if not has_room(stored.channel.outgoing) and done.isdisjoint(one.pairs):",
        "if False:",
        f"{SEALED}no_more_parcels_are_under_way_than_may_be_however_much_is_told_at_once",
    ),
    Mutant(
        "window",
        FILES,
        "WINDOW - len(under_way), min(octets,",
        "WINDOW, min(octets,",
        f"{STAYING}no_more_parcels_are_under_way_than_may_be_however_many_attachments_there_are",
    ),
    Mutant(
        "window",
        COLLECTING,
        "Verdict.NEW if number <= incoming.contiguous + AHEAD else Verdict.TOO_FAR",
        "Verdict.NEW",
        _NEW_ONCE,
    ),
    Mutant(
        "window",
        COLLECTING,
        "return len(kept) < most and",
        "return",
        f"{COLLECTED}parcels_of_an_unknown_configuration_are_kept_up_to_a_number_and_up_to_a_size",
    ),
    Mutant("headers", CHECKING, "if header.channel != expected.channel:", "if False:", CHECKED),
    Mutant("headers", CHECKING, "if header.sender is not expected.partner:", "if False:", CHECKED),
    Mutant("headers", CHECKING, "if header.sender_key != signer or signer not in", "if signer not in", CHECKED),
    Mutant("headers", CHECKING, "if header.recipient_key not in expected.own_keys:", "if False:", CHECKED),
    Mutant(
        "headers",
        OPENING,
        "if objection is not None and objection in _CAUSES:",
        "if False:",
        f"{REFUSED}what_the_partner_signed_for_somebody_else_is_refused",
    ),
    Mutant(
        "trust",
        TAKING_IN,
        "case _ if not channel.confirmed:",
        "case _ if False:",
        f"{TWO}what_comes_before_our_person_compared_the_code_is_used_as_soon_as_she_did",
    ),
    Mutant(
        "trust",
        SEALING,
        "and agreed and is_trusted(channel) and",
        "and agreed and",
        f"{SEALED}nothing_is_sealed_before_our_person_compared_the_code",
    ),
    Mutant(
        "leaving",
        SEALING,
        "(allowed(content, exchange, channel.role) for content in merged)",
        "iter(merged)",
        f"{SEALED}what_is_no_longer_agreed_cannot_leave_though_the_half_would_still_send_it",
    ),
    Mutant(
        "leaving",
        SEALING,
        "(still_sent(content, half) for content in agreed if content is not None)",
        "agreed",
        f"{SEALED}a_field_that_was_removed_cannot_leave_though_it_was_told_before",
    ),
    Mutant(
        "leaving",
        PERMITTING,
        "_is_sent(fields.get(one.alias), one.element)",
        "one.alias in fields",
        f"{PERMITTED}an_element_that_the_table_no_longer_names_does_not_leave",
    ),
    Mutant(
        "leaving",
        PERMITTING,
        "changes.comments if half.comments.sends else ()",
        "changes.comments",
        f"{PERMITTED}comments_and_attachments_leave_only_while_they_are_sent",
    ),
    Mutant(
        "leaving",
        PERMITTING,
        "changes.files if half.files.sends else ()",
        "changes.files",
        f"{PERMITTED}comments_and_attachments_leave_only_while_they_are_sent",
    ),
    Mutant(
        "leaving",
        EFFECTS,
        "if not half.files.sends or agreed is None or",
        "if agreed is None or",
        f"{STAYING}no_byte_of_an_attachment_is_sealed_once_attachments_are_not_sent_any_more",
    ),
    Mutant(
        "arriving",
        EFFECTS,
        "[one for message in messages if (one := _allowed(message, exchange, partner)) is not None]",
        "list(messages)",
        f"{TWO}what_the_partner_says_beyond_what_is_agreed_is_not_heard",
    ),
    Mutant(
        "arriving",
        PUBLICATION,
        "return ways.to_slave if sender is Role.FIRST else ways.to_master",
        "return ways.to_slave or ways.to_master",
        "tests/unit/core/test_publication.py::test_only_what_is_agreed_for_a_direction_may_be_said_in_it",
    ),
    Mutant(
        "arriving",
        ARRIVING,
        "    await count_arriving(uow, half, sum(_removals(half, one) for one in told), now)\n",
        "",
        f"{APART}too_many_removals_of_the_partner_are_not_applied",
    ),
    Mutant(
        "arriving",
        ARRIVING,
        "return removals_in(values) + left_out",
        "return removals_in(values)",
        f"{APART}elements_that_a_resync_of_the_partner_leaves_out_are_removals_too",
    ),
    Mutant(
        "arriving",
        APPLY,
        "if await arriving_held(uow, task.half):",
        "if False:",
        f"{APART}too_many_removals_of_the_partner_are_not_applied",
    ),
)
