"""The stage of the exchange: two installations behind firewalls, two Jiras of their own processes, real mail servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from backbone.adapters.postgres import start
from backbone.adapters.store.schema import prepare_now
from tests.bench.jira import LUMEN, NORTHWIND, RemoteJira, remote_jira
from tests.parts.mail_servers import MailServers, User, run_mail_servers
from tests.parts.postgres import DatabaseServer, home_folder
from tests.parts.two_companies import HANDSHAKE, Place, TwoCompanies, two_companies

MASTER = """
connections: {{northwind: {{url: "{url}", token: {{file: jira-secret}}}}}}
synchronizations:
  - name: Pumps with a supplier
    first: {{connection: northwind, project: PUMP}}
    start_with: all
"""
SLAVE = """
connections: {{lumen: {{url: "{url}", email: sync@lumen.example, api_token: {{file: jira-secret}}}}}}
synchronizations:
  - name: Sensors for a customer
    second: {{connection: lumen, project: LUM}}
    start_with: new
"""
CHANNEL = """\
    channel:
      send: {{server: {host}, port: {smtp}, to: {to}, ca_file: {ca}, same_as_receive: true}}
      receive:
        protocol: imap
        address: {address}
        server: {host}
        port: {imap}
        user: {address}
        password: {{file: mail-secret}}
        ca_file: {ca}
"""
SHARED = """\
    issue_types: [{first: Bug, second: fault}, {first: Task, second: chore}]
    fields:
      - {first: summary, second: title}
      - {first: description, second: text}
      - {first: labels, second: marks}
      - {first: priority, second: urgency, values: [[Critical, high], [Major, usual], [Minor, low]]}
      - {first: Customer, second: buyer}
      - {first: Effort, second: days}
    comments: {direction: both}
"""
TAKEN = """\
    issue_types: [{first: fault, second: Defect}, {first: chore, second: Task}]
    fields:
      - {first: title, second: summary}
      - {first: text, second: description}
      - {first: marks, second: labels}
      - {first: urgency, second: priority, values: [[high, P1], [usual, P2], [low, P3]]}
      - {first: buyer, second: Account}
      - {first: days, second: Story Points}
    comments: {direction: both}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Everything that takes part."""

    companies: TwoCompanies
    first: RemoteJira
    second: RemoteJira
    mail: MailServers
    of_master: User
    of_slave: User


@asynccontextmanager
async def apart(issues: int) -> AsyncIterator[Apart]:
    """Both installations run and trust each other; their projects are not in step yet."""
    async with AsyncExitStack() as ends:
        first = await ends.enter_async_context(remote_jira(NORTHWIND, issues))
        second = await ends.enter_async_context(remote_jira(LUMEN, 0))
        mail = ends.enter_context(run_mail_servers())
        server = await _postgres(ends)
        dsns = [ends.enter_context(server.database(prepare_now)) for _ in range(2)]
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="backbone-apart-")))
        us, them = mail.user(), mail.user()
        master = _place(folder / "master", dsns[0], MASTER.format(url=first.url), SHARED, "northwind-token")
        slave = _place(folder / "slave", dsns[1], SLAVE.format(url=second.url), TAKEN, "lumen-token")
        places = (_by_mail(master, mail, us, them), _by_mail(slave, mail, them, us))
        companies = await ends.enter_async_context(two_companies(*places))
        await companies.meet()
        yield Apart(
            companies=companies,
            first=first,
            second=second,
            mail=mail,
            of_master=us,
            of_slave=them,
        )


async def _postgres(ends: AsyncExitStack) -> DatabaseServer:
    """One server with its data on disk, for the databases of both."""
    lent = home_folder()
    home = lent.__enter__()
    ends.push_async_callback(asyncio.to_thread, lent.__exit__, None, None, None)
    running = await start(home)
    return DatabaseServer(dsn=running.dsn, pid=running.pid, binaries=None)


def _place(folder: Path, dsn: str, top: str, rest: str, secret: str) -> Place:
    folder.mkdir()
    (folder / "jira-secret").write_text(secret)
    return Place(folder=folder, dsn=dsn, top=top, rest=rest)


def _by_mail(place: Place, mail: MailServers, user: User, partner: User) -> Place:
    """The same, with a mailbox."""
    (place.folder / "mail-secret").write_text(user.password)
    channel = CHANNEL.format(
        host=mail.host,
        smtp=mail.ports["smtps"],
        imap=mail.ports["imaps"],
        address=user.address,
        to=partner.address,
        ca=mail.ca_file,
    )
    if place.top.startswith("\nconnections: {lumen"):
        channel += f"      handshake: {HANDSHAKE}\n"
    return replace(place, top=place.top + channel)
