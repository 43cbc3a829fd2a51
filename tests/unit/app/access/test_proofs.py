"""Tokens and sessions are random, recognized by a hash only, and forms are bound to their session."""

from __future__ import annotations

from backbone.app.access.proofs import (
    csrf_fits,
    csrf_token,
    digest,
    fits,
    new_session_id,
    new_token,
    prefix_of,
)


def test_a_token_is_found_by_its_prefix_and_known_by_the_whole() -> None:
    made = new_token()

    assert prefix_of(made.whole) == made.prefix
    assert fits(made.whole, digest(made.whole))
    assert not fits(made.whole[:-1] + ("A" if made.whole[-1] != "A" else "B"), digest(made.whole))


def test_a_token_has_256_random_bits_and_never_comes_twice() -> None:
    made = [new_token() for _ in range(50)]

    assert {len(one.whole.removeprefix(f"backbone_{one.prefix}_")) for one in made} == {43}
    assert len({one.whole for one in made}) == len({one.prefix for one in made}) == 50


def test_what_is_no_token_has_no_prefix() -> None:
    whole = new_token().whole
    strangers = ["", "backbone_", whole[:-1], whole + "x", whole.replace("backbone_", "other_"), "backbone_" + "x" * 56]

    assert [one for one in strangers if prefix_of(one) is not None] == []


def test_a_form_of_another_session_does_not_fit() -> None:
    mine, others = new_session_id(), new_session_id()

    assert csrf_fits(mine, csrf_token(mine))
    assert not csrf_fits(mine, csrf_token(others))
    assert not csrf_fits(mine, "")
    assert not csrf_fits(mine, "\udc80")


def test_secrets_show_in_no_text_form() -> None:
    made = new_token()

    assert made.whole not in repr(made)
