"""What comes and can't be used is kept within limits, told once a cause, and never says what was in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from backbone.app.channel.packing import pack
from backbone.app.channel.saying import header_of
from backbone.core.model.keys import Millis, PairUid, Role
from backbone.core.model.problems import Code, Problem
from backbone.core.protocol.parcels import ChannelId, Goodbye, KeyFingerprint, Parcel
from backbone.core.protocol.sizing import SMALLEST
from backbone.ports.transport import Notice, NoticeKind
from tests.fakes.transport import Fault, Mailbox
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import KEYS, Installation, TwoInstallations

P, Q = PairUid("p"), PairUid("q")
HOUR = 3600


def told(side: Installation, code: Code) -> list[Problem]:
    return [one.problem for one in side.world.store.tables.problems.values() if one.problem.code is code]


def mailbox(two: TwoInstallations, role: Role) -> Mailbox:
    """That from which a side receives."""
    found = two.wire.towards(role)
    assert isinstance(found, Mailbox)
    return found


def tries_again(side: Installation) -> bool:
    return side.channel.retry is not None


async def acquainted() -> TwoInstallations:
    two = counting()
    await two.exchange(3)
    return two


async def test_rubbish_is_kept_within_limits_and_told_once_with_a_counter() -> None:
    two = await acquainted()
    for number in range(150):
        two.wire.to_second.put(f"rubbish {number} secret".encode())
    await two.exchange(5)

    tables = two.second.world.store.tables
    assert len(tables.refused) == 100
    (problem,) = told(two.second, Code.PARCEL_REFUSED)
    assert "secret" not in problem.cause
    assert [one.count for one in tables.problems.values()] == [150]
    await tell(two.first, {P: 1})
    await two.exchange(5)
    assert list(used(two.second)) == [P]


async def test_an_own_parcel_that_comes_back_is_refused() -> None:
    two = await acquainted()
    await tell(two.first, {P: 1})
    await two.exchange(2)
    for parcel in list(two.wire.to_second.sent):
        two.wire.to_first.put(parcel)
    await two.exchange(2)

    assert used(two.first) == {}
    assert told(two.first, Code.PARCEL_REFUSED) != []


@pytest.mark.parametrize(
    "other",
    [
        {"channel": ChannelId("another")},
        {"sender": Role.SECOND},
        {"sender_key": KeyFingerprint("C3" * 20)},
        {"recipient_key": KeyFingerprint("C3" * 20)},
    ],
    ids=str,
)
async def test_what_the_partner_signed_for_somebody_else_is_refused(other: Mapping[str, object]) -> None:
    two = await acquainted()
    header = replace(header_of(two.first.channel, 1), **other)  # type: ignore[arg-type] # of each type
    plaintext = pack(Parcel(header=header, body=Goodbye()))
    ours, theirs = KEYS[Role.FIRST].secret, KEYS[Role.SECOND].public.armored
    mailbox(two, Role.SECOND).put(await two.first.host.cipher.seal(plaintext, ours, theirs))
    await two.second.step()

    assert two.second.channel.incoming.highest == 0
    assert not two.second.channel.departed
    assert told(two.second, Code.PARCEL_REFUSED) != []


async def test_a_parcel_from_a_clock_that_is_ahead_is_used_when_its_time_has_come() -> None:
    two = await acquainted()
    two.first.ahead = 2 * HOUR * 1000
    await tell(two.first, {P: 1})
    await two.exchange(2)
    assert used(two.second) == {}
    assert tries_again(two.second)

    for _ in range(5):
        two.wait(HOUR // 2)
        await two.second.step()
    assert list(used(two.second)) == [P]
    assert two.second.world.store.tables.refused == {}


async def test_a_parcel_whose_signature_never_holds_is_tried_for_two_days() -> None:
    two = await acquainted()
    two.first.ahead = 100 * HOUR * 1000
    await tell(two.first, {P: 1})
    await two.first.step()
    two.wire.to_first.down = "away"
    await two.second.step()
    assert tries_again(two.second)
    for _ in range(50):
        two.wait(HOUR)
        await two.second.step()
    assert not tries_again(two.second)
    assert used(two.second) == {}


async def test_nothing_passes_unsigned_or_plain_on_an_encrypted_channel() -> None:
    two, plain = counting(), TwoInstallations(encrypted=False)
    await tell(plain.first, {P: 1})
    await plain.first.step()
    for parcel in plain.wire.to_second.sent:
        two.wire.to_second.put(parcel)
    await two.exchange(2)
    assert used(two.second) == {}
    assert told(two.second, Code.PARCEL_REFUSED) != []


async def test_a_channel_without_encryption_is_signed_and_works() -> None:
    two = counting(encrypted=False)
    await tell(two.first, {P: 1, Q: 2})
    await two.exchange(5)
    assert list(used(two.second)) == [P, Q]


async def test_a_mail_that_came_back_is_shown_and_not_acted_on() -> None:
    two = await acquainted()
    mailbox(two, Role.FIRST).notices.append(Notice(kind=NoticeKind.BOUNCE, words="550 5.1.1 user unknown"))
    await two.exchange(1)
    (problem,) = told(two.first, Code.MAIL_RETURNED)
    assert problem.cause.endswith("550 5.1.1 user unknown")
    await tell(two.first, {P: 1})
    await two.exchange(3)
    assert two.first.problems == []


async def test_what_is_not_ours_is_told_in_the_log_and_is_no_problem() -> None:
    two = await acquainted()
    words = "'readme.txt': not the name of a parcel"
    mailbox(two, Role.FIRST).notices.append(Notice(kind=NoticeKind.FOREIGN, words=words))
    with capture_logs() as logged:
        await two.exchange(1)
    assert words in [one.get("words") for one in logged]
    assert two.first.problems == []


async def test_parcels_that_never_arrive_are_told_and_so_is_a_silent_partner() -> None:
    two = await acquainted()
    await tell(two.first, {P: 1})
    two.wire.to_second.befall(*[Fault.LOSE] * 1000)
    for _ in range(200):
        await two.first.step()
        two.wait(HOUR)
    assert told(two.first, Code.PARCELS_UNANSWERED) != []
    assert told(two.first, Code.PARTNER_SILENT) != []

    two.wire.to_second.faults.clear()
    for _ in range(30):
        await two.exchange(seconds=HOUR)
    assert two.first.problems == []
    assert list(used(two.second)) == [P]


async def test_a_directory_that_is_another_one_holds_the_channel_and_tells() -> None:
    two = await acquainted()
    mailbox(two, Role.FIRST).ours = False
    await two.exchange(2)
    assert told(two.first, Code.CHANNEL_PLACE) != []
    mailbox(two, Role.FIRST).ours = True
    await two.exchange(5, seconds=60)
    assert told(two.first, Code.CHANNEL_PLACE) == []


async def test_a_parcel_that_is_refused_for_its_size_is_told_and_later_ones_are_smaller() -> None:
    two = await acquainted()
    largest = two.first.channel.largest
    mailbox(two, Role.SECOND).limit = 100
    await tell(two.first, {P: 1})
    await two.exchange(1)
    assert told(two.first, Code.PARCEL_TOO_LARGE) != []
    assert two.first.channel.largest == SMALLEST < largest
    mailbox(two, Role.SECOND).limit = None
    await two.exchange(14, seconds=60)
    assert told(two.first, Code.PARCEL_TOO_LARGE) == []
    assert list(used(two.second)) == [P]


async def test_a_parcel_that_is_too_large_holds_neither_answers_nor_what_fits() -> None:
    two = await acquainted()
    mailbox(two, Role.SECOND).limit = 1_000
    await tell(two.first, {PairUid(f"p{number}"): number for number in range(10)})
    await tell(two.second, {Q: 7})
    await two.exchange(5)
    assert told(two.first, Code.PARCEL_TOO_LARGE) != []
    assert list(used(two.first)) == [Q]
    assert two.second.channel.outgoing.under_way == ()
    assert two.second.problems == []
    await tell(two.first, {P: 1})
    before = len(two.wire.to_second.sent)
    await two.exchange(60, seconds=60)
    assert len(two.wire.to_second.sent) - before <= 8


async def test_one_parcel_that_is_refused_again_and_again_makes_later_ones_smaller_once() -> None:
    two = await acquainted()
    for number in range(1_500):
        await tell(two.first, {P: number})
    mailbox(two, Role.SECOND).limit = 40_000
    await two.exchange(2)
    largest = two.first.channel.largest
    await two.exchange(30, seconds=60)
    assert two.first.channel.largest == largest
    assert SMALLEST < largest < 2 * two.first.channel.outgoing.under_way[0].octets
    assert told(two.first, Code.PARCEL_TOO_LARGE) != []


async def test_old_contents_are_dropped_and_digests_stay() -> None:
    two = await acquainted()
    await tell(two.first, {P: 1})
    await two.exchange(5)
    two.wait(31 * 24 * HOUR)
    await two.exchange(2)
    ((sent, _),) = two.first.world.store.tables.sent.values()
    (received,) = two.second.world.store.tables.received.values()
    assert sent.plaintext == received.plaintext == b""
    assert sent.digest == received.digest != ""
    assert Millis(two.first.channel.tidied) > 0
