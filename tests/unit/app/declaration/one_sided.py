"""Declarations of which one half is here: the master's at Acme, the slave's at Beta."""

from __future__ import annotations

from backbone.app.declaration.declared import Declared, ResolvedSynchronization
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import ConnectionName
from tests.unit.app.declaration.fake_metadata import FakeMetadata, acme, beta

MASTER = """\
connections:
  acme: {url: https://jira.acme.example, user: sync, password: {env: ACME_PASSWORD}}
synchronizations:
  - name: Acme <> Beta
    first: {connection: acme, project: PA}
    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}}
    start_with: all
"""
SLAVE = """\
connections:
  beta: {url: https://beta.atlassian.net, email: sync@beta.example, api_token: {env: BETA_TOKEN}}
synchronizations:
  - name: Beta <> Acme
    second: {connection: beta, project: PB}
    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}, handshake: handshake.asc}
    start_with: all
"""
TYPES = "    issue_types: [{first: Bug, second: problem}, {first: Task, second: chore, direction: first_to_second}]\n"
OFFER = (
    TYPES
    + """\
    fields:
      - {first: summary, second: title}
      - {first: priority, second: urgency, values: [[High, urgent], [Medium, usual], [Low, usual]]}
      - {first: Teams, second: teams, values: by_name, direction: first_to_second}
      - {first: Points, second: effort, issue_types: [Bug]}
    status: {first_to_second: {Open: new, Done: closed}, second_to_first: {closed: Done}}
    comments: {direction: both}
    attachments: {direction: first_to_second, largest_mb: 5}
"""
)


async def master(rest: str = OFFER, *, top: str = MASTER, jira: FakeMetadata | None = None) -> Declared:
    declaration = declaration_from((top + rest).encode(), "f.yaml")
    return await resolve(declaration, {ConnectionName("acme"): jira or acme()})


async def slave(
    rest: str = "", *, published: Exchange | None, top: str = SLAVE, jira: FakeMetadata | None = None
) -> Declared:
    declaration = declaration_from((top + rest).encode(), "f.yaml")
    known = {"Beta <> Acme": published} if published is not None else {}
    return await resolve(declaration, {ConnectionName("beta"): jira or beta()}, known)


async def offer() -> Exchange:
    """What the master of these tests publishes."""
    exchange = only(await master()).exchange
    assert exchange is not None
    return exchange


def only(declared: Declared) -> ResolvedSynchronization:
    [one] = declared.synchronizations
    return one


async def master_refused(rest: str, *, top: str = MASTER) -> list[str]:
    try:
        await master(rest, top=top)
    except DeclarationError as error:
        return str(error).splitlines()
    return []


async def slave_refused(rest: str, *, top: str = SLAVE) -> list[str]:
    try:
        await slave(rest, published=await offer(), top=top)
    except DeclarationError as error:
        return str(error).splitlines()
    return []
