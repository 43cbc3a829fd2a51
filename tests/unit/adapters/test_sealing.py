"""Sealed secrets open with their key at their place only, and a lost key is told and never replaced in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backbone.adapters.sealing import FileKeys, GivenKeys, KeySealer, new_key_text
from backbone.ports.sealing import SealBroken

SECRET = "northwind-token"


def test_a_secret_comes_back_at_its_place_and_nowhere_else() -> None:
    sealer = KeySealer(GivenKeys(new_key_text()))
    sealed = sealer.seal(SECRET, "secret/1/password")

    assert sealer.unseal(sealed, "secret/1/password") == SECRET
    with pytest.raises(SealBroken, match="belongs elsewhere"):
        sealer.unseal(sealed, "secret/2/password")


def test_the_same_secret_never_looks_the_same() -> None:
    sealer = KeySealer(GivenKeys(new_key_text()))

    assert len({sealer.seal(SECRET, "here") for _ in range(20)}) == 20


def test_a_changed_text_does_not_open() -> None:
    sealer = KeySealer(GivenKeys(new_key_text()))
    sealed = sealer.seal(SECRET, "here")
    version, key, text = sealed.split(".")
    other = "A" if text[20] != "A" else "B"
    changed = [f"{version}.{key}.{text[:20]}{other}{text[21:]}", f"{version}.{key}.", f"2.{key}.{text}", "", "x"]

    for one in changed:
        with pytest.raises(SealBroken):
            sealer.unseal(one, "here")


def test_another_key_is_told_as_missing() -> None:
    sealed = KeySealer(GivenKeys(new_key_text())).seal(SECRET, "here")
    other = KeySealer(GivenKeys(new_key_text()))

    assert not other.opens(sealed)
    with pytest.raises(SealBroken, match="key that a secret was sealed with is missing"):
        other.unseal(sealed, "here")


def test_while_keys_are_exchanged_both_open_and_the_new_one_seals() -> None:
    old, new = new_key_text(), new_key_text()
    sealed = KeySealer(GivenKeys(old)).seal(SECRET, "here")
    both = KeySealer(GivenKeys(f"{new}, {old}"))

    assert both.unseal(sealed, "here") == SECRET
    assert not both.newest(sealed)
    assert both.newest(both.seal(SECRET, "here"))


@pytest.mark.parametrize("text", ["", "  ", "short", "x" * 43 + "!", "x" * 47])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        KeySealer(GivenKeys(text)).seal(SECRET, "here")


def test_the_file_is_made_when_it_is_needed_and_only_we_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret-key"
    sealer = KeySealer(FileKeys(path))
    assert not path.exists()

    sealed = sealer.seal(SECRET, "here")

    assert path.stat().st_mode & 0o777 == 0o600
    assert KeySealer(FileKeys(path)).unseal(sealed, "here") == SECRET
    assert list(path.parent.iterdir()) == [path]


def test_opening_makes_no_key(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    sealed = KeySealer(GivenKeys(new_key_text())).seal(SECRET, "here")

    with pytest.raises(SealBroken):
        KeySealer(FileKeys(path)).unseal(sealed, "here")
    assert not path.exists()


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    path.write_text(new_key_text())
    path.chmod(0o640)

    with pytest.raises(SealBroken, match="others may read"):
        KeySealer(FileKeys(path)).seal(SECRET, "here")


def test_a_second_renewal_goes_on_with_the_first(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "secret-key")
    first = keys.first().id
    keys.renew()
    keys.renew()
    assert [key.id for key in keys.all()][1:] == [first]

    keys.settle()
    assert [key.id for key in keys.all()] != [first]
    assert len(keys.all()) == 1


def test_a_key_shows_in_no_text_form() -> None:
    text = new_key_text()
    keys = GivenKeys(text)

    assert text not in repr(keys.all())
    assert text not in str(keys.all()[0])


def test_two_that_make_the_first_key_agree_on_one(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    path.write_text(kept := new_key_text() + "\n")
    os.chmod(path, 0o600)  # noqa: PTH101  as another process would
    FileKeys(path)._write("another\n", replacing=False)

    assert path.read_text() == kept
