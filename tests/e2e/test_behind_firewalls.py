"""Two companies in networks that can't reach each other: only a post office in a third one knows both.

Everything is what a user gets: commands and `serve` in processes of their own, pretend Jiras on each company's loopback,
Exim and Dovecot with TLS, OpenPGP.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from backbone.simulator import Simulator
from backbone.simulator.plan import WorldPlan
from tests.integration.cli.served_jiras import ACME, BETA, SECRETS
from tests.integration.cli.test_serve import PATIENCE, wait_until
from tests.parts.islands import Inhabitant, Island, islands
from tests.parts.mail_servers import MailServers, User, run_mail_servers
from tests.parts.postgres import DatabaseServer, Migrate, bundled_postgres, migrate_schema

__all__ = ["bundled_postgres", "migrate_schema"]

MASTER = """
connections:
  acme: {{url: "{url}", user: sync, password: {{env: ACME_PASSWORD}}}}
synchronizations:
  - name: Acme and Beta
    first: {{connection: acme, project: PA}}
    channel:
{channel}
    start_with: all
    interval: 1s
    issue_types: [{{first: Bug, second: problem}}]
    fields:
      - {{first: summary, second: title}}
      - {{first: priority, second: urgency, values: [[High, high], [Medium, usual], [Low, low]]}}
    status:
      first_to_second: {{Open: open, Done: done}}
      second_to_first: {{open: Open, done: Done}}
    comments: {{direction: both}}
    attachments: {{direction: both}}
"""
SLAVE = """
connections:
  beta: {{url: "{url}", email: sync@example.com, api_token: {{env: BETA_TOKEN}}}}
synchronizations:
  - name: Beta and Acme
    second: {{connection: beta, project: PB}}
    channel:
{channel}
      handshake: handshake.asc
    start_with: all
    interval: 1s
"""
MAPPED = """
    issue_types: [{first: problem, second: Defect}]
    fields:
      - {first: title, second: summary}
      - {first: urgency, second: priority, values: [[high, P1], [usual, P2], [low, P3]]}
    status:
      first_to_second: {open: To Do, done: Closed}
      second_to_first: {To Do: open, Closed: done}
    comments: {direction: both}
    attachments: {direction: both}
"""
MAIL = """
      send: {{address: {own}, to: {partner}, server: {host}, port: {smtps}, security: tls, same_as_receive: true,
              ca_file: {ca}}}
      receive: {{protocol: {protocol}, address: {own}, server: {host}, port: {port}, security: tls,
                 user: {own}, password: {{env: MAIL_PASSWORD}}, ca_file: {ca}}}
"""


_SELDOM = 1.0
"""Seconds between two commands that ask how far it is: each is a process, and takes time from those that do the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An installation with its Jira on an island."""

    island: Island
    folder: Path
    jira: Simulator
    environment: Mapping[str, str]

    @property
    def file(self) -> Path:
        return self.folder / "backbone.yaml"

    def run(self, *words: str | Path) -> str:
        """A command, as the administrator types it; it has to succeed."""
        command = [*self.island.prefix, sys.executable, "-m", "backbone", *map(str, words)]
        done = subprocess.run(
            command, env=os.environ | self.environment, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout} {done.stderr}"
        return done.stdout

    def shown(self) -> dict[str, Any]:
        found = json.loads(self.run("channel", "show", "INT-1", "--json"))
        assert isinstance(found, dict)
        return found

    def status(self) -> str:
        return str(json.loads(self.run("status", "--json"))[0]["status"])

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`serve`, as long as the context lasts."""
        command = [*self.island.prefix, sys.executable, "-m", "backbone", "serve"]
        with (self.folder / "log").open("w") as log:
            running = Popen(command, env=os.environ | self.environment, stdout=PIPE, stderr=log, text=True)
            try:
                yield
            finally:
                running.terminate()
                running.communicate(timeout=PATIENCE)

    def comments(self) -> list[str]:
        return [one.body for issue in self.jira.world.issues.values() for one in issue.comments]

    def files(self) -> list[str]:
        return [one.filename for issue in self.jira.world.issues.values() for one in issue.attachments]

    def summaries(self) -> list[str]:
        return [str(one.values.get("summary")) for one in self.jira.world.issues.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """The master's and the slave's."""

    acme: Company
    beta: Company

    def agree(self) -> None:
        """From two fresh installations to a running synchronization; both serve meanwhile."""
        acme, beta = self.acme, self.beta
        acme.run("apply", acme.file)
        acme.run("channel", "offer", "INT-1", acme.folder / "handshake.asc")
        shutil.copy(acme.folder / "handshake.asc", beta.folder / "handshake.asc")
        beta.run("apply", beta.file)
        wait_until(lambda: acme.shown()["stage"] == beta.shown()["stage"] == "known", pause=_SELDOM)
        for one, other in ((acme, beta), (beta, acme)):
            one.run("channel", "confirm", "INT-1", *str(other.shown()["code"]).split())
        wait_until(lambda: beta.status() == "UPDATE REQUIRED", pause=_SELDOM)
        beta.file.write_text(beta.file.read_text() + MAPPED)
        beta.run("apply", beta.file)
        wait_until(lambda: acme.status() == "STOPPED", pause=_SELDOM)
        for one in (acme, beta):
            one.run("start", "INT-1")


def _jira(stack: ExitStack, island: Island, plan: Mapping[str, object]) -> Simulator:
    inhabitant: Inhabitant = stack.enter_context(island.loop())
    jira = Simulator.of_plan(WorldPlan.model_validate(plan))
    inhabitant.run(jira.start())
    stack.callback(lambda: inhabitant.run(jira.stop()))
    return jira


def _mail(servers: MailServers, own: User, partner: User, protocol: str) -> str:
    return MAIL.format(
        own=own.address,
        partner=partner.address,
        host=servers.host,
        smtps=servers.ports["smtps"],
        port=servers.ports[f"{protocol}s"],
        protocol=protocol,
        ca=servers.ca_file,
    )


def _company(folder: Path, island: Island, jira: Simulator, text: str, **secrets: str) -> Company:
    folder.mkdir()
    (folder / "backbone.yaml").write_text(text)
    environment = {
        **SECRETS,
        "BACKBONE_HOME": str(folder / "home"),
        "BACKBONE_LOG_LEVEL": "info",
        "BACKBONE_HTTP": "127.0.0.1:0",
        **secrets,
    }
    return Company(island=island, folder=folder, jira=jira, environment=environment)


@pytest.fixture
def by_mail(bundled_postgres: DatabaseServer, migrate_schema: Migrate, tmp_path: Path) -> Iterator[Companies]:
    """IMAP on one side, POP3 on the other."""
    with ExitStack() as stack:
        sea = stack.enter_context(islands())
        first, second = (stack.enter_context(bundled_postgres.database(migrate_schema)) for _ in range(2))
        post = sea.post
        servers = stack.enter_context(run_mail_servers(listen=post.address, host=post.address, prefix=post.prefix))
        a, b = _jira(stack, sea.first, ACME), _jira(stack, sea.second, BETA)
        yield Companies(
            acme=_company(
                tmp_path / "acme",
                sea.first,
                a,
                MASTER.format(url=a.url, channel=_mail(servers, servers.a, servers.b, "imap")),
                MAIL_PASSWORD=servers.a.password,
                BACKBONE_DATABASE_URL=first,
            ),
            beta=_company(
                tmp_path / "beta",
                sea.second,
                b,
                SLAVE.format(url=b.url, channel=_mail(servers, servers.b, servers.a, "pop3")),
                MAIL_PASSWORD=servers.b.password,
                BACKBONE_DATABASE_URL=second,
            ),
        )


@pytest.mark.timeout(300)
def test_issues_travel_by_sealed_mails_between_networks_that_cannot_reach_each_other(by_mail: Companies) -> None:
    acme, beta = by_mail.acme, by_mail.beta
    acme.jira.as_user("anna").create("PA", "Bug", "It leaks")
    with acme.serving(), beta.serving():
        by_mail.agree()
        wait_until(lambda: beta.summaries() == ["It leaks"])

        beta.jira.as_user("anna").edit("PB-1", summary="It leaks here")
        wait_until(lambda: acme.summaries() == ["It leaks here"])

        acme.jira.as_user("anna").comment("PA-1", "Really?")
        acme.jira.as_user("anna").attach("PA-1", "photo.bin", bytes(range(256)) * 4_000)
        wait_until(lambda: beta.files() == ["photo.bin"] and any("Really?" in one for one in beta.comments()))
    assert (acme.status(), beta.status()) == ("RUNNING", "RUNNING")
