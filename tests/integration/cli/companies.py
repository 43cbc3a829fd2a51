"""Two companies with an installation each, which reach each other by two directories only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from backbone.bootstrap import assembled
from backbone.settings import Settings
from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import SECRETS

MASTER = """
connections:
  acme: {{url: "{url}", user: sync, password: {{env: ACME_PASSWORD}}}}
synchronizations:
  - name: Acme and Beta
    first: {{connection: acme, project: PA}}
    channel:
      send:    {{directory: {out}}}
      receive: {{directory: {back}}}
    start_with: all
    issue_types: [{{first: Bug, second: problem}}]
    fields:
      - {{first: summary, second: title}}
      - {{first: priority, second: urgency, values: [[High, high], [Medium, usual], [Low, low]]}}
    comments: {{direction: both}}
"""
SLAVE = """
connections:
  beta: {{url: "{url}", email: sync@example.com, api_token: {{env: BETA_TOKEN}}}}
synchronizations:
  - name: Beta and Acme
    second: {{connection: beta, project: PB}}
    channel:
      send:    {{directory: {back}}}
      receive: {{directory: {out}}}
      handshake: handshake.asc
    start_with: all
"""
MAPPED = """
    issue_types: [{first: problem, second: Defect}]
    fields:
      - {first: title, second: summary}
      - {first: urgency, second: priority, values: [[high, P1], [usual, P2], [low, P3]]}
    comments: {direction: both}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An installation of its own."""

    folder: Path
    database: str
    file: Path

    @property
    def shell(self) -> Shell:
        """Commands as its administrator types them."""
        environment = {
            **SECRETS,
            "BACKBONE_DATABASE_URL": self.database,
            "BACKBONE_HOME": str(self.folder / "home"),
            "BACKBONE_LOG_LEVEL": "warning",
        }
        return Shell(environment=environment)

    def step(self) -> None:
        """What `serve` does every few seconds with its channels."""
        asyncio.run(self._step())

    async def _step(self) -> None:
        settings = Settings(database_url=SecretStr(self.database), home=self.folder / "home")
        async with assembled(settings) as backbone:
            await backbone.open_connections()
            for key in await backbone.channels.keys():
                await backbone.channels.step(key)


def company(folder: Path, database: str, text: str) -> Company:
    folder.mkdir()
    file = folder / "backbone.yaml"
    file.write_text(text, encoding="utf-8")
    return Company(folder=folder, database=database, file=file)
