"""Verdicts are known for a minute, for exactly these credentials, and credentials are not kept."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.access.remembering import KEPT, Remembered


@dataclass
class Clock:
    time: int = 1_000

    def __call__(self) -> int:
        return self.time


def test_a_verdict_is_forgotten_after_a_minute() -> None:
    clock = Clock()
    known = Remembered[str](clock)
    known.put("yes", "anna", "secret")

    clock.time += KEPT - 1
    assert known.get("anna", "secret") == "yes"
    clock.time += 1
    assert known.get("anna", "secret") is None


def test_other_credentials_are_not_known_even_if_their_letters_are_the_same() -> None:
    known = Remembered[str](Clock())
    known.put("yes", "anna", "secret")

    assert [
        known.get(*other) for other in (("anna", "Secret"), ("annas", "ecret"), ("annasecret",), ("secret", "anna"))
    ] == [None] * 4


def test_it_never_grows_beyond_a_thousand() -> None:
    known = Remembered[int](Clock())
    for number in range(1_500):
        known.put(number, "anna", str(number))

    assert known.get("anna", "499") is None
    assert known.get("anna", "500") == 500


def test_credentials_are_nowhere_in_it() -> None:
    known = Remembered[str](Clock())
    known.put("yes", "anna", "correct horse")

    assert "correct horse" not in repr(vars(known))
