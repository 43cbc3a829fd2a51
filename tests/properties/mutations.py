"""Parcels that were tampered with: by whoever carries them, and by a partner who signs whatever he likes.

``python -m tests.properties.mutations CASES --seed SEED``. In 70 of 100 cases the plaintext is mutated and then sealed
by the partner as it has to be; in the others what was sealed is mutated, replayed, reflected or forwarded. Each case
depends on seed and number alone. What is accepted must be what the partner sealed, well-formed and within all limits;
nothing else than a refusal may be raised, no file may be touched, and memory is bounded by the system. One case in 25
is a sealed parcel that was tampered with and goes to OpenPGP itself, in its own process with its own limits.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields, is_dataclass, replace
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.app.channel.opening import Refusal, understand
from backbone.app.channel.packing import pack, unpack
from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.channel import Channel, Incoming, Outgoing, PinnedKey, Stage
from backbone.core.protocol.parcels import Digest, Epoch, KeyFingerprint, Messages, Parcel
from backbone.core.protocol.wire import from_plain, to_plain
from backbone.ports.cipher import Cipher, KeyKind, KeyPair
from tests.fakes.cipher import PlainCipher
from tests.fakes.parcels import CHANNEL, EPOCH, parcels
from tests.properties import plaintext_mutations, sealed_mutations
from tests.properties.ledger import Ledger

MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes of address space that a process may have."""
CHUNK = 10_000
CORPUS = 250
MUTATED_PLAINTEXT = 0.73
"""Share of the cases with the quick cipher; it makes seven tenths of all."""
ONE_IN = 25
"""How many cases there are for each one with the real cipher."""
ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*\Z")
IDS = {"pair", "file", "original", "id", "origin", "channel", "epoch"}


@dataclass(slots=True)
class Watch:
    """Notices files, programs and connections that are opened while it is on."""

    on: bool = False
    seen: list[str] = field(default_factory=list)

    def __call__(self, event: str, _: object) -> None:
        if self.on and event.partition(".")[0] in {"open", "os", "shutil", "subprocess", "socket", "pathlib"}:
            self.seen.append(event)


WATCH = Watch()


@dataclass(slots=True)
class Tally:
    """How many cases ended how, and what must not have happened."""

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0

    def add(self, other: Tally) -> None:
        self.ends.update(other.ends)
        self.failures.extend(other.failures)
        self.slowest = max(self.slowest, other.slowest)


@dataclass(slots=True, kw_only=True)
class Scene:
    """A partner that seals, we that open, and two who have nothing to say."""

    cipher: Cipher
    partner: KeyPair
    us: KeyPair
    stranger: KeyPair
    third: KeyPair
    corpus: Sequence[Parcel] = ()
    plain: Sequence[bytes] = ()
    sealed: Sequence[bytes] = ()
    digests: frozenset[Digest] = frozenset()
    ledger: Ledger = field(default_factory=Ledger)

    async def open(self, sealed: bytes) -> tuple[Parcel, Digest]:
        """As a channel does it. Raises Refusal."""
        found = await understand(self.cipher, self.channel(), {fingerprint(self.us): self.us.secret}, sealed)
        if found.objection is not None:
            raise Refusal(f"is of a {found.objection}")
        return found.parcel, found.digest

    def channel(self) -> Channel:
        """Our view of the channel, which is in the middle of its life."""
        return Channel(
            id=CHANNEL,
            role=Role.SECOND,
            stage=Stage.KNOWN,
            name="INT",
            description="",
            encrypted=True,
            token="",
            expires=Millis(0),
            our_keys=(pinned(self.us),),
            partner_keys=(pinned(self.partner),),
            confirmed=True,
            outgoing=Outgoing(epoch=Epoch("ours")),
            incoming=Incoming(epoch=EPOCH),
        )

    async def seal(self, plaintext: bytes) -> bytes:
        return await self.cipher.seal(plaintext, self.partner.secret, self.us.public.armored)


def pinned(pair: KeyPair) -> PinnedKey:
    return PinnedKey(fingerprint=fingerprint(pair), armored=pair.public.armored)


def fingerprint(pair: KeyPair) -> KeyFingerprint:
    return KeyFingerprint(pair.public.fingerprint)


async def set_scene(cipher: Cipher, corpus: Sequence[Parcel]) -> Scene:
    pairs = [await cipher.generate(KeyKind.CURVE_25519) for _ in range(4)]
    scene = Scene(cipher=cipher, partner=pairs[0], us=pairs[1], stranger=pairs[2], third=pairs[3])
    ours, theirs = fingerprint(scene.us), fingerprint(scene.partner)
    addressed = [
        replace(one, header=replace(one.header, sender=Role.FIRST, sender_key=theirs, recipient_key=ours))
        for one in corpus
    ]
    scene.corpus = [numbered(one, number) for number, one in enumerate(addressed, start=1)]
    scene.plain = [pack(one) for one in scene.corpus]
    scene.sealed = [await scene.seal(one) for one in scene.plain]
    scene.digests = frozenset(digest_of(one) for one in scene.plain)
    return scene


def numbered(one: Parcel, number: int) -> Parcel:
    """With a number that a partner may give next, so that what follows from it is tried, too."""
    if one.header.number is None:
        return one
    body = one.body
    if isinstance(body, Messages):
        body = Messages(messages=tuple(replace(said, after=min(said.after, number - 1)) for said in body.messages))
    return Parcel(header=replace(one.header, number=number), body=body)


def collected(seed: int) -> Sequence[Parcel]:
    """Parcels of every kind, the same for the same seed."""
    found: list[Parcel] = []

    @seeded(seed)
    @settings(
        max_examples=CORPUS,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(parcels())
    def collect(one: Parcel) -> None:
        found.append(one)

    collect()
    return found


# --- attacks without a mutation ---------------------------------------------------------------------------------------

Attack = Callable[[Scene, int], Awaitable[bytes]]


async def reflected(scene: Scene, number: int) -> bytes:
    """Our own parcel comes back."""
    own = scene.corpus[number].header
    header = replace(own, sender=Role.SECOND, sender_key=own.recipient_key, recipient_key=own.sender_key)
    plaintext = pack(replace(scene.corpus[number], header=header))
    return await scene.cipher.seal(plaintext, scene.us.secret, scene.partner.public.armored)


async def forwarded(scene: Scene, number: int) -> bytes:
    """A third company encrypts to us what the partner signed for it."""
    header = replace(scene.corpus[number].header, recipient_key=fingerprint(scene.third))
    return await scene.seal(pack(replace(scene.corpus[number], header=header)))


async def forged(scene: Scene, number: int) -> bytes:
    """A stranger signs what the partner said."""
    return await scene.cipher.seal(scene.plain[number], scene.stranger.secret, scene.us.public.armored)


async def unencrypted(scene: Scene, number: int) -> bytes:
    """The partner's signature without encryption, on a channel that has it."""
    return await scene.cipher.seal(scene.plain[number], scene.partner.secret, None)


async def for_another(scene: Scene, number: int) -> bytes:
    """A parcel for somebody else is delivered to us."""
    return await scene.cipher.seal(scene.plain[number], scene.partner.secret, scene.third.public.armored)


ATTACKS: tuple[Attack, ...] = (reflected, forwarded, forged, unencrypted, for_another)


# --- cases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something to deliver. ``allowed`` are digests of what may be accepted."""

    name: str
    sealed: bytes
    allowed: frozenset[Digest]


async def make_case(scene: Scene, chance: Random) -> Case:
    one, other = chance.randrange(len(scene.corpus)), chance.randrange(len(scene.corpus))
    kind = chance.random()
    if kind < MUTATED_PLAINTEXT:
        name, plaintext = plaintext_mutations.mutate(chance, scene.plain[one], scene.plain[other])
        return Case(name=name, sealed=await scene.seal(plaintext), allowed=frozenset({digest_of(plaintext)}))
    return await make_transported(scene, chance)


async def make_transported(scene: Scene, chance: Random) -> Case:
    one, other = chance.randrange(len(scene.corpus)), chance.randrange(len(scene.corpus))
    kind = chance.random()
    if kind < 0.02:
        return Case(name="replayed", sealed=scene.sealed[one], allowed=frozenset({digest_of(scene.plain[one])}))
    if kind < 0.2:
        attack = chance.choice(ATTACKS)
        return Case(name=attack.__name__, sealed=await attack(scene, one), allowed=frozenset())
    name, sealed = sealed_mutations.mutate(chance, scene.sealed[one], scene.sealed[other])
    return Case(name=name, sealed=sealed, allowed=scene.digests)


async def judge(scene: Scene, case: Case, tally: Tally, *, watched: bool) -> None:
    WATCH.on = watched
    try:
        parcel, digest = await scene.open(case.sealed)
    except Refusal as refusal:
        tally.ends[f"{case.name}: {refusal.cause}"] += 1
        return
    finally:
        WATCH.on = False
    tally.ends[f"{case.name}: accepted"] += 1
    if digest not in case.allowed:
        raise AssertionError("accepted, though the partner did not seal it for us")
    check_well_formed(parcel)
    scene.ledger.enter(parcel, digest)


def check_well_formed(parcel: Parcel) -> None:
    """Judged by other means than those that read it: it can be written, and no identifier means anything elsewhere."""
    if from_plain(to_plain(parcel)) != parcel or unpack(pack(parcel)) != parcel:
        raise AssertionError("accepted, but it cannot be written again")
    for name, value in texts(parcel):
        if name in IDS and not ID.match(value):
            raise AssertionError(f"accepted with an identifier that is none: {name}")


def texts(value: object) -> Iterator[tuple[str, str]]:
    """All texts with the attributes that hold them."""
    if is_dataclass(value):
        for one in fields(value):
            held = getattr(value, one.name)
            if isinstance(held, str):
                yield one.name, held
            else:
                yield from texts(held)
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


async def run(
    scene: Scene,
    numbers: Sequence[int],
    seed: int,
    *,
    make: Callable[[Scene, Random], Awaitable[Case]] = make_case,
    watched: bool = True,
) -> Tally:
    tally = Tally()
    for number in numbers:
        begun = time.process_time()
        case = await make(scene, Random(f"{seed} {number}"))  # noqa: S311 - it has to come again
        try:
            await judge(scene, case, tally, watched=watched)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            trace = "".join(traceback.format_exception(error)[-2:])
            tally.failures.append(f"seed {seed} case {number} {case.name}: {trace}")
        if WATCH.seen:
            tally.failures.append(f"seed {seed} case {number} {case.name}: touched {sorted(set(WATCH.seen))}")
            WATCH.seen.clear()
        tally.slowest = max(tally.slowest, time.process_time() - begun)
    return tally


def run_quick(seed: int, first: int, last: int) -> tuple[Tally, int]:
    """Cases of one process with the quick cipher, and the most memory that it had, in kilobytes."""
    corpus = collected(seed)

    async def all_of_them() -> Tally:
        return await run(await set_scene(PlainCipher(), corpus), range(first, last), seed)

    return asyncio.run(all_of_them()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run_real(seed: int, first: int, last: int) -> tuple[Tally, int]:
    """The same with OpenPGP, and only what is done to sealed parcels; its processes are no files of ours."""
    corpus = collected(seed)

    async def all_of_them() -> Tally:
        async with SequoiaCipher(most=1) as cipher:
            scene = await set_scene(cipher, corpus[:50])
            return await run(scene, range(first, last), seed, make=make_transported, watched=False)

    return asyncio.run(all_of_them()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.addaudithook(WATCH)


def main() -> int:
    parser = argparse.ArgumentParser(description="Tamper with parcels.")
    parser.add_argument("cases", type=int)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    real = asked.cases // ONE_IN
    quick, with_openpgp, most = Tally(), Tally(), 0
    with ProcessPoolExecutor(asked.processes, initializer=confine) as pool:
        runs = [(quick, pool.submit(run_quick, asked.seed, *one)) for one in chunks(asked.cases - real)]
        runs += [(with_openpgp, pool.submit(run_real, asked.seed, *one)) for one in chunks(real)]
        for whole, future in runs:
            tally, memory = future.result()
            whole.add(tally)
            most = max(most, memory)
    told: dict[str, object] = {"cases": asked.cases, "seed": asked.seed, "most memory, MB": most // 1024}
    told["quick cipher"], told["OpenPGP"] = report(quick), report(with_openpgp)
    print(json.dumps(told, indent=2))  # noqa: T201 - it speaks to its user
    return 1 if quick.failures or with_openpgp.failures else 0


def chunks(cases: int) -> list[tuple[int, int]]:
    return [(start, min(start + CHUNK, cases)) for start in range(0, cases, CHUNK)]


def report(tally: Tally) -> dict[str, object]:
    return {
        "cases": tally.ends.total() + len(tally.failures),
        "failures": tally.failures[:20],
        "failed": len(tally.failures),
        "accepted": sum(number for end, number in tally.ends.items() if end.endswith(": accepted")),
        "slowest, s": round(tally.slowest, 3),
        "ends": dict(sorted(tally.ends.items())),
    }


if __name__ == "__main__":
    sys.exit(main())
