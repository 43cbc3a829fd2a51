"""OpenPGP by Sequoia, which is never called in this process but in children with limits.

In process, a parcel of 1 MB was seen to take 1.2 GB, and the making of an RSA key to stop every thread for 4 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Never, Self, assert_never

from backbone.adapters.pgp.calls import (
    AnyAnswer,
    AnyCall,
    Content,
    Failed,
    Fault,
    Generate,
    Key,
    Lock,
    OpenEncrypted,
    OpenSigned,
    ReadPublic,
    ReadSecret,
    Said,
    Seal,
    Unlock,
)
from backbone.adapters.pgp.children import Children, Ended, Limits, OverLimit
from backbone.core.model.keys import Millis
from backbone.ports.cipher import (
    Cipher,
    CipherError,
    KeyKind,
    KeyPair,
    KeyRefused,
    NotForUs,
    NotGenuine,
    Opened,
    PublicKey,
    TooLarge,
    Unproven,
)

USUAL = Limits()
GENERATION = replace(USUAL, processor=100, seconds=120)
"""RSA takes seconds, on a busy machine many."""
ARMOR_AND_KEYS = 100_000
"""Bytes by which a parcel may exceed what its content takes in armor."""


class SequoiaCipher(Cipher):
    """Has to be closed, or used as a context. Children start when they are needed."""

    def __init__(self, limits: Limits = USUAL, *, generation: Limits = GENERATION, most: int = 2) -> None:
        self._children = Children(limits, most=most)
        self._generating = Children(replace(generation, calls=1), most=1)

    async def close(self) -> None:
        await self._children.close()
        await self._generating.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def generate(self, kind: KeyKind) -> KeyPair:
        children = self._children if kind is KeyKind.CURVE_25519 else self._generating
        return _key_pair(await self._key(children, Generate(kind=kind.value)))

    async def read_public(self, armored: str) -> PublicKey:
        return _public_key(await self._key(self._children, ReadPublic(armored=armored)))

    async def read_secret(self, armored: str) -> KeyPair:
        return _key_pair(await self._key(self._children, ReadSecret(armored=armored)))

    async def seal(self, plaintext: bytes, secret: str, recipient: str | None) -> bytes:
        return await self._content(Seal(plaintext=plaintext, secret=secret, recipient=recipient))

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        _refuse_larger(sealed, largest)
        if not encrypted:
            return await self._opened(OpenSigned(sealed=sealed, partners=list(partners), largest=largest))
        if secret is None:
            raise NotForUs("There is no key to open the parcel with.")
        return await self._opened(OpenEncrypted(sealed=sealed, secret=secret, partners=list(partners), largest=largest))

    async def lock(self, plaintext: bytes, passphrase: str) -> bytes:
        return await self._content(Lock(plaintext=plaintext, passphrase=passphrase))

    async def unlock(self, locked: bytes, passphrase: str, *, largest: int) -> bytes:
        _refuse_larger(locked, largest)
        return await self._content(Unlock(locked=locked, passphrase=passphrase, largest=largest))

    async def _key(self, children: Children, call: AnyCall) -> Key:
        try:
            answer = await _answer(children, call)
        except TooLarge as error:
            raise KeyRefused(f"The key is refused. {error}") from error
        if not isinstance(answer, Key):
            _unexpected(answer)
        return answer

    async def _content(self, call: AnyCall) -> bytes:
        answer = await _answer(self._children, call)
        if not isinstance(answer, Content):
            _unexpected(answer)
        return answer.content

    async def _opened(self, call: AnyCall) -> Opened:
        answer = await _answer(self._children, call)
        if not isinstance(answer, Said):
            _unexpected(answer)
        signed = Millis(answer.signed) if answer.signed is not None else None
        return Opened(plaintext=answer.content, signer=answer.signer, signed=signed)


async def _answer(children: Children, call: AnyCall) -> AnyAnswer:
    try:
        answer = await children.ask(call)
    except OverLimit as error:
        raise TooLarge(str(error)) from error
    except Ended as error:
        raise _failure(call, str(error)) from error
    if isinstance(answer, Failed):
        raise _error(answer)
    return answer


def _failure(call: AnyCall, message: str) -> CipherError:
    """What hostile input brings about is the fault of the input, whatever else it may show."""
    match call:
        case OpenEncrypted() | OpenSigned() | Unlock():
            return NotGenuine(message)
        case ReadPublic() | ReadSecret():
            return KeyRefused(message)
        case Generate() | Seal() | Lock():
            return CipherError(message)
        case _:
            assert_never(call)


def _error(failed: Failed) -> CipherError:
    match failed.fault:
        case Fault.KEY_REFUSED:
            return KeyRefused(failed.message)
        case Fault.NOT_FOR_US:
            return NotForUs(failed.message)
        case Fault.NOT_GENUINE:
            return NotGenuine(failed.message)
        case Fault.UNPROVEN:
            return Unproven(failed.message)
        case Fault.TOO_LARGE:
            return TooLarge(failed.message)
        case _:
            assert_never(failed.fault)


def _refuse_larger(sealed: bytes, largest: int) -> None:
    """Content is not compressed inside, so a parcel tells its size before it is opened; 64 bytes of it take 89 of armor."""
    if len(sealed) > largest * 3 // 2 + ARMOR_AND_KEYS:
        raise TooLarge(f"It has {len(sealed)} bytes, and its content may have at most {largest}.")


def _key_pair(key: Key) -> KeyPair:
    assert key.secret is not None
    return KeyPair(secret=key.secret, public=_public_key(key))


def _public_key(key: Key) -> PublicKey:
    return PublicKey(armored=key.armored, fingerprint=key.fingerprint, algorithm=key.algorithm)


def _unexpected(answer: AnyAnswer) -> Never:
    raise CipherError(f"A child answered {type(answer).__name__}, which was not asked for.")
