"""What an exchange by encrypted mail costs: 10,000 edits of 500 issues, made while the partner is away.

Everything is real: PostgreSQL, keys, mail servers, and Jiras in processes of their own. One process holds both
installations; the partner's does nothing while it is away.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from functools import partial
from pathlib import Path
from ssl import create_default_context
from statistics import median
from time import monotonic
from typing import Any

from aiosmtplib import SMTP

from backbone.app.channel.host import Means
from backbone.app.channel.packing import unpack
from backbone.app.channel.sending import hand_over
from backbone.core.protocol.parcels import Messages
from backbone.ports.channels import SentParcel, StoredChannel
from backbone.ports.transport import MailServer
from tests.bench.apart import Apart, apart
from tests.bench.counting import KINDS
from tests.bench.jira import RemoteJira
from tests.bench.kills import MARA
from tests.parts.mail_servers import User
from tests.parts.two_companies import Company

ROUNDS = 20
AT_ONCE = 8
BETWEEN = 3.0
"""Seconds between two rounds of edits."""
AWAY = 15.0
"""Seconds for which the partner is away before people begin."""
REPEATS = 21
PATIENCE = 600.0
PRIORITIES = ("Critical", "Major", "Minor")
URGENCIES = dict(zip(PRIORITIES, ("P1", "P2", "P3"), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was counted. Seconds of the transport are those of all value messages together, and medians."""

    issues: int
    edits: int
    messages: int
    early: int
    parcels: int
    octets: int
    mails: tuple[int, int]
    target: Mapping[str, int]
    source: Mapping[str, int]
    differing: int
    transport: float
    floor: float
    seconds: float

    @property
    def calls(self) -> int:
        return sum(self.target.values())

    @property
    def ratio(self) -> float:
        return self.transport / self.floor


@dataclass(slots=True, kw_only=True)
class Counted:
    """What was there before, so that only what comes later counts."""

    here: Apart
    last: int = 0
    mails: tuple[int, int] = (0, 0)
    words: dict[str, tuple[str, str]] = field(default_factory=dict)


# --- what people do ---------------------------------------------------------------------------------------------------


async def edit_all(jira: RemoteJira, keys: Sequence[str], number: int) -> dict[str, tuple[str, str]]:
    """One edit of each issue; what it says now."""
    places = asyncio.Semaphore(AT_ONCE)
    priority = PRIORITIES[number % len(PRIORITIES)]

    async def edit(key: str) -> None:
        fields = {"summary": f"{key} in state {number}", "priority": {"name": priority}}
        address = f"{jira.url}/rest/api/2/issue/{key}"
        async with places, jira.http.put(address, json={"fields": fields}, headers=MARA) as answer:
            answer.raise_for_status()

    await asyncio.gather(*(edit(key) for key in keys))
    return {key: (f"{key} in state {number}", URGENCIES[priority]) for key in keys}


async def found(jira: RemoteJira, project: str) -> list[Any]:
    """Every issue of a project."""
    cloud = jira.name == "lumen"
    body: dict[str, object] = {"jql": f"project = {project}", "fields": ["summary", "priority"], "maxResults": 100}
    issues: list[Any] = []
    while True:
        path = "search/jql" if cloud else "search"
        async with jira.http.post(f"{jira.url}/rest/api/2/{path}", json=body, **jira.login()) as answer:
            answer.raise_for_status()
            page = await answer.json()
        issues.extend(page["issues"])
        if cloud and not page.get("nextPageToken"):
            return issues
        if not cloud and len(issues) >= page["total"]:
            return issues
        body |= {"nextPageToken": page["nextPageToken"]} if cloud else {"startAt": len(issues)}


# --- waiting ----------------------------------------------------------------------------------------------------------


async def until_quiet(here: Apart, issues: int) -> None:
    """Both have nothing to do, and did not for a while."""
    begun, quiet = monotonic(), 0
    while quiet < 8:
        if monotonic() - begun > PATIENCE:
            raise AssertionError(f"not quiet within {PATIENCE} seconds")
        await asyncio.sleep(1)
        busy = [await _busy(one, issues) for one in (here.companies.master, here.companies.slave)]
        quiet = 0 if any(busy) else quiet + 1


async def _busy(one: Company, issues: int) -> bool:
    shown = await one.shown()
    key = shown.one.connectors[0]
    async with one.backbone.store.unit() as uow:
        left = await uow.turns.queued() + await uow.inbox.waiting(key)
        pairs = await uow.pairs.count(key)
    under_way = shown.unacknowledged or shown.channel.incoming.waiting or shown.waiting
    return bool(left or under_way or pairs < issues)


# --- the run ----------------------------------------------------------------------------------------------------------


async def run_exchange(issues: int, rounds: int = ROUNDS, between: float = BETWEEN) -> Verdict:
    """Bring the projects into step, edit while the partner is away, and let it come back."""
    async with apart(issues) as here:
        master, slave = here.companies.master, here.companies.slave
        master.serve()
        slave.serve()
        await until_quiet(here, issues)
        await slave.leave()
        await asyncio.sleep(AWAY)
        counted = await _count_from_here(here)
        keys = [one["key"] for one in await found(here.first, "PUMP")]
        await here.first.forget_calls()
        for number in range(rounds):
            counted.words |= await edit_all(here.first, keys, number)
            await asyncio.sleep(between)
        early = await _messages(master, counted.last)
        begun = monotonic()
        slave.serve()
        await until_quiet(here, issues)
        seconds = monotonic() - begun
        sides = [Counter(await one.calls()) for one in (here.first, here.second)]
        sides[0]["PUT issue/{issue}"] -= issues * rounds
        mails = _mails(here)
        await master.leave()
        await slave.leave()
        parcels = await _parcels(master, counted.last)
        transport, floor = await _transport(here, parcels)
        return Verdict(
            issues=issues,
            edits=issues * rounds,
            messages=await _messages(master, counted.last),
            early=early,
            parcels=len(parcels),
            octets=sum(len(one.plaintext) for one in parcels),
            mails=(mails[0] - counted.mails[0], mails[1] - counted.mails[1]),
            source=_kinds(sides[0]),
            target=_kinds(sides[1]),
            differing=await _differing(here, counted.words),
            transport=transport,
            floor=floor,
            seconds=seconds,
        )


async def _count_from_here(here: Apart) -> Counted:
    await here.second.forget_calls()
    last = (await here.companies.master.shown()).channel.outgoing.last
    return Counted(here=here, last=last, mails=_mails(here))


def _mails(here: Apart) -> tuple[int, int]:
    """Mails that the server took from each side, by its log."""
    log = (here.mail.folder / "exim" / "mainlog").read_text(errors="replace")
    return _sent_by(log, here.of_master), _sent_by(log, here.of_slave)


def _sent_by(log: str, user: User) -> int:
    return sum(f" <= {user.address} " in line for line in log.splitlines())


async def _parcels(one: Company, after: int) -> list[SentParcel]:
    shown = await one.shown()
    async with one.backbone.store.unit() as uow:
        return [each async for each in uow.sent.after(shown.one.key, shown.channel.outgoing.epoch, after)]


async def _messages(one: Company, after: int) -> int:
    """Value messages that were sealed since then."""
    bodies = [unpack(each.plaintext).body for each in await _parcels(one, after)]
    return sum(len(body.messages) for body in bodies if isinstance(body, Messages))


def _kinds(calls: Mapping[str, int]) -> dict[str, int]:
    made: Counter[str] = Counter()
    for name, number in calls.items():
        if number and name in KINDS:
            made[KINDS[name]] += number
        elif number:
            made["others"] += number
    return dict(sorted(made.items()))


async def _differing(here: Apart, words: Mapping[str, tuple[str, str]]) -> int:
    """Issues whose partner does not say what was said last."""
    there = {one["fields"]["summary"]: one["fields"]["priority"]["name"] for one in await found(here.second, "LUM")}
    return sum(there.get(summary) != priority for summary, priority in words.values())


# --- transport and its floor ------------------------------------------------------------------------------------------


async def _transport(here: Apart, parcels: Sequence[SentParcel]) -> tuple[float, float]:
    """Seconds for all these parcels: as the program hands them over, and with nothing but sealing and a connection."""
    master = here.companies.master
    async with master.backbone.store.unit() as uow:
        [stored] = await uow.channels.all()
    means = await master.backbone.channels.means(stored)
    plaintexts = [one.plaintext for one in parcels]
    ours, floor = list[float](), list[float]()
    async with _connection(here.mail.smtp(here.of_master)) as smtp:
        ways = (
            (ours, partial(_as_program, here, stored, means)),
            (floor, partial(_plainly, here, stored, means, smtp)),
        )
        for number in range(REPEATS):
            for times, way in ways[:: 1 if number % 2 else -1]:
                times.append(await _timed(way, plaintexts))
    return median(ours[1:]), median(floor[1:])


async def _timed(way: Callable[[bytes], Awaitable[None]], plaintexts: Sequence[bytes]) -> float:
    begun = monotonic()
    for one in plaintexts:
        await way(one)
    return monotonic() - begun


async def _as_program(here: Apart, stored: StoredChannel, means: Means, plaintext: bytes) -> None:
    channel = stored.channel
    keys = (channel.our_key.fingerprint, channel.partner_key.fingerprint)
    await hand_over(here.companies.master.backbone.channels, means, channel, plaintext, keys)


async def _plainly(here: Apart, stored: StoredChannel, means: Means, smtp: SMTP, plaintext: bytes) -> None:
    channel = stored.channel
    secret = means.secrets[channel.our_key.fingerprint]
    sealed = await here.companies.master.backbone.channels.cipher.seal(plaintext, secret, channel.partner_key.armored)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = here.of_master.address, here.of_slave.address, "floor"
    mail["Message-ID"] = make_msgid()
    head = mail.as_bytes().rstrip(b"\n") + b"\n\n"
    await smtp.sendmail(here.of_master.address, here.of_slave.address, head + sealed)


def _connection(server: MailServer) -> SMTP:
    assert server.ca_file is not None
    context = create_default_context(cafile=str(Path(server.ca_file)))
    return SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=True,
        tls_context=context,
        username=server.login.user,
        password=server.login.secret,
    )


# --- the table --------------------------------------------------------------------------------------------------------


async def table(issues: int = 500, rounds: int = ROUNDS) -> list[str]:
    """The lines of the documents."""
    got = await run_exchange(issues, rounds)
    least = 2 * issues
    rows = [
        ("value messages", f"{got.messages:,}", f"{issues:,}"),
        ("mails, both ways", f"{sum(got.mails)}", "60"),
        ("transport of floor", f"{got.ratio:.2f}", "1.30"),
        ("Jira calls at the partner's of floor", f"{got.calls / least:.2f}", "1.20"),
        ("issues that differ in the end", f"{got.differing}", "0"),
    ]
    return [
        f"| {got.edits:,} edits of {got.issues} issues | measured | at most |",
        "| --- | --: | --: |",
        *(f"| {name} | {value} | {most} |" for name, value, most in rows),
        "",
        *_in_words(got),
    ]


def _in_words(got: Verdict) -> list[str]:
    target, source = (
        ", ".join(f"{number} {kind}" for kind, number in side.items()) for side in (got.target, got.source)
    )
    ours, theirs = got.mails
    times = f"{got.transport * 1000:.0f} ms, the floor {got.floor * 1000:.0f} ms (medians of {REPEATS - 1})"
    return [
        (
            f"{ours} mails were sent by the side where people worked, {theirs} by the other one: parcels, "
            "acknowledgements, and questions whether the partner is there."
        ),
        (
            f"Parcels with values: {got.parcels}, with {got.octets:,} bytes of plaintext; "
            f"{got.early:,} of the messages left while the partner was away."
        ),
        f"Their transport took {times}.",
        f"Calls at the partner's Jira: {target}.",
        f"Calls where people worked: {source}.",
        f"{got.seconds:.0f} seconds after the partner had come back, both sides had been equal and quiet for a while.",
    ]


def main(issues: int, rounds: int) -> None:
    print("\n".join(asyncio.run(table(issues, rounds))))  # noqa: T201  whoever waits wants to see


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
