"""A project that got another key: what its issues are called now. Jira keeps their numbers and their ids."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from backbone.core.model.keys import IssueKey, IssueRef, ProjectKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """How a project is called now, and how it was."""

    key: ProjectKey
    former: Collection[ProjectKey] = ()

    def now(self, issue: IssueRef | None) -> IssueRef | None:
        """The issue by its present key; one that was moved to another project is left as it is.

        >>> Called(key="PAA", former={"PA"}).now(IssueRef(id="1", key="PA-7")).key
        'PAA-7'
        """
        if issue is None:
            return None
        prefix, _, number = issue.key.rpartition("-")
        if prefix == self.key or prefix not in self.former:
            return issue
        return IssueRef(id=issue.id, key=IssueKey(f"{self.key}-{number}"))
