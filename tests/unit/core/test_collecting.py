"""The partner's direction: what is new, what may be used, what is acknowledged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.changes import Changes, IssueChanged
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import FileId, IssueId, IssueKey, IssueRef, Millis, PairUid, Revision
from backbone.core.protocol.chain import digest_of, head
from backbone.core.protocol.channel import Agreement, Incoming, Publication
from backbone.core.protocol.collecting import (
    ACKNOWLEDGE_AFTER,
    AHEAD,
    MOST_AWAITING,
    MOST_GAPS,
    OCTETS_AWAITING,
    PAUSE,
    Verdict,
    acknowledged,
    acknowledgement,
    acknowledgement_due,
    exchange_named,
    has_room,
    judge,
    newest_revision,
    next_release,
    released,
    took,
)
from backbone.core.protocol.parcels import Digest, Goodbye, Messages, Numbered, PairMessage, Piece
from backbone.core.protocol.wire_checks import check_acknowledgement
from tests.fakes.parcels import EPOCH, header

NOW = Millis(1_000_000)
KNOWN = (Digest(""),)
UNAGREED = Agreement()
P, Q = PairUid("p"), PairUid("q")


def digest(number: int) -> Digest:
    return digest_of(str(number).encode())


def of(**after: int) -> Messages:
    """Messages of pairs, each with the number of the parcel before."""
    issue = IssueRef(id=IssueId("1"), key=IssueKey("PA-1"))
    return Messages(
        messages=tuple(
            PairMessage(pair=PairUid(pair), after=number, contents=(IssueChanged(issue=issue, changes=Changes()),))
            for pair, number in after.items()
        )
    )


PIECE = Piece(file=FileId("1"), digest=Digest("a" * 64), offset=0, total=1, data=b"x")


def with_parcels(bodies: dict[int, Numbered], state: Incoming | None = None) -> Incoming:
    state = state or Incoming(epoch=EPOCH)
    for number, body in bodies.items():
        state = took(state, header(number), digest(number), body, NOW)
    return state


def use_all(state: Incoming) -> tuple[list[tuple[int, set[str] | None]], Incoming]:
    found: list[tuple[int, set[str] | None]] = []
    while (release := next_release(state, KNOWN)) is not None:
        found.append((release.number, None if release.pairs is None else set(release.pairs)))
        state = released(state, release)
    return found, state


def test_a_parcel_is_new_once() -> None:
    state = with_parcels({1: of(p=0), 3: of(p=1)})
    assert judge(state, 2, digest(2), None) is Verdict.NEW
    assert judge(state, 1, digest(1), digest(1)) is Verdict.REPEAT
    assert judge(state, 3, digest(3), digest(3)) is Verdict.REPEAT
    assert judge(state, 3, digest(9), digest(3)) is Verdict.CONFLICT
    assert judge(state, 1, digest(1), None) is Verdict.CONFLICT
    assert judge(state, AHEAD + 2, digest(2), None) is Verdict.TOO_FAR


def test_the_chain_grows_as_gaps_are_filled_whatever_the_order() -> None:
    wanted = head(head(head(Digest(""), header(1), digest(1)), header(2), digest(2)), header(3), digest(3))
    for order in ([1, 2, 3], [3, 2, 1], [2, 3, 1]):
        state = with_parcels(dict.fromkeys(order, PIECE))
        assert (state.contiguous, state.head, state.beyond) == (3, wanted, ())


def test_a_gap_holds_only_the_pairs_that_it_concerns() -> None:
    found, state = use_all(with_parcels({1: of(p=0, q=0), 3: of(p=1, q=2)}))
    assert found == [(1, {"p", "q"}), (3, {"p"})]
    found, state = use_all(with_parcels({4: of(q=3, p=3)}, state))
    assert found == [(4, {"p"})], "q waits for its message before, which waits itself"
    found, state = use_all(with_parcels({2: of(q=1)}, state))
    assert found == [(2, {"q"}), (3, {"q"}), (4, {"q"})]
    assert state.waiting == ()


def test_what_is_no_message_waits_for_all_parcels_before_and_pieces_for_nothing() -> None:
    found, state = use_all(with_parcels({2: Goodbye(), 3: PIECE, 4: Goodbye()}))
    assert found == [(3, None)]
    found, _ = use_all(with_parcels({1: of(p=0)}, state))
    assert found == [(1, {"p"}), (2, None), (4, None)]


def test_what_failed_is_passed_over_with_what_has_to_follow_it() -> None:
    state = with_parcels({1: Goodbye(), 2: Goodbye(), 3: of(p=0)})
    release = next_release(state, KNOWN, [1])
    assert release is not None
    assert release.number == 3


def test_messages_of_an_unknown_configuration_wait() -> None:
    state = with_parcels({1: of(p=0)})
    assert next_release(state, [Digest("other")]) is None
    assert next_release(state, KNOWN) is not None


def awaiting(parcels: int, octets: int = 1) -> Incoming:
    state = Incoming()
    for number in range(1, parcels + 1):
        state = took(state, header(number), digest(number), of(p=number - 1), NOW, octets=octets)
    return state


def test_parcels_of_an_unknown_configuration_are_kept_up_to_a_number_and_up_to_a_size() -> None:
    def fits(state: Incoming, body: Numbered, agreement: Agreement = UNAGREED) -> bool:
        return has_room(state, agreement, header(150), body)

    known = Agreement(agreed=Publication(revision=Revision(1), digest=Digest(""), exchange=Exchange()))
    assert fits(awaiting(MOST_AWAITING - 1), of(p=0))
    assert not fits(awaiting(MOST_AWAITING), of(p=0))
    assert not fits(awaiting(2, OCTETS_AWAITING // 2), of(p=0))
    assert fits(awaiting(MOST_AWAITING), of(p=0), known)
    assert fits(awaiting(MOST_AWAITING), Goodbye())


def test_what_an_answer_waits_for_is_kept_besides() -> None:
    answer = with_parcels({151: Goodbye()}, awaiting(MOST_AWAITING))
    assert has_room(answer, UNAGREED, header(150), of(p=0))
    assert not has_room(answer, UNAGREED, header(152), of(p=0))
    assert not has_room(with_parcels({200: Goodbye()}, awaiting(199, 10**6)), UNAGREED, header(199), of(p=0))


def test_what_was_said_under_a_configuration_that_nobody_knows_any_more_is_read_by_a_newer_one() -> None:
    told = replace(header(1), revision=Revision(2), exchange=Digest("ab" * 32))
    state = took(Incoming(), told, digest(1), of(p=0), NOW)
    newer = Publication(revision=Revision(3), digest=Digest("cd" * 32), exchange=Exchange(largest=7), message="")
    assert next_release(state, [newer.digest], newest=Revision(1)) is None
    assert next_release(state, [newer.digest], newest=newest_revision(Agreement(agreed=newer))) is not None
    assert exchange_named(Agreement(agreed=newer), told) == newer.exchange
    with pytest.raises(KeyError):
        exchange_named(Agreement(agreed=replace(newer, revision=Revision(1))), told)


def test_an_acknowledgement_says_what_came_and_fits_the_wire() -> None:
    state = with_parcels(dict.fromkeys((1, 2, 5, 6, 9), PIECE))
    told = acknowledgement(state, NOW)
    assert told is not None
    assert (told.contiguous, told.gaps, told.highest) == (2, ((3, 4), (7, 8)), 9)
    check_acknowledgement(told)
    nothing = acknowledgement(Incoming(epoch=EPOCH), NOW)
    assert nothing is not None
    check_acknowledgement(nothing)
    assert acknowledgement(Incoming(), NOW) is None


def test_too_many_gaps_are_told_of_one_by_one() -> None:
    state = with_parcels(dict.fromkeys(range(2, 2 * MOST_GAPS + 3, 2), PIECE), Incoming(epoch=EPOCH))
    told = acknowledgement(state, NOW)
    assert told is not None
    assert len(told.gaps) == MOST_GAPS
    check_acknowledgement(told)


def test_one_acknowledgement_answers_all_that_comes_within_a_moment() -> None:
    state = with_parcels({1: PIECE, 2: PIECE})
    assert not acknowledgement_due(state, NOW)
    at = Millis(NOW + ACKNOWLEDGE_AFTER)
    assert acknowledgement_due(state, at)
    state = acknowledged(state, at)
    assert not acknowledgement_due(state, Millis(at + PAUSE))
    state = with_parcels({3: PIECE}, state)
    assert not acknowledgement_due(state, Millis(at + PAUSE - 1))
    assert acknowledgement_due(state, Millis(at + PAUSE))
