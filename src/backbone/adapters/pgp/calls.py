"""What is asked of a child and what it answers, and how both cross a pipe: four bytes of length, then MessagePack.

Secrets cross pipes only: arguments and environment of a process can be read by others.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Call(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing to do."""


class Generate(Call, frozen=True, kw_only=True):
    """``kind`` is the value of a KeyKind."""

    kind: str


class ReadPublic(Call, frozen=True, kw_only=True):
    armored: str


class ReadSecret(Call, frozen=True, kw_only=True):
    armored: str


class Seal(Call, frozen=True, kw_only=True):
    plaintext: bytes
    secret: str
    recipient: str | None


class OpenEncrypted(Call, frozen=True, kw_only=True):
    sealed: bytes
    secret: str
    partners: list[str]
    largest: int


class OpenSigned(Call, frozen=True, kw_only=True):
    sealed: bytes
    partners: list[str]
    largest: int


class Lock(Call, frozen=True, kw_only=True):
    plaintext: bytes
    passphrase: str


class Unlock(Call, frozen=True, kw_only=True):
    locked: bytes
    passphrase: str
    largest: int


AnyCall = Generate | ReadPublic | ReadSecret | Seal | OpenEncrypted | OpenSigned | Lock | Unlock


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What came of it."""


class Content(Answer, frozen=True, kw_only=True):
    content: bytes


class Key(Answer, frozen=True, kw_only=True):
    """``secret`` is missing where only a public key was asked for."""

    secret: str | None
    armored: str
    fingerprint: str
    algorithm: str


class Said(Answer, frozen=True, kw_only=True):
    """``signed`` is in milliseconds since 1970, where it can be seen."""

    content: bytes
    signer: str
    signed: int | None


class Fault(StrEnum):
    """Why there is no result; the errors of the port, by name."""

    KEY_REFUSED = "key_refused"
    NOT_FOR_US = "not_for_us"
    NOT_GENUINE = "not_genuine"
    UNPROVEN = "unproven"
    TOO_LARGE = "too_large"


class Failed(Answer, frozen=True, kw_only=True):
    fault: Fault
    message: str


AnyAnswer = Content | Key | Said | Failed

LENGTH = 4
"""Bytes of the length, big end first."""

_encoder = msgspec.msgpack.Encoder()
_calls: msgspec.msgpack.Decoder[AnyCall] = msgspec.msgpack.Decoder(AnyCall)
_answers: msgspec.msgpack.Decoder[AnyAnswer] = msgspec.msgpack.Decoder(AnyAnswer)


def framed(one: Call | Answer) -> bytes:
    body = _encoder.encode(one)
    return len(body).to_bytes(LENGTH, "big") + body


def read_call(body: bytes) -> AnyCall:
    return _calls.decode(body)


def read_answer(body: bytes) -> AnyAnswer:
    return _answers.decode(body)
