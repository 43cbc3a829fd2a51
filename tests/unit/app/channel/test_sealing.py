"""What is told leaves as little as possible, as late as possible, and only as the configuration has it by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backbone.core.model.changes import Changes, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import SUMMARY, CommentId, PairUid, Revision
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Agreement, Channel, Publication
from backbone.core.protocol.delivering import WINDOW
from backbone.core.protocol.parcels import Digest
from backbone.core.protocol.wire_changes import MOST_ELEMENTS
from backbone.core.protocol.wire_values import LONGEST_TEXT
from tests.fakes.halves import only
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

DAY = 24 * 3600
PAIRS = [PairUid(f"p{number}") for number in range(500)]


async def acquainted() -> TwoInstallations:
    two = counting()
    await two.exchange(3, seconds=1200)
    await two.exchange(3, seconds=10)
    return two


async def test_what_is_edited_while_the_partner_is_away_is_said_once_and_in_few_mails() -> None:
    two = await acquainted()
    for _ in range(30):  # nobody answers any more, which our heartbeats find out
        await two.first.step()
        two.wait(1800)
    mails = len(two.wire.to_second.sent)

    for edit in range(20):
        await tell(two.first, {pair: edit * 1000 + place for place, pair in enumerate(PAIRS)}, comments=False)
        for _ in range(5):
            await two.first.step()
            two.wait(600)
    assert two.first.parcels == 0
    for _ in range(10):
        await two.exchange(seconds=30)

    messages = used(two.second)
    assert sum(len(one) for one in messages.values()) == 500
    assert {pair: one[-1][0] for pair, one in messages.items()} == {
        pair: str(19_000 + place) for place, pair in enumerate(PAIRS)
    }
    assert len(two.wire.to_second.sent) - mails <= 60
    assert two.idle()


async def test_a_first_parcel_that_nobody_answers_holds_back_all_others() -> None:
    two = await acquainted()
    two.wire.to_second.down = "away"
    for edit in range(20):
        await tell(two.first, {pair: edit * 1000 + place for place, pair in enumerate(PAIRS[:5])}, comments=False)
        await two.first.step()
        two.wait(600)
    assert two.first.parcels == 1, "after the first failure nothing more is sealed"
    assert Code.CHANNEL_DOWN in two.first.problems

    two.wire.to_second.down = ""
    await two.exchange(20, seconds=200)
    assert [len(one) for one in used(two.second).values()] == [2] * 5
    assert two.idle()
    assert two.first.problems == []


async def test_a_field_that_was_removed_cannot_leave_though_it_was_told_before() -> None:
    two = await acquainted()
    await tell(two.first, {PAIRS[0]: 1})
    await two.first.configure(only(replace(two.first.half, revision=Revision(2)), [SUMMARY]))
    await tell(two.first, {PAIRS[1]: 2})
    await two.first.configure(_without_summary(two.first.half))
    await two.exchange(5)

    assert sorted(one[0] for one in used(two.second).values()) == [("", [1]), ("", [2])]


async def test_what_is_no_longer_agreed_cannot_leave_though_the_half_would_still_send_it() -> None:
    two = await acquainted()

    def narrower(channel: Channel) -> Channel:
        agreed = channel.agreement.agreed
        assert agreed is not None
        fewer = replace(agreed, exchange=replace(agreed.exchange, fields=()))
        return replace(channel, agreement=Agreement(agreed=fewer))

    await tell(two.first, {PAIRS[0]: 1})
    await two.first.change(narrower)
    await two.exchange(5)

    assert used(two.second) == {PAIRS[0]: [("", [1])]}


async def test_nothing_is_sealed_before_our_person_compared_the_code() -> None:
    two = await acquainted()
    await two.first.change(lambda channel: replace(channel, confirmed=False))
    before = len(two.wire.to_second.sent)
    await tell(two.first, {PAIRS[0]: 1})
    await two.exchange(5)

    assert (two.first.parcels, len(two.wire.to_second.sent)) == (0, before)


def _without_summary(half: HalfConfiguration) -> HalfConfiguration:
    return replace(half, revision=Revision(half.revision + 1), fields=())


async def test_messages_of_an_unknown_configuration_wait_until_it_is_known() -> None:
    two = await acquainted()
    agreed = two.first.channel.agreement.agreed
    assert agreed is not None
    newer = Publication(revision=Revision(2), digest=Digest("ab" * 32), exchange=agreed.exchange, message="")

    def agree(channel: Channel) -> Channel:
        return replace(channel, agreement=Agreement(agreed=newer, former=(agreed,)))

    await two.first.change(agree)
    await tell(two.first, {PAIRS[0]: 1})
    await two.exchange(5)
    assert used(two.second) == {}
    assert two.first.channel.outgoing.acknowledged == 1
    await two.second.change(agree)
    await two.exchange(1)
    assert list(used(two.second)) == [PAIRS[0]]


async def test_a_stopped_side_collects_and_acknowledges_and_tells_nothing_new() -> None:
    two = await acquainted()
    await two.second.configure(two.second.half, running=False)
    await tell(two.first, {PAIRS[0]: 1})
    await tell(two.second, {PAIRS[1]: 2})
    await two.exchange(6)

    assert two.first.channel.outgoing.acknowledged == 1
    assert two.second.waiting == 1
    assert two.second.parcels == 0


async def test_what_is_too_large_for_one_parcel_is_divided_and_stays_in_order() -> None:
    two = await acquainted()
    await two.first.change(lambda channel: replace(channel, largest=12_000))
    for number in range(40):
        await tell(two.first, {PAIRS[0]: number * 1000, **dict.fromkeys(PAIRS[1:200], number * 1000 + 1)})
    await two.exchange(10)

    assert two.first.parcels > 3
    assert [one for _, said in used(two.second)[PAIRS[0]] for one in said] == [number * 1000 for number in range(40)]
    assert max(len(parcel) for parcel in two.wire.to_second.sent) <= 12_000


async def test_no_more_parcels_are_under_way_than_may_be_however_much_is_told_at_once() -> None:
    two = await acquainted()
    await two.first.change(lambda channel: replace(channel, largest=6_000, heard=two.system.now()))
    for number in range(20):
        await tell(two.first, {pair: number * 1000 + place for place, pair in enumerate(PAIRS)})
    await two.first.step()

    assert two.first.parcels == WINDOW
    for _ in range(9):
        await two.exchange(seconds=10)
    told = used(two.second)
    for place, pair in enumerate(PAIRS):
        assert [one for _, said in told[pair] for one in said] == [number * 1000 + place for number in range(20)]
    assert two.idle()


async def told_otherwise(two: TwoInstallations, change: Callable[[Changes], Changes]) -> None:
    """Two pairs are told of, the first of them with other changes as well."""
    await tell(two.first, {PAIRS[0]: 1, PAIRS[1]: 2})
    async with two.first.world.store.unit() as uow:
        (row,) = (await uow.outbox.of_pairs(two.first.half.synchronization, [PAIRS[0]]))[PAIRS[0]]
        assert isinstance(row.content, IssueChanged)
        content = replace(row.content, changes=change(row.content.changes))
        await uow.outbox.put_all([replace(row, content=content)])
        await uow.commit()
    await two.exchange(3)
    assert used(two.second)[PAIRS[1]] == [("2", [2])]
    assert two.idle()


async def test_more_comments_than_a_parcel_may_tell_of_are_divided() -> None:
    two = await acquainted()
    most = MOST_ELEMENTS + 1

    def many(changes: Changes) -> Changes:
        (comment,) = changes.comments
        return replace(
            changes, comments=tuple(replace(comment, original=CommentId(str(ident))) for ident in range(most))
        )

    await told_otherwise(two, many)
    assert sum(len(said) for _, said in used(two.second)[PAIRS[0]]) == most
    assert two.first.problems == []


async def test_what_no_parcel_can_say_is_a_problem_of_its_issue_alone() -> None:
    two = await acquainted()

    def long(changes: Changes) -> Changes:
        (comment,) = changes.comments
        return replace(changes, comments=(replace(comment, version=2, body="x" * (LONGEST_TEXT + 1)),))

    await told_otherwise(two, long)
    assert used(two.second)[PAIRS[0]] == [("1", [])]
    assert two.first.problems == [Code.PARCEL_TOO_LARGE]
