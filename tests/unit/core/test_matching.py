"""Comments and attachments that both issues had before they were paired are known by their content."""

from __future__ import annotations

from backbone.core.mapping.discussion import diff_comments
from backbone.core.mapping.files import diff_files
from backbone.core.mapping.matching import match_comments, match_files
from backbone.core.model.configuration import CommentRules, FileRules
from backbone.core.model.keys import CommentId, FileId, Millis
from backbone.core.model.pair import comment_of_partner, file_of_partner
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, Marker


def comment(ident: str, body: str, *, at: int = 0, own: bool = False, mirrors: str | None = None) -> CommentSnapshot:
    marker = Marker(installation="i", incarnation="n", synchronization="s", partner=mirrors or "", attempt="a")
    return CommentSnapshot(
        id=CommentId(ident),
        body=body,
        author=None,
        created=Millis(at),
        updated=Millis(at),
        restricted=False,
        own=own,
        marker=marker if mirrors else None,
    )


def file(ident: str, name: str, size: int, *, at: int = 0, own: bool = False) -> FileSnapshot:
    return FileSnapshot(
        id=FileId(ident), name=name, size=size, mime="text/plain", author=None, created=Millis(at), own=own
    )


def test_a_quoted_comment_is_the_mirror_of_the_quoted_one() -> None:
    original = comment("1", "It leaks.\nAt the seal.", at=5)
    mirror = comment("7", "Ann wrote on 2026-11-20:\nIt leaks.\n\nAt the  seal.", at=9)
    matched = match_comments([original], [mirror])
    assert matched.first[CommentId("1")].ours
    link = matched.second[comment_of_partner(CommentId("1"))]
    assert (link.ours, link.mirror) == (False, CommentId("7"))


def test_the_mirror_may_be_on_either_side() -> None:
    matched = match_comments([comment("7", "Ben:\nyes", at=1)], [comment("1", "yes", at=9)])
    assert matched.second[CommentId("1")].ours
    assert matched.first[comment_of_partner(CommentId("1"))].mirror == "7"


def test_of_equal_texts_our_own_is_the_mirror_and_else_the_later_one() -> None:
    ours = match_comments([comment("1", "yes", at=1, own=True)], [comment("2", "yes", at=9)])
    assert ours.second[CommentId("2")].ours
    later = match_comments([comment("1", "yes", at=1)], [comment("2", "yes", at=9)])
    assert later.first[CommentId("1")].ours


def test_a_mark_counts_more_than_the_text() -> None:
    mirror = comment("7", "edited since", own=True, mirrors="1")
    matched = match_comments([comment("1", "yes"), comment("2", "edited since")], [mirror])
    assert set(matched.first) == {CommentId("1")}


def test_each_comment_is_used_once_in_the_order_of_creation() -> None:
    matched = match_comments([comment("1", "+1", at=1), comment("2", "+1", at=2)], [comment("8", "+1", at=5)])
    assert set(matched.first) == {CommentId("1")}
    assert len(matched.second) == 1


def test_a_text_that_only_ends_alike_is_another_one() -> None:
    assert not match_comments([comment("1", "ok")], [comment("2", "This is not ok")]).first
    assert not match_comments([comment("1", "  ")], [comment("2", "\n")]).first


def test_matched_comments_are_not_told_and_an_edit_of_the_original_is() -> None:
    original, mirror = comment("1", "yes", at=5), comment("7", "Ann:\nyes", at=9)
    matched = match_comments([original], [mirror])
    rules = CommentRules(sends=True, receives=True)
    for comments, links in (((original,), matched.first), ((mirror,), matched.second)):
        told = diff_comments(rules, comments, links)
        assert not getattr(told, "changes", None)
    edited = comment("1", "no", at=6)
    told = diff_comments(rules, (edited,), matched.first)
    assert [one.original for one in getattr(told, "changes", ())] == ["1"]


def test_attachments_of_equal_name_and_size_are_the_same_and_not_told() -> None:
    here, there = file("1", "a.log", 7, at=1), file("9", "a.log", 7, at=5)
    matched = match_files([here, file("2", "b.log", 7)], [there, file("8", "b.log", 8)])
    assert set(matched.first) == {FileId("1")}
    assert matched.second[file_of_partner(FileId("1"))].mirror == "9"
    rules = FileRules(sends=True, receives=True)
    assert not diff_files(rules, (here,), matched.first).changes
    assert not diff_files(rules, (there,), matched.second).changes
