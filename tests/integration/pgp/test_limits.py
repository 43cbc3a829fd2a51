"""What hostile parcels, killed children and impatient callers can do: nothing beyond the one call."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType

import psutil
import pytest

from backbone.adapters.pgp.calls import Generate
from backbone.adapters.pgp.child import ROOM
from backbone.adapters.pgp.children import Child, Limits
from backbone.adapters.pgp.cipher import USUAL, SequoiaCipher
from backbone.ports.cipher import CipherError, KeyKind, KeyPair, TooLarge
from tests.parts.gpg import Gpg

LARGEST = 1_000_000
MEBI = 2**20
BOMB = 256 * MEBI


def children(cipher: SequoiaCipher) -> list[psutil.Process]:
    """Those for everything, then those for RSA keys."""
    known = [*cipher._children._all, *cipher._generating._all]
    return [psutil.Process(child.process.pid) for child in known]


def highest_memory(child: psutil.Process) -> int:
    """The most bytes that it ever had in memory."""
    status = Path(f"/proc/{child.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - the state of a process has no event
        await asyncio.sleep(0.001)


def made_by_gpg(gpg: Gpg, partner: str, recipient: str, zeros: int) -> bytes:
    """So many zeros, compressed."""
    command = ["gpg", "--homedir", str(gpg.home), "--batch", "--trust-model", "always", "--armor", "-s", "-e"]
    more = ["-u", partner, "-r", recipient, "--compress-algo", "zlib", "-z", "6"]
    with subprocess.Popen(["head", "-c", str(zeros), "/dev/zero"], stdout=subprocess.PIPE) as source:
        return subprocess.run([*command, *more], stdin=source.stdout, capture_output=True, check=True).stdout


def at_work(cipher: SequoiaCipher, *, calls: int) -> bool:
    """Whether its child was given so many calls."""
    return [child.calls for child in cipher._children._all] == [calls]


@asynccontextmanager
async def one_stopped_child(limits: Limits = USUAL) -> AsyncIterator[tuple[SequoiaCipher, KeyPair, psutil.Process]]:
    """A cipher whose only child does not run until it is told to continue."""
    async with SequoiaCipher(limits, most=1) as cipher:
        ours = await cipher.generate(KeyKind.CURVE_25519)
        (child,) = children(cipher)
        child.suspend()
        yield cipher, ours, child


async def test_a_compression_bomb_is_refused_within_little_memory(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, ours: KeyPair
) -> None:
    gpg.take(ours.public.armored)
    bomb = made_by_gpg(gpg, partner, ours.public.fingerprint, BOMB)
    assert len(bomb) < LARGEST
    (child,) = children(cipher)

    with pytest.raises(TooLarge):
        await cipher.open(bomb, ours.secret, [gpg.public(partner)], largest=LARGEST)

    assert highest_memory(child) < ROOM + 10 * LARGEST
    sealed = await cipher.seal(b"still here", ours.secret, ours.public.armored)
    assert (await cipher.open(sealed, ours.secret, [ours.public.armored], largest=100)).plaintext == b"still here"


@pytest.mark.parametrize(
    ("passes", "exponent"), [(1, 22), (1, 31), (255, 16)], ids=["4-GiB", "2-TiB", "64-MiB-255-times"]
)
async def test_a_passphrase_that_is_costly_to_try_is_given_up(passes: int, exponent: int) -> None:
    """Argon2 tells how much memory, and how often, before it is known whether the passphrase fits (RFC 9580, 3.7.1.4)."""
    argon = b"\x04" + bytes(16) + bytes([passes, 1, exponent])
    skesk = b"\x04\x09" + argon
    locked = b"\xc3" + bytes([len(skesk)]) + skesk + b"\xd2\x30\x01" + bytes(47)
    limits = Limits(processor=0, seconds=20)

    async with SequoiaCipher(limits, most=1) as cipher:
        with pytest.raises(CipherError):
            await cipher.unlock(armored(locked), "passphrase", largest=LARGEST)
        assert await cipher.unlock(await cipher.lock(b"x", "y"), "y", largest=1) == b"x"


@pytest.mark.parametrize("nested", [10, 1000, 20_000])
async def test_packets_within_packets_do_no_harm(cipher: SequoiaCipher, ours: KeyPair, nested: int) -> None:
    content = b"\xcb\x07b\x00\x00\x00\x00\x00x"
    for _ in range(nested):
        content = b"\xc8\xff" + (len(content) + 1).to_bytes(4, "big") + b"\x00" + content
    for encrypted in (True, False):
        with pytest.raises(CipherError):
            await cipher.open(
                armored(content), ours.secret, [ours.public.armored], largest=LARGEST, encrypted=encrypted
            )


async def test_a_parcel_that_is_larger_than_what_it_may_say_is_not_even_read(
    cipher: SequoiaCipher, ours: KeyPair
) -> None:
    with pytest.raises(TooLarge):
        await cipher.open(b"x" * 2 * LARGEST, ours.secret, [ours.public.armored], largest=LARGEST)


async def test_a_parcel_of_50_mb_fits_into_the_limits(cipher: SequoiaCipher, ours: KeyPair) -> None:
    size = 50_000_000
    plaintext = os.urandom(size)

    sealed = await cipher.seal(plaintext, ours.secret, ours.public.armored)
    opened = await cipher.open(sealed, ours.secret, [ours.public.armored], largest=size)

    assert opened.plaintext == plaintext


async def test_a_child_that_does_not_answer_in_time_is_replaced() -> None:
    async with one_stopped_child(Limits(seconds=0.5)) as (cipher, ours, child):
        with pytest.raises(TooLarge, match="memory or time"):
            await cipher.seal(b"x", ours.secret, None)

        assert not child.is_running()
        assert await cipher.seal(b"x", ours.secret, None)


async def test_an_answer_that_is_too_long_is_not_taken() -> None:
    async with SequoiaCipher(Limits(answer=10_000), most=1) as cipher:
        ours = await cipher.generate(KeyKind.CURVE_25519)

        with pytest.raises(TooLarge):
            await cipher.seal(b"x" * 20_000, ours.secret, None)
        assert await cipher.seal(b"x", ours.secret, None)


async def test_a_child_killed_at_work_fails_its_call_alone() -> None:
    async with one_stopped_child() as (cipher, ours, child):
        call = asyncio.create_task(cipher.seal(b"x", ours.secret, None))
        await until(lambda: at_work(cipher, calls=2))
        child.kill()

        with pytest.raises(CipherError):
            await call
        assert await cipher.seal(b"x", ours.secret, None)


async def test_a_child_killed_at_rest_is_not_noticed() -> None:
    async with SequoiaCipher(most=1) as cipher:
        ours = await cipher.generate(KeyKind.CURVE_25519)
        (child,) = children(cipher)
        child.send_signal(signal.SIGKILL)
        await until(lambda: child.status() == psutil.STATUS_ZOMBIE)

        assert await cipher.seal(b"x", ours.secret, None)


async def test_a_cancelled_call_ends_at_once_and_leaves_no_child_behind() -> None:
    async with one_stopped_child() as (cipher, ours, child):
        call = asyncio.create_task(cipher.seal(b"x", ours.secret, None))
        await until(lambda: at_work(cipher, calls=2))
        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call
        await until(lambda: not child.is_running())
        assert await cipher.seal(b"x", ours.secret, None)


async def test_calls_cancelled_at_any_moment_leave_a_cipher_that_works(cipher: SequoiaCipher, ours: KeyPair) -> None:
    for moment in range(25):
        call = asyncio.create_task(cipher.seal(b"x" * 1000, ours.secret, ours.public.armored))
        await asyncio.sleep(moment / 10_000)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    sealed = await cipher.seal(b"y", ours.secret, ours.public.armored)
    assert (await cipher.open(sealed, ours.secret, [ours.public.armored], largest=1)).plaintext == b"y"


async def test_making_an_rsa_key_holds_up_nobody(ours: KeyPair) -> None:
    async with SequoiaCipher(most=1) as cipher:
        generation = asyncio.create_task(cipher.generate(KeyKind.RSA_3072))
        await until(lambda: len(children(cipher)) == 1)
        (maker,) = children(cipher)
        maker.suspend()
        sealed = await cipher.seal(b"meanwhile", ours.secret, ours.public.armored)
        assert (await cipher.open(sealed, ours.secret, [ours.public.armored], largest=9)).plaintext == b"meanwhile"
        assert not generation.done()
        generation.cancel()


async def test_many_calls_at_once_get_their_own_answers_from_few_children(cipher: SequoiaCipher, ours: KeyPair) -> None:
    texts = [str(number).encode() * 100 for number in range(40)]

    sealed = await asyncio.gather(*(cipher.seal(text, ours.secret, ours.public.armored) for text in texts))
    opened = await asyncio.gather(
        *(cipher.open(one, ours.secret, [ours.public.armored], largest=1000) for one in sealed)
    )

    assert [one.plaintext for one in opened] == texts
    assert len(children(cipher)) <= 2


async def test_a_child_is_replaced_after_its_calls() -> None:
    async with SequoiaCipher(Limits(calls=3), most=1) as cipher:
        ours = await cipher.generate(KeyKind.CURVE_25519)
        seen = set()
        for _ in range(5):
            await cipher.seal(b"x", ours.secret, None)
            seen |= {child.pid for child in children(cipher)}

    assert len(seen) == 2


async def test_a_child_has_no_secret_in_its_arguments_and_nothing_of_our_environment(
    cipher: SequoiaCipher,
) -> None:
    await cipher.lock(b"content", "a passphrase")
    for child in children(cipher):
        assert child.environ() == {}
        assert child.cmdline()[1:4] == ["-I", "-m", "backbone.adapters.pgp.child"]
        assert all(argument.isdecimal() for argument in child.cmdline()[4:])
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_AS)[1] == USUAL.memory


async def test_nothing_is_left_after_closing(ours: KeyPair) -> None:
    cipher = SequoiaCipher()
    await asyncio.gather(*(cipher.seal(b"x", ours.secret, None) for _ in range(4)))
    waiting = asyncio.create_task(cipher.generate(KeyKind.RSA_3072))
    await until(lambda: len(cipher._generating._all) == 1)
    started = children(cipher)

    await cipher.close()

    with pytest.raises(CipherError):
        await waiting
    assert len(started) >= 2
    assert [child for child in started if child.is_running()] == []


async def test_nothing_is_left_of_a_cipher_that_was_forgotten(ours: KeyPair) -> None:
    cipher = SequoiaCipher()
    await cipher.seal(b"x", ours.secret, None)
    (child,) = children(cipher)

    del cipher
    gc.collect()

    await until(lambda: not child.is_running())


def armored(content: bytes) -> bytes:
    return b"-----BEGIN PGP MESSAGE-----\n\n" + b64encode(content) + b"\n-----END PGP MESSAGE-----\n"


def test_whatever_ends_a_call_in_between_its_child_answers_no_other() -> None:
    """Here it is an interruption while the answer is awaited; what was asked is answered nobody."""
    child = Child(USUAL)
    os.kill(child.process.pid, signal.SIGSTOP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            child.ask(Generate(kind=KeyKind.CURVE_25519.value))
    finally:
        signal.signal(signal.SIGALRM, before)

    assert not child.usable()
