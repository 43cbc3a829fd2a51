"""Part 4: workers, the whole program and PostgreSQL are killed at random moments while people work on both sides.

At the end everything must be there once, in order, and equal. Called with the number of kills and of workers.
"""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

import psutil
import psycopg

from tests.bench.jira import RemoteJira
from tests.bench.stage import Stage, stage

MARA = {"Authorization": f"Basic {b64encode(b'mara:mara').decode()}"}
PRIYA = {"Authorization": f"Basic {b64encode(b'priya@lumen.example:priya-token').decode()}"}
PRIORITIES = {"Critical": "P1", "Major": "P2", "Minor": "P3"}
PATIENCE = 240.0
"""Seconds after the last kill within which both sides must be equal."""


@dataclass(slots=True, kw_only=True)
class People:
    """What people do: they create issues on both sides, edit and comment them, and remember what they did."""

    jiras: tuple[RemoteJira, RemoteJira]
    chance: Random
    made: list[tuple[int, str, str]] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)
    edits: int = 0

    async def create(self, number: int) -> None:
        side = number % 2
        summary = f"Matter {number}"
        kind, project = (("Bug", "PUMP"), ("Defect", "LUM"))[side]
        fields = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary}
        found = await self._call(side, "POST", "issue", {"fields": fields})
        self.made.append((side, found["key"], summary))
        self.comments[summary] = []

    async def touch(self) -> None:
        """Edit or comment one of the issues where it was created."""
        side, key, summary = self.chance.choice(self.made)
        self.edits += 1
        if self.chance.random() < 0.4:
            text = f"Word {self.edits} on {summary}."
            self.comments[summary].append(text)
            await self._call(side, "POST", f"issue/{key}/comment", {"body": text})
            return
        priority = self.chance.choice([(each, theirs)[side] for each, theirs in PRIORITIES.items()])
        fields = {"description": f"State {self.edits}", "priority": {"name": priority}}
        await self._call(side, "PUT", f"issue/{key}", {"fields": fields})

    async def work(self, issues: int, stop: asyncio.Event, pause: float) -> None:
        """Create all issues, and go on editing until told to stop."""
        number = 0
        while number < issues or not stop.is_set():
            if number < issues and (not self.made or self.chance.random() < 0.5):
                await self.create(number)
                number += 1
            else:
                await self.touch()
            await asyncio.sleep(0.01 if stop.is_set() else pause)

    async def _call(self, side: int, method: str, path: str, body: object) -> Any:  # noqa: ANN401  JSON
        jira = self.jiras[side]
        headers = (MARA, PRIYA)[side]
        async with jira.http.request(method, f"{jira.url}/rest/api/2/{path}", json=body, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.status in (200, 201) else None


async def kill_worker(here: Stage, chance: Random) -> None:
    victim = chance.choice(here.workers)
    victim.kill()
    await victim.wait()
    here.workers.remove(victim)
    await here.start_worker(hasty=True)


async def kill_program(here: Stage, chance: Random) -> None:
    """All workers at once."""
    del chance
    count = len(here.workers)
    for one in here.workers:
        one.kill()
    for one in here.workers:
        await one.wait()
    here.workers.clear()
    for _ in range(count):
        await here.start_worker(hasty=True)


async def kill_postgres(here: Stage, chance: Random) -> None:
    """The server with all its children, as when the machine loses its power."""
    del chance
    server = psutil.Process(here.postgres_pid)
    family = [server, *server.children(recursive=True)]
    for one in family:
        one.kill()
    await asyncio.to_thread(psutil.wait_procs, family, 10)
    await here.start_postgres()


KILLS = {"a worker": kill_worker, "the program": kill_program, "PostgreSQL": kill_postgres}


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found at the end."""

    kills: Counter[str] = field(default_factory=Counter)
    issues: int = 0
    edits: int = 0
    duplicates: int = 0
    lost: int = 0
    disordered: int = 0
    differing: int = 0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.duplicates or self.lost or self.disordered or self.differing)


async def run_kills(*, kills: int, workers: int, issues: int, seed: int = 1, pause: float = 0.05) -> Verdict:
    """Let people work while things die; then wait until both sides are equal, and judge."""
    chance = Random(seed)  # noqa: S311  no secret depends on it
    async with stage(issues=0, interval=0.5) as here:
        people = People(jiras=(here.first, here.second), chance=Random(seed))  # noqa: S311  the same
        for _ in range(workers):
            await here.start_worker(hasty=True)
        stop = asyncio.Event()
        working = asyncio.create_task(people.work(issues, stop, pause))
        killed: Counter[str] = Counter()
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.2, 3.0))
            name = chance.choices(list(KILLS), weights=(6, 2, 2))[0]
            await KILLS[name](here, chance)
            killed[name] += 1
        stop.set()
        await working
        ended = monotonic()
        verdict = await judged(here, people)
        while not verdict.sound and monotonic() - ended < PATIENCE:
            await asyncio.sleep(2)
            verdict = await judged(here, people)
        verdict.kills, verdict.seconds = killed, monotonic() - ended
        if not verdict.sound:
            verdict.examples += await _held_back(here)
        return verdict


async def judged(here: Stage, people: People) -> Verdict:
    """What is on both sides now, against what people did."""
    sides = [await _issues(here.first, "PUMP"), await _issues(here.second, "LUM")]
    verdict = Verdict(issues=len(people.made), edits=people.edits)
    for side, _, summary in people.made:
        ours, theirs = sides[side].get(summary, []), sides[1 - side].get(summary, [])
        if len(theirs) != 1:
            verdict.duplicates += len(theirs) > 1
            verdict.lost += not theirs
            verdict.examples.append(f"{summary}: {len(theirs)} partners")
            continue
        _compare(verdict, summary, (ours[0], theirs[0]), people.comments[summary], side)
    verdict.examples = verdict.examples[:5]
    return verdict


def _compare(verdict: Verdict, summary: str, both: tuple[Any, Any], comments: Sequence[str], side: int) -> None:
    ours, theirs = both
    names = PRIORITIES if side == 0 else {theirs: ours for ours, theirs in PRIORITIES.items()}
    if (
        ours["description"] != theirs["description"]
        or names.get(ours["priority"]["name"]) != theirs["priority"]["name"]
    ):
        verdict.differing += 1
        verdict.examples.append(f"{summary}: {ours['description']} and {theirs['description']}")
    bodies = [each["body"].split("\n")[-1] for each in theirs["comment"]["comments"]]
    verdict.duplicates += len(bodies) - len(set(bodies))
    verdict.lost += len(set(comments) - set(bodies))
    if list(dict.fromkeys(bodies)) != [each for each in comments if each in bodies]:
        verdict.disordered += 1
    if bodies != list(comments):
        verdict.examples.append(f"{summary}: {bodies} instead of {list(comments)}")


async def _issues(jira: RemoteJira, project: str) -> dict[str, list[Any]]:
    """Every issue of a project by its summary, with all comments."""
    fields = ["summary", "description", "priority", "comment"]
    body: dict[str, object] = {"jql": f"project = {project} ORDER BY key ASC", "fields": fields, "maxResults": 100}
    found: dict[str, list[Any]] = {}
    cloud = project == "LUM"
    while True:
        async with jira.http.post(
            f"{jira.url}/rest/api/2/search{'/jql' if cloud else ''}", json=body, headers=jira.login()["headers"]
        ) as answer:
            answer.raise_for_status()
            page = await answer.json()
        for each in page["issues"]:
            found.setdefault(each["fields"]["summary"], []).append(each["fields"])
        if cloud:
            if not page.get("nextPageToken"):
                return found
            body["nextPageToken"] = page["nextPageToken"]
            continue
        body["startAt"] = page["startAt"] + len(page["issues"])
        if body["startAt"] >= page["total"]:
            return found


async def _held_back(here: Stage) -> list[str]:
    """Why it is not equal, as far as the database tells."""
    try:
        problems = await here.ask("select document->>'code', document->>'cause' from problem limit 3")
        waiting = await here.ask("select count(*) from inbox where not applied")
        attempts = await here.ask("select count(*) from create_attempt")
        marks = await here.ask("select (select count(*) from dirty), (select count(*) from issue_attempt)")
        locks = await here.ask("select count(*) from pg_locks where locktype = 'advisory'")
        ticks = await here.ask(
            "select name, extract(epoch from due - clock_timestamp())::int,"
            " extract(epoch from leased_until - clock_timestamp())::int from tick order by name"
        )
        cursors = await here.ask("select name, document::text from cursor")
        hosts = await here.ask("select name, per_second, paused_until::text, blocked::text from host")
        doing = await here.ask(
            "select state, wait_event, extract(epoch from clock_timestamp() - query_start)::int, left(query, 60)"
            " from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
    except psycopg.Error as error:
        return [str(error)]
    return [
        *(f"{code}: {cause}" for code, cause in problems),
        f"{waiting} waiting, {attempts} open, {marks} marked, {locks} locked",
        f"workers ended with {[one.returncode for one in here.workers]}",
        *(f"tick {name}: due in {due} s, leased for {lease} s" for name, due, lease in ticks),
        *(f"cursor {name}: {document[:120]}" for name, document in cursors),
        *(f"host {row}" for row in hosts),
        *(f"session {row}" for row in doing),
    ]


async def table(kills: int, seed: int) -> list[str]:
    """The lines of the documents, with one and with three workers."""
    lines = [
        "| workers | kills | issues | edits | duplicates | lost | out of order | differing | equal after |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for workers in (1, 3):
        found = await run_kills(kills=kills // 2, workers=workers, issues=500, seed=seed)
        killed = ", ".join(f"{count} of {name}" for name, count in sorted(found.kills.items()))
        wrong = f"{found.duplicates} | {found.lost} | {found.disordered} | {found.differing}"
        lines.append(f"| {workers} | {killed} | {found.issues} | {found.edits} | {wrong} | {found.seconds:.0f} s |")
        lines += [f"Not sound: {one}" for one in found.examples]
    return lines


def main(kills: int, workers: int) -> None:
    verdict = asyncio.run(run_kills(kills=kills, workers=workers, issues=500 if kills >= 100 else 100))
    print(verdict)  # noqa: T201  that is what it was called for


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
