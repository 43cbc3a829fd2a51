"""One of two companies restores a backup, at any moment: nothing is created twice, and both come back into step.

What was edited since the backup may lose against what the other side knows, and is kept then; hence the last edit is not
asked for here. The copy of an attachment that was made and removed since the backup may be left, and the mirror of such
a comment: who restored it knows nothing of them, and removes nothing that it does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backbone.adapters.memory.tables import Tables
from backbone.core.model.keys import CommentId, ConnectionName, FileId, IssueId
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import A, B
from tests.fakes.world import drive
from tests.properties.test_two_companies import TwoCompanies


class RestoredCompany(TwoCompanies):
    """Two companies, one of which goes back to an earlier memory; its Jira does not."""

    def __init__(self) -> None:
        super().__init__()
        self.backup: tuple[ConnectionName, Tables] | None = None
        self.restored = False
        self.known_files: frozenset[FileId] = frozenset()
        self.known_comments: frozenset[CommentId] = frozenset()
        self.forgotten_comments: frozenset[CommentId] = frozenset()

    @precondition(lambda self: self.backup is None)
    @rule(side=st.sampled_from([A, B]))
    def back_up(self, side: ConnectionName) -> None:
        self.backup = side, self.companies[side].backup()
        self.removed_files.clear()
        self.removed_comments.clear()
        issues = self._issues()
        self.known_files = frozenset(file for issue in issues for file in issue.files)
        self.known_comments = frozenset(comment for issue in issues for comment in issue.comments)

    def _issues(self) -> list[FakeIssue]:
        return [issue for jira in self.jiras.values() for issue in jira.issues.values()]

    @precondition(lambda self: self.backup is not None and not self.restored)
    @rule(noticed=st.booleans())
    def restore(self, noticed: bool) -> None:
        """By our command, which is noticed at once, or by copying files back, which shows on the wire only."""
        assert self.backup is not None
        side, tables = self.backup
        self.restored = True
        made = frozenset(comment for issue in self._issues() for comment in issue.comments) | {*self.removed_comments}
        self.forgotten_comments = made - self.known_comments
        drive(self.companies[side].restore(tables, "another life" if noticed else None))

    def left_copies(self) -> Mapping[IssueId, int]:
        if not self.restored:
            return {}
        return Counter(issue for issue, file in self.removed_files if file not in self.known_files)

    def left_mirrors(self) -> AbstractSet[CommentId]:
        return self.forgotten_comments & frozenset(self.removed_comments)

    def agree(self, pairs: Sequence[tuple[FakeIssue, FakeIssue]]) -> None:
        if self.restored:
            self.edits.clear()
        super().agree(pairs)

    def settled(self) -> None:
        """What nobody noticed shows within a day."""
        super().settled()
        if self.restored:
            self.two.wait(24 * 3600)
            super().settled()


TestRestoredCompany = RestoredCompany.TestCase
TestRestoredCompany.settings = settings(max_examples=max(5, settings().max_examples // 5))  # days pass in each of them
