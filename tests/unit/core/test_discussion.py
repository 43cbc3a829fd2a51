"""Comments and attachments: what is told of them, and what is done about what was told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.mapping.discussion import MarkersNeeded, Mirroring, diff_comments, mirror_comment, mirrored
from backbone.core.mapping.files import copied, diff_files, mirror_file
from backbone.core.model.actions import RemoveFile
from backbone.core.model.changes import CommentChange, FileChange
from backbone.core.model.configuration import CommentRules, FileRules
from backbone.core.model.keys import CommentId, FileId, IssueId, Millis
from backbone.core.model.pair import file_of_partner
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, Marker, Person

MARKER = Marker(installation="i", incarnation="n", synchronization="s", partner="", attempt="t")
RULES = CommentRules(sends=True, receives=True, template="{body}")
CHANGE = CommentChange(original=CommentId("1"), version=5, author="Ann", created=Millis(0), body="hi")
FILE = FileChange(original=FileId("1"), present=True, name="a.txt", size=3, mime="")


def comment(ident: str, *, own: bool = False, known: bool = True) -> CommentSnapshot:
    return CommentSnapshot(
        id=CommentId(ident),
        body="hi",
        author=None,
        created=Millis(0),
        updated=Millis(1),
        restricted=False,
        own=own,
        marker_known=known,
    )


def file(ident: str) -> FileSnapshot:
    return FileSnapshot(id=FileId(ident), name="a.txt", size=3, mime="", author=None, created=Millis(0), own=False)


def mirroring(*comments: CommentSnapshot) -> Mirroring:
    return Mirroring(rules=RULES, issue=IssueId("B1"), comments=comments, marker=MARKER)


def test_without_a_direction_nothing_is_told() -> None:
    comments, files = diff_comments(CommentRules(), (comment("1"),), {}), diff_files(FileRules(), (file("1"),), {})

    assert not isinstance(comments, MarkersNeeded)
    assert (comments.changes, files.changes) == ((), ())


def test_comments_of_our_own_account_need_their_markers() -> None:
    assert isinstance(diff_comments(RULES, (comment("1", own=True, known=False),), {}), MarkersNeeded)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (RULES, "Anna Arendt"),
        (replace(RULES, anonymous="Somebody"), "Somebody"),
        (replace(RULES, anonymous="Somebody", authors={"Anna Arendt": "A."}), "A."),
        (replace(RULES, anonymous="Somebody", authors={"anna": "support"}), "support"),
        (replace(RULES, authors={"Ben Bauer": "B."}), "Anna Arendt"),
    ],
)
def test_an_author_is_called_as_the_rules_say(rules: CommentRules, told: str) -> None:
    written = replace(comment("1"), author=Person(id="anna", name="Anna Arendt"))

    found = diff_comments(rules, (written,), {})

    assert not isinstance(found, MarkersNeeded)
    assert [one.author for one in found.changes] == [told]


def test_a_comment_without_an_author_is_somebodys() -> None:
    told = diff_comments(RULES, (comment("1"),), {})

    assert not isinstance(told, MarkersNeeded)
    assert [one.author for one in told.changes] == ["Somebody"]


def test_an_older_version_of_a_comment_changes_nothing() -> None:
    link = mirrored(CHANGE, CommentId("m"))

    assert mirror_comment(mirroring(), replace(CHANGE, version=4), link) == link


def test_a_mirror_that_is_gone_is_not_removed_again() -> None:
    gone = replace(CHANGE, version=6, body=None)

    assert mirror_comment(mirroring(), gone, mirrored(CHANGE, CommentId("m"))) == mirrored(gone, None)


def test_a_mirror_that_reads_so_already_is_left_alone() -> None:
    link = mirrored(CHANGE, CommentId("m"))
    mirror = replace(comment("m", own=True), body="hi")

    assert mirror_comment(mirroring(mirror), replace(CHANGE, version=6), link) == replace(link, version=6)


def test_a_big_attachment_stays_at_home() -> None:
    assert diff_files(FileRules(sends=True, largest=2), (file("1"),), {}).changes == ()


def test_an_attachment_that_was_copied_is_not_copied_again() -> None:
    link = copied(FILE, FileId("m"), None)

    assert mirror_file(IssueId("B1"), (), FILE, {file_of_partner(link.original): link}) == link


def test_a_copy_is_removed_when_it_is_there() -> None:
    link, gone = copied(FILE, FileId("m"), None), replace(FILE, present=False)

    assert isinstance(
        mirror_file(IssueId("B1"), (file("m"),), gone, {file_of_partner(link.original): link}), RemoveFile
    )
    assert mirror_file(IssueId("B1"), (), gone, {file_of_partner(link.original): link}) == copied(gone, None, None)
