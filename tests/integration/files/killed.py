"""Sends a parcel into the directory given as argument, and is killed once it is written and has no name yet."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from backbone.adapters.transports.files.sending import DirectorySender
from tests.parts.exchange_folder import sending


def die(_handle: int, _old: str, _new: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(DirectorySender(sending(Path(sys.argv[1])), rename=die).send(b"parcel"))
