"""The program of a child: it limits itself, then answers one call after the other until its input ends.

Started as ``python -I -m backbone.adapters.pgp.child MEMORY SECONDS``: bytes of address space, and seconds of processor
time for each call. Whatever goes wrong in a call without being an answer ends the process.
"""

from __future__ import annotations

import resource
import sys
from typing import BinaryIO, assert_never

from backbone.adapters.pgp import keys, parcels
from backbone.adapters.pgp.calls import (
    LENGTH,
    AnyAnswer,
    AnyCall,
    Failed,
    Fault,
    Generate,
    Lock,
    OpenEncrypted,
    OpenSigned,
    ReadPublic,
    ReadSecret,
    Seal,
    Unlock,
    framed,
    read_call,
)

OPEN_FILES = 16
ROOM = 128 * 2**20
"""Bytes for the program itself, which takes 40 MiB, and for keys."""
GROWTH = 10
"""A parcel was measured to take up to eight times its size: as armor, in binary, plain, and as it grows."""


def main(memory: int, seconds: int) -> None:
    limit(memory)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while call := next_call(source):
        allow(seconds, room_for(call))
        target.write(framed(answer(call)))
        target.flush()


def limit(memory: int) -> None:
    """Memory, open files, no file written, no core dumped. A process cannot raise these limits again."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def allow(seconds: int, memory: int) -> None:
    """So much processor time from now on, and so much memory in all. The system ends a process that takes more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most_time = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, most_time))
    _, most_memory = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(memory, most_memory), most_memory))


def room_for(call: AnyCall) -> int:
    """What an honest call of this size can need, so that a small parcel cannot become what a large one may."""
    match call:
        case Generate() | ReadPublic() | ReadSecret():
            return ROOM
        case Seal() | Lock():
            return ROOM + GROWTH * len(call.plaintext)
        case OpenEncrypted() | OpenSigned():
            return ROOM + GROWTH * min(len(call.sealed), call.largest)
        case Unlock():
            return ROOM + GROWTH * min(len(call.locked), call.largest)
        case _:
            assert_never(call)


def next_call(source: BinaryIO) -> AnyCall | None:
    head = source.read(LENGTH)
    if len(head) < LENGTH:
        return None
    return read_call(source.read(int.from_bytes(head, "big")))


def answer(call: AnyCall) -> AnyAnswer:
    try:
        return perform(call)
    except keys.Refused as refused:
        return Failed(fault=refused.fault, message=str(refused))
    except MemoryError:
        return Failed(fault=Fault.TOO_LARGE, message="It takes more memory than allowed.")


def perform(call: AnyCall) -> AnyAnswer:
    match call:
        case Generate():
            return keys.generate(call.kind)
        case ReadPublic():
            return keys.read_public(call.armored)
        case ReadSecret():
            return keys.read_secret(call.armored)
        case Seal():
            return parcels.seal(call)
        case OpenEncrypted():
            return parcels.open_encrypted(call)
        case OpenSigned():
            return parcels.open_signed(call)
        case Lock():
            return parcels.lock(call.plaintext, call.passphrase)
        case Unlock():
            return parcels.unlock(call)
        case _:
            assert_never(call)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
