"""Two pretend Jiras of different flavours, served by a thread of their own, and the file that joins them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from backbone.simulator import Simulator
from backbone.simulator.person import Person
from backbone.simulator.plan import WorldPlan

T = TypeVar("T")

SECRETS = {"ACME_PASSWORD": "sync", "BETA_TOKEN": "sync-token"}

CONFIGURATION = r"""
connections:
  acme: {{url: "{acme}", user: sync, password: {{env: ACME_PASSWORD}}}}
  beta: {{url: "{beta}", email: sync@example.com, api_token: {{env: BETA_TOKEN}}}}
synchronizations:
  - name: A and B
    first: {{connection: acme, project: PA}}
    second: {{connection: beta, project: PB}}
    start_with: all
    issue_types: [{{first: Bug, second: Defect}}, {{first: Task, second: Task}}]
    fields:
      - {{first: summary, second: summary}}
      - {{first: description, second: description}}
      - {{first: priority, second: priority, values: [[High, P1], [Medium, P2], [Low, P3]]}}
      - {{first: labels, second: labels}}
    status:
      first_to_second: {{Open: To Do, Done: Closed}}
      second_to_first: {{To Do: Open, Closed: Done}}
    comments: {{direction: both}}
    attachments: {{direction: both}}
"""

_PEOPLE = [
    {"name": "sync", "password": "sync", "tokens": ["sync-token"]},
    {"name": "anna", "display_name": "Anna Arendt", "password": "anna"},
]
_PROJECT = {"lead": "anna", "workflow": "plain"}

ACME: dict[str, object] = {
    "flavour": "data-center",
    "users": _PEOPLE,
    "statuses": [{"name": "Open", "category": "new"}, {"name": "Done", "category": "done"}],
    "types": ["Bug", "Task", "Story"],
    "priorities": ["High", "Medium", "Low"],
    "workflows": [
        {
            "name": "plain",
            "initial": "Open",
            "transitions": [
                {"name": "Finish", "start": ["Open"], "to": "Done"},
                {"name": "Reopen", "start": ["Done"], "to": "Open"},
            ],
        }
    ],
    "projects": [{"key": "PA", "name": "Project A", "default_priority": "Medium", **_PROJECT}],
}

PROJECT_B: dict[str, object] = {"key": "PB", "name": "Project B", "default_priority": "P2", **_PROJECT}
BETA: dict[str, object] = {
    "flavour": "cloud",
    "users": _PEOPLE,
    "statuses": [{"name": "To Do", "category": "new"}, {"name": "Doing"}, {"name": "Closed", "category": "done"}],
    "types": ["Defect", "Task"],
    "priorities": ["P1", "P2", "P3"],
    "workflows": [
        {
            "name": "plain",
            "initial": "To Do",
            "transitions": [
                {"name": "Begin", "start": ["To Do"], "to": "Doing"},
                {"name": "Close", "start": ["Doing"], "to": "Closed"},
                {"name": "Again", "start": ["Closed"], "to": "To Do"},
            ],
        }
    ],
    "projects": [PROJECT_B],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedJiras:
    """Both pretend Jiras; commands have their event loop for themselves."""

    acme: Simulator
    beta: Simulator

    @property
    def anna(self) -> Person:
        """Anna in the first Jira."""
        return self.acme.as_user("anna")

    @property
    def anna_at_beta(self) -> Person:
        """Anna in the second Jira."""
        return self.beta.as_user("anna")

    def summaries(self) -> tuple[list[str], list[str]]:
        """The issues of both sides in the order of their creation."""
        first, second = (
            [str(one.values.get("summary")) for one in site.world.issues.values()] for site in (self.acme, self.beta)
        )
        return first, second

    def write_file(self, folder: Path, change: Callable[[str], str] = lambda text: text) -> Path:
        """The configuration file, with whatever a test changes in its text."""
        path = folder / "backbone.yaml"
        path.write_text(change(CONFIGURATION.format(acme=self.acme.url, beta=self.beta.url)), encoding="utf-8")
        return path


@contextmanager
def served_jiras(first: Mapping[str, object] = ACME, second: Mapping[str, object] = BETA) -> Iterator[ServedJiras]:
    """Both Jiras, as long as the context lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work: Coroutine[object, object, T]) -> T:
        found: Future[T] = asyncio.run_coroutine_threadsafe(work, loop)
        return found.result(timeout=30)

    jiras = ServedJiras(
        acme=Simulator.of_plan(WorldPlan.model_validate(first)),
        beta=Simulator.of_plan(WorldPlan.model_validate(second)),
    )
    wait_for(jiras.acme.start())
    wait_for(jiras.beta.start())
    try:
        yield jiras
    finally:
        wait_for(jiras.acme.stop())
        wait_for(jiras.beta.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
