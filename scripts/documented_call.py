"""A line of the documented API: what is promised, and what to type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Page(StrEnum):
    """A page of the documented API, in our words."""

    INTRODUCTION = "Introduction"
    SYNCHRONIZATIONS = "Synchronizations"
    TASKS = "Asynchronous tasks"
    CONNECTORS = "Connectors"
    RENAME = "Rename of a project key"
    USER = "Change of the synchronization user"
    LIFE = "Life of a synchronization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: what the page promises, the line to type, the status, and what later lines need of the answer."""

    name: str
    page: Page
    promise: str
    line: str
    status: int = 200
    keep: Mapping[str, str] = field(default_factory=dict)


JSON = "-H 'Content-Type: application/json'"
ME = 'curl -u "$LOGIN"'
