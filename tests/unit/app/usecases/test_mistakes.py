"""A mistake is told as place, cause and cure, in whole sentences."""

from __future__ import annotations

from backbone.app.usecases.mistakes import Mistake


def test_place_cause_and_cure_make_sentences() -> None:
    assert str(Mistake("database", "can't be reached.", "check the address")) == (
        "database: can't be reached. Check the address."
    )
