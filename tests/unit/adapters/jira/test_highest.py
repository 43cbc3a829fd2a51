"""The greatest key is asked for only when nothing that passed us tells it."""

from __future__ import annotations

from backbone.adapters.jira.highest import HighestKeys
from backbone.core.model.keys import IssueKey, ProjectId

PROJECT = ProjectId("10000")


class Asked:
    """A Jira whose greatest key is given."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        self.calls = 0

    async def __call__(self, project: ProjectId) -> IssueKey | None:
        assert project == PROJECT
        self.calls += 1
        return None if self.key is None else IssueKey(self.key)


async def test_a_lower_key_does_not_replace_a_higher_one() -> None:
    asked = Asked("PA-3")
    keys = HighestKeys(asked, now=lambda: 0.0)
    for key in ("PA-7", "PA-9", "PA-8"):
        keys.saw(PROJECT, IssueKey(key))
    assert await keys.of(PROJECT) == "PA-9"
    assert asked.calls == 0


async def test_it_is_asked_again_after_a_while_without_any_issue() -> None:
    asked, clock = Asked("PA-70"), [0.0]
    keys = HighestKeys(asked, now=lambda: clock[0])
    keys.saw(PROJECT, IssueKey("PA-9"))
    clock[0] = 1_000.0
    assert await keys.of(PROJECT) == "PA-70"
    assert await keys.of(PROJECT) == "PA-70"
    assert asked.calls == 1


async def test_a_renamed_project_counts_anew() -> None:
    keys = HighestKeys(Asked(None), now=lambda: 0.0)
    keys.saw(PROJECT, IssueKey("OLD-90"))
    keys.saw(PROJECT, IssueKey("NEW-12"))
    assert await keys.of(PROJECT) == "NEW-12"


async def test_a_project_without_issues_has_none() -> None:
    asked = Asked(None)
    keys = HighestKeys(asked, now=lambda: 0.0)
    assert await keys.of(PROJECT) is None
    assert await keys.of(PROJECT) is None
    assert asked.calls == 2
