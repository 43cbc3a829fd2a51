"""What differs between Data Center and Cloud, as far as possible as data.

Sources: Atlassian's REST specifications (Data Center 10.3, Cloud v3) and measurements
published by client libraries; where those contradict each other the observed value stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flavour(StrEnum):
    """The two products that share the REST API."""

    DATA_CENTER = "data-center"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Numbers and shapes of one product in one version; ``None`` stands for "no limit"."""

    flavour: Flavour
    version: tuple[int, int, int]
    version_text: str
    build: int
    api_versions: tuple[str, ...]
    search_cap: int
    bulk_create_cap: int | None
    comments_an_issue: int | None = None
    attachments_an_issue: int | None = None
    comments_on_read: int | None
    comments_in_search: int | None
    comment_page: int | None
    worklogs_embedded: int = 20
    changelog_on_read: int | None
    changelog_in_search: int | None
    changelog_newest_first: bool
    whole_second_issues: bool
    changelog_field_ids: bool
    editable_normalizes_text: bool
    basic_login: bool
    old_createmeta: bool
    paged_createmeta: bool
    personal_tokens: bool

    @property
    def is_cloud(self) -> bool:
        """Whether this is Cloud."""
        return self.flavour is Flavour.CLOUD


def data_center(version: str = "10.3.17") -> Traits:
    """Jira Server or Data Center of a version such as ``8.20.30`` or ``11.0.1``."""
    numbers = [int(part) for part in version.split(".")]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return Traits(
        flavour=Flavour.DATA_CENTER,
        version=(major, minor, patch),
        version_text=version,
        build=major * 100_000 + minor * 1000 + patch,
        api_versions=("2", "latest"),
        search_cap=1000,
        bulk_create_cap=None,
        comments_on_read=None,
        comments_in_search=None,
        comment_page=None,
        changelog_on_read=None,
        changelog_in_search=None,
        changelog_newest_first=False,
        whole_second_issues=True,
        changelog_field_ids=False,
        editable_normalizes_text=False,
        basic_login=major < 11,
        old_createmeta=major < 9,
        paged_createmeta=(major, minor) >= (8, 4),
        personal_tokens=(major, minor) >= (8, 14),
    )


def cloud() -> Traits:
    """Jira Cloud of late 2026."""
    return Traits(
        flavour=Flavour.CLOUD,
        version=(1001, 0, 0),
        version_text="1001.0.0-SNAPSHOT",
        build=100_300,
        api_versions=("2", "3", "latest"),
        search_cap=5000,
        bulk_create_cap=50,
        comments_an_issue=5000,
        attachments_an_issue=2000,
        comments_on_read=100,
        comments_in_search=20,
        comment_page=100,
        changelog_on_read=100,
        changelog_in_search=40,
        changelog_newest_first=True,
        whole_second_issues=False,
        changelog_field_ids=True,
        editable_normalizes_text=True,
        basic_login=True,
        old_createmeta=True,
        paged_createmeta=True,
        personal_tokens=False,
    )
