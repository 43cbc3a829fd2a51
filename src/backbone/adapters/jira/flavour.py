"""What differs between Data Center and Cloud, as data.

Sources: Atlassian's specifications of both REST interfaces, version 2; page sizes as measured by client libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

API = "/rest/api/2"


class Paging(StrEnum):
    """How a search goes on after a page."""

    OFFSET = "offset"
    TOKEN = "token"  # noqa: S105  a way of paging, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """One product in one version. Sizes are the most that may be asked; fewer may come."""

    cloud: bool
    version: tuple[int, ...]
    search: str
    paging: Paging
    page: int = 100
    id_page: int
    member_page: int
    reconciles: bool
    search_properties: bool
    bulk_read: str | None
    bulk_read_page: int
    edit_params: Mapping[str, str] = field(default_factory=dict)
    edit_answers: bool
    comment_page: int
    comment_list: str | None
    history: bool
    download: str
    named_permissions: bool


def data_center(version: tuple[int, ...]) -> Flavour:
    """Jira Server and Data Center from 8.20 on."""
    return Flavour(
        cloud=False,
        version=version,
        search=f"{API}/search",
        paging=Paging.OFFSET,
        id_page=1000,
        member_page=100,
        reconciles=False,
        search_properties=False,
        bulk_read=None,
        bulk_read_page=1,
        edit_answers=False,
        comment_page=1000,
        comment_list=None,
        history=False,
        download="/secure/attachment/{id}/{name}",
        named_permissions=False,
    )


def cloud(version: tuple[int, ...]) -> Flavour:
    """Jira Cloud; its old search is gone (CHANGE-2046)."""
    return Flavour(
        cloud=True,
        version=version,
        search=f"{API}/search/jql",
        paging=Paging.TOKEN,
        id_page=5000,
        member_page=50,
        reconciles=True,
        search_properties=True,
        bulk_read=f"{API}/issue/bulkfetch",
        bulk_read_page=100,
        edit_params={"returnIssue": "true", "expand": "changelog"},
        edit_answers=True,
        comment_page=100,
        comment_list=f"{API}/comment/list",
        history=True,
        download=f"{API}/attachment/content/{{id}}",
        named_permissions=True,
    )


def flavour_of(deployment: str, version: tuple[int, ...]) -> Flavour:
    """By ``deploymentType`` of serverInfo: a Data Center licence still says "Server", so only "Cloud" tells."""
    return cloud(version) if deployment == "Cloud" else data_center(version)
