"""What leaves an installation, and what it writes down about itself, tells nobody what it is about.

Every name, value and secret of two companies is a word that occurs nowhere else. Whatever left, and every log line,
problem and figure, is searched for these words in all encodings that anybody can undo.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import pytest
from prometheus_client import generate_latest

from backbone import metrics, observe
from backbone.adapters.pgp.packets import Label, dearmor
from backbone.app.channel.host import Means
from backbone.app.channel.settings import secret_keys_of
from backbone.app.engine.catchup import catch_up
from backbone.app.engine.look import SWEEP, look
from backbone.app.usecases.troubleshooting.figures import figures
from backbone.bootstrap import WorkerTurns
from backbone.core.model.problems import Code
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import KeyKind
from backbone.simulator import Simulator
from backbone.simulator.control.administration import RefusalOrder, add_refusal
from backbone.simulator.world.issues import Issue
from tests.parts.canaries import ALIASES, Canaries, alias, aliased, canaries, word
from tests.parts.mail_servers import MailServers, mail_servers
from tests.parts.postgres import DatabaseServer, bundled_postgres
from tests.parts.searching import found_in
from tests.parts.two_companies import HANDSHAKE, Company, Place, TwoCompanies, two_companies
from tests.parts.ways import ByFiles, ByMail, Way

__all__ = ["bundled_postgres", "mail_servers"]

MASTER = """
connections: {{one: {{url: "{url}", token: {{file: jira-secret}}}}}}
synchronizations:
  - name: {name}
    first: {{connection: one, project: {project}}}
    start_with: all
"""
SLAVE = """
connections: {{two: {{url: "{url}", email: sync@lumen.example, api_token: {{file: jira-secret}}}}}}
synchronizations:
  - name: {name}
    second: {{connection: two, project: {project}}}
    start_with: all
"""
SHARED = """\
    issue_types: [{first: Bug, second: "@fault"}]
    fields:
      - {first: summary, second: "@title"}
      - {first: description, second: "@text"}
      - {first: labels, second: marks}
      - {first: priority, second: "@urgency", values: [[Critical, "@high"], [Major, "@usual"]]}
      - {first: Customer, second: "@buyer"}
      - {first: Severity, second: "@weight", values: [[S1 Stops production, "@grave"], [S2 Degraded, "@mild"]]}
    status: {first_to_second: {Open: "@new", In Progress: "@closed"}, second_to_first: {"@new": Open}}
    comments: {direction: both}
    attachments: {direction: both}
"""
TAKEN = """\
    issue_types: [{first: "@fault", second: Defect}]
    fields:
      - {first: "@title", second: summary}
      - {first: "@text", second: description}
      - {first: marks, second: labels}
      - {first: "@urgency", second: priority, values: [["@high", P1], ["@usual", P2]]}
      - {first: "@buyer", second: Account}
      - {first: "@weight", second: Impact, values: [["@grave", Line down], ["@mild", Workaround]]}
    status: {first_to_second: {"@new": Backlog, "@closed": Doing}, second_to_first: {Backlog: "@new"}}
    comments: {direction: both}
    attachments: {direction: both}
"""
PASSPHRASE = word("passphrase")
STRANGER = word("stranger")
PATIENCE = 60.0
"""Seconds within which whatever is waited for has to happen."""


# --- two companies ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A company, its Jira, and the words that nobody else may see."""

    company: Company
    jira: Simulator
    words: Canaries
    worker: WorkerTurns

    async def live(self) -> None:
        """Look, catch up, take turns, step the channel."""
        engine = self.company.backbone.engine
        async with engine.store.unit() as uow:
            [half] = await uow.synchronizations.running()
        await look(engine, half.connection, back=SWEEP)
        await catch_up(engine, half)
        await self.worker.settle()
        await self.company.step()

    async def stored(self) -> StoredChannel:
        async with self.company.backbone.store.unit() as uow:
            [stored] = await uow.channels.all()
        return stored

    async def means(self) -> Means:
        return await self.company.backbone.channels.means(await self.stored())

    async def codes(self) -> set[Code]:
        return {one.problem.code for one in await self.company.problems()}

    async def problems(self) -> list[bytes]:
        return [repr(one).encode() for one in await self.company.problems()]

    async def metrics(self) -> list[bytes]:
        backbone = self.company.backbone
        found = await figures(backbone.store, backbone.system.now())
        return [generate_latest(metrics.COUNTED), *(repr(one).encode() for one in found)]

    async def secrets(self) -> set[str]:
        """Everything that nobody but this side may know."""
        stored = await self.stored()
        keys = secret_keys_of(stored, self.company.backbone.sealer).values()
        public = b"".join(dearmor(one.armored.encode(), Label.PUBLIC) for one in stored.channel.our_keys)
        lines = {line for key in keys for line in key.splitlines() if len(line) == 64}
        armored = {line for line in lines if b64decode(line) not in public}
        sealing = {line for line in (self.company.folder / "secret-key").read_text().split() if len(line) > 16}
        assert armored
        assert sealing
        return {self.words.secret, stored.channel.token, PASSPHRASE} | armored | sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Both sides, and the way between them."""

    two: TwoCompanies
    first: Side
    second: Side
    way: Way

    @property
    def sides(self) -> tuple[Side, Side]:
        return (self.first, self.second)

    async def live(self, until: Callable[[], Awaitable[bool]]) -> None:
        """Go on on both sides until something is so."""
        begun = monotonic()
        while not await until():
            if monotonic() - begun > PATIENCE:
                raise AssertionError([await side.problems() for side in self.sides])
            for side in self.sides:
                await side.live()
            await asyncio.sleep(0.2)

    def everything(self) -> set[str]:
        """Names and contents of both sides, and what both call things."""
        own = {one for side in self.sides for one in (*side.words.own(), side.words.project)}
        contents = {one for side in self.sides for one in side.words.contents.values()}
        return own | contents | {alias(one) for one in ALIASES}

    async def secrets(self) -> set[str]:
        return {one for side in self.sides for one in await side.secrets()} | {*self.way.secrets}


@asynccontextmanager
async def world(way: Way, server: DatabaseServer, folder: Path, *, encrypted: bool) -> AsyncIterator[World]:
    """Two companies that trust each other and run."""
    observe.configure("debug", "json")
    async with AsyncExitStack() as ends:
        first, second = canaries("first"), canaries("second")
        jiras = [await ends.enter_async_context(Simulator.of_plan(one.plan())) for one in (first, second)]
        dsns = [ends.enter_context(server.database()) for _ in jiras]
        master = _place(folder / "master", dsns[0], first, jiras[0])
        slave = _place(folder / "slave", dsns[1], second, jiras[1])
        (slave.folder / "passphrase").write_text(PASSPHRASE)
        more = "" if encrypted else "      encryption: false\n"
        file = f"      handshake: {HANDSHAKE}\n      passphrase: {{file: passphrase}}\n"
        places = (
            _with_channel(master, way.channel(master.folder, master=True) + more),
            _with_channel(slave, way.channel(slave.folder, master=False) + more + file),
        )
        two = await ends.enter_async_context(two_companies(*places))
        two.master.after_step = two.slave.after_step = way.look
        await two.meet(PASSPHRASE)
        workers = [await ends.enter_async_context(one.backbone.turns()) for one in (two.master, two.slave)]
        yield World(
            two=two,
            way=way,
            first=Side(company=two.master, jira=jiras[0], words=first, worker=workers[0]),
            second=Side(company=two.slave, jira=jiras[1], words=second, worker=workers[1]),
        )


def _place(folder: Path, dsn: str, words: Canaries, jira: Simulator) -> Place:
    folder.mkdir()
    (folder / "jira-secret").write_text(words.secret)
    top, rest = (MASTER, SHARED) if words.side == "first" else (SLAVE, TAKEN)
    named = top.format(url=jira.url, name=words.synchronization, project=words.project)
    return Place(folder=folder, dsn=dsn, top=named, rest=aliased(words.worded(rest)))


def _with_channel(place: Place, lines: str) -> Place:
    return replace(place, top=f"{place.top}    channel:\n{lines}")


# --- what happens -----------------------------------------------------------------------------------------------------


async def a_busy_day(world: World) -> None:
    """Whatever people and strangers do."""
    key, partner = await _create(world)
    await _work(world, key, partner)
    await _be_refused(world, key, partner)
    await _disturb(world)

    async def told() -> bool:
        codes = [await side.codes() for side in world.sides]
        return Code.PARCEL_REFUSED in codes[1] and (isinstance(world.way, ByFiles) or Code.MAIL_RETURNED in codes[0])

    await world.live(told)


async def _create(world: World) -> tuple[str, str]:
    """An issue on each side; the first one's key, and that of its partner."""
    first, second = world.sides
    said, names = first.words.contents, first.words.names
    issue = first.jira.as_user(names["mara"]).create(
        first.words.project,
        names["Bug"],
        said["summary"],
        description=f"Before {said['description']} after",
        labels=[said["label"]],
        priority=names["Critical"],
        **{names["Customer"]: said["customer"], names["Severity"]: names["S1 Stops production"]},
    )
    theirs = second.words
    second.jira.as_user(theirs.names["priya"]).create(
        theirs.project,
        theirs.names["Defect"],
        theirs.contents["summary"],
        description=theirs.contents["description"],
        labels=[theirs.contents["label"]],
        priority=theirs.names["P2"],
        **{theirs.names["Account"]: theirs.contents["customer"], theirs.names["Impact"]: theirs.names["Workaround"]},
    )

    async def both_there() -> bool:
        return len(first.jira.world.issues) == 2 and bool(_saying(second.jira, said["summary"]))

    await world.live(both_there)
    return issue.key, _saying(second.jira, said["summary"])[0].key


def _saying(jira: Simulator, text: str) -> list[Issue]:
    """Issues with that anywhere in their values, comments or files."""
    return [one for one in jira.world.issues.values() if text in str(one)]


async def _work(world: World, key: str, partner: str) -> None:
    """Edits, comments, files and a status, on both sides."""
    first, second = world.sides
    first.jira.as_user(first.words.names["mara"]).transition(key, "Start Progress")
    for side, issue, person in ((first, key, "mara"), (second, partner, "priya")):
        said, user = side.words.contents, side.jira.as_user(side.words.names[person])
        user.edit(issue, description=f"Now {said['edit']}")
        user.comment(issue, f"I say {said['comment']}")
        user.attach(issue, f"{said['file']}.txt", f"In it {said['inside']}\n".encode() * 300)
        other = second if side is first else first
        wanted = [said[one] for one in ("edit", "comment", "file")]

        async def there(jira: Simulator = other.jira, wanted: list[str] = wanted) -> bool:
            return all(_saying(jira, one) for one in wanted)

        await world.live(there)


async def _be_refused(world: World, key: str, partner: str) -> None:
    """The partner's Jira refuses a value."""
    first, second = world.sides
    order = RefusalOrder(message="That is not wanted.", issue=partner, field=second.words.names["Account"])
    add_refusal(second.jira.site, order)
    edited = {first.words.names["Customer"]: f"{first.words.contents['customer']} again"}
    first.jira.as_user(first.words.names["mara"]).edit(key, **edited)

    async def refused() -> bool:
        return bool(await second.codes())

    await world.live(refused)


async def _disturb(world: World) -> None:
    """A parcel by somebody else, one that was damaged, and a mail that comes back."""
    host, means = world.first.company.backbone.channels, await world.first.means()
    stored = await world.first.stored()
    theirs, ours = stored.channel.partner_key.armored, means.secrets[stored.channel.our_key.fingerprint]
    third = await host.cipher.generate(KeyKind.CURVE_25519)
    to = theirs if stored.channel.encrypted else None
    await means.sender.send(await host.cipher.seal(STRANGER.encode(), third.secret, to))
    damaged = bytearray(await host.cipher.seal(b"nothing", ours, to))
    damaged[len(damaged) // 2] ^= 1
    await means.sender.send(bytes(damaged))
    await world.way.bounce(stored.channel.id)
    await world.way.look()


# --- the promises -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["files", "mail"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    if request.param == "files":
        exchange = tmp_path / "exchange"
        exchange.mkdir()
        return ByFiles(folder=exchange)
    servers: MailServers = request.getfixturevalue("mail_servers")
    return ByMail(servers=servers, us=servers.user(), them=servers.user())


@pytest.mark.timeout(200)
async def test_nothing_leaks(
    way: Way, bundled_postgres: DatabaseServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with world(way, bundled_postgres, tmp_path, encrypted=True) as both:
        await a_busy_day(both)
        everything, secrets = both.everything() | {STRANGER}, await both.secrets()
        problems = [await side.problems() for side in both.sides]
        figured = [one for side in both.sides for one in await side.metrics()]
        handshake = (both.second.company.folder / HANDSHAKE).read_bytes()
    logged = capfd.readouterr()
    logs = [logged.err.encode(), logged.out.encode(), "\n".join(observe.KEPT).encode()]

    assert len(way.left()) > 20
    assert found_in(way.left(), everything | secrets) == set()
    assert found_in([handshake], everything | secrets) == set(), "it is locked"
    assert b"parcel-refused" in logs[0]
    assert found_in(figured, {both.first.words.project}), "connectors are seen, so names would be"
    assert found_in([without_keys(one, both) for one in logs], everything | secrets) == set()
    assert found_in([without_keys(one, both) for one in figured], everything | secrets) == set()
    assert problems[1]
    for side, partner, told in zip(both.sides, reversed(both.sides), problems, strict=True):
        contents = {*side.words.contents.values(), *partner.words.contents.values(), STRANGER}
        assert found_in(told, contents | secrets | partner.words.own()) == set()


def without_keys(text: bytes, both: World) -> bytes:
    """The keys of our own connectors, by which people here tell them apart, begin with those of projects."""
    for side in both.sides:
        text = text.replace(f"{side.words.project}-".encode(), b"-")
    return text


async def test_without_encryption_contents_are_found_and_own_names_are_not(
    way: Way, bundled_postgres: DatabaseServer, tmp_path: Path
) -> None:
    async with world(way, bundled_postgres, tmp_path, encrypted=False) as both:
        await a_busy_day(both)
        secrets = await both.secrets()

    contents = {one for side in both.sides for one in side.words.contents.values()}
    own = {one for side in both.sides for one in side.words.own()}
    told = {both.first.words.synchronization}  # the master's handshake file says it, too
    aliases = {alias(one) for one in ALIASES}
    found = found_in(way.left(), contents | own | aliases | secrets)
    assert found - told == contents | aliases
