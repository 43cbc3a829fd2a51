"""Fragments of the change log can be gathered when a release is made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from scripts.gather_changelog import KINDS, Fragment, FragmentError, gather, insert, read_fragments
from tests.architecture.sources import ROOT

EMPTY = "# Changelog\n\nWhat changed.\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-02\n\n- First.\n"
DAY = dt.date(2026, 2, 3)


def test_the_fragments_present_are_all_readable() -> None:
    fragments = read_fragments(ROOT / "changelog.d")

    assert all(fragment.text for fragment in fragments)


def test_the_change_log_has_the_place_where_fragments_go() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "- A thing." in insert(text, gather([Fragment(kind="added", text="A thing.")]), "9.9.9", DAY)


def test_a_release_puts_breaking_changes_first_and_keeps_older_ones() -> None:
    body = gather([Fragment(kind="fixed", text="Mended."), Fragment(kind="breaking", text="Gone.\nDo this.")])

    released = insert(EMPTY, body, "0.2.0", DAY)

    assert released.index("Gone.\n  Do this.") < released.index("Mended.") < released.index("## [0.1.0]")
    assert "## [0.2.0] - 2026-02-03" in released


@pytest.mark.parametrize("name", ["thing.md", "thing.novelty.md", "thing.added.txt"])
def test_a_fragment_with_another_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("A thing.\n", encoding="utf-8")

    with pytest.raises(FragmentError, match=name):
        read_fragments(tmp_path)


def test_an_empty_fragment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thing.added.md").write_text("\n", encoding="utf-8")

    with pytest.raises(FragmentError, match="empty"):
        read_fragments(tmp_path)


def test_every_kind_is_explained_to_contributors() -> None:
    explained = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert [kind for kind in KINDS if f"`{kind}`" not in explained] == []
