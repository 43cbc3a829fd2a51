"""A program that starts the server of a home folder, says how that went as one line of JSON, and stays until its input ends.

Run as `child.py HOME PROGRAMS UID`; PROGRAMS may be empty, UID says whom to become first.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import psycopg

from backbone.adapters.postgres import PostgresUnavailable, start


def become(uid: int) -> None:
    if uid == os.geteuid():
        return
    # Imports now what is imported late: the other user may not be allowed to read it.
    asyncio.run(asyncio.to_thread(str))
    with suppress(psycopg.OperationalError):
        psycopg.connect("host=/nowhere")
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


async def begin(home: Path, programs: Path | None) -> dict[str, str | int | bool]:
    try:
        running = await start(home, binaries=programs)
    except PostgresUnavailable as error:
        return {"cause": error.cause, "remedy": error.remedy}
    with psycopg.connect(running.dsn) as connection:
        row = connection.execute("SELECT current_database()").fetchone()
    return {"dsn": running.dsn, "pid": running.pid, "started_by_us": running.started_by_us, "answer": str(row)}


home, programs, uid = sys.argv[1:]
become(int(uid))
json.dump(asyncio.run(begin(Path(home), Path(programs) if programs else None)), sys.stdout)
sys.stdout.write("\n")
sys.stdout.flush()
sys.stdin.read()
