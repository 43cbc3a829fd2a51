"""Values of the core as JSON for the database, and back.

msgspec does it by the annotations of the dataclasses. What it leaves to us: a union of dataclasses carries the name of
its class under ``is``, and characters that PostgreSQL cannot hold (NUL, lone surrogates) are escaped. Fields that a
stored document lacks get their defaults and fields that it has too many are left out, so that documents of another
version of the program can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")
Plain: TypeAlias = Any
"""What JSON holds; and where a value is written, any dataclass."""
Shape: TypeAlias = Any
"""What an annotation may be: a class, a union, a generic type with its arguments."""
Write = Callable[[Plain], Plain]
Read = Callable[[Plain], Plain]

TAG = "is"
_ESCAPE = "\ue000"
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff\ue000]")
_ESCAPED = re.compile(_ESCAPE + "([0-9a-f]{4})")


class Codec(Generic[T]):
    """Encodes and decodes the values of one type, which may be a union of dataclasses."""

    def __init__(self, type_: Shape) -> None:
        self._type = type_
        self._tagged = _holds_union(type_)
        self._decoder = msgspec.json.Decoder(object if self._tagged else type_)

    def encode(self, value: T) -> str:
        plain = _writer(self._type)(value) if self._tagged else value
        try:
            text = msgspec.json.encode(plain).decode()
        except UnicodeEncodeError:
            return msgspec.json.encode(_escape(msgspec.to_builtins(plain))).decode()
        if "\\u0000" in text or _ESCAPE in text:
            return msgspec.json.encode(_escape(msgspec.to_builtins(plain))).decode()
        return text

    def decode(self, data: bytes | str) -> T:
        raw = data.encode() if isinstance(data, str) else data
        if _ESCAPE.encode() in raw:
            return cast("T", _reader(self._type)(_unescape(msgspec.json.decode(raw))))
        decoded = self._decoder.decode(raw)
        return cast("T", _reader(self._type)(decoded) if self._tagged else decoded)


def _members(type_: Shape) -> tuple[Shape, ...]:
    """The dataclasses of a union of two or more, else nothing."""
    if _origin(type_) not in (UnionType, Union):
        return ()
    found = tuple(one for one in get_args(type_) if is_dataclass(one))
    return found if len(found) > 1 else ()


def _origin(type_: Shape) -> Shape:
    return get_origin(type_)


def _is_record(type_: Shape) -> bool:
    return is_dataclass(type_)


def _holds_union(type_: Shape, seen: frozenset[Shape] = frozenset()) -> bool:
    if _members(type_):
        return True
    if _is_record(type_) and type_ not in seen:
        return any(_holds_union(one, seen | {type_}) for one in _hints(type_).values())
    return any(_holds_union(one, seen) for one in get_args(type_) if one is not Ellipsis)


@cache
def _hints(type_: Shape) -> dict[str, Plain]:
    return get_type_hints(type_)


@cache
def _writer(type_: Shape) -> Write:
    """A function that makes plain JSON values of a type that has tagged values somewhere inside."""
    if not _holds_union(type_):
        return msgspec.to_builtins
    if _members(type_):
        return _write_member
    if _is_record(type_):
        return _write_fields
    match _origin(type_), get_args(type_):
        case origin, (_, inner) if isinstance(origin, type) and issubclass(origin, Mapping):
            return lambda value: {key: _writer(inner)(one) for key, one in value.items()}
        case origin, (inner, *_) if origin in (tuple, frozenset):
            return lambda value: [_writer(inner)(one) for one in value]
        case _, (inner, none) if none is NoneType:
            return lambda value: None if value is None else _writer(inner)(value)
    raise TypeError(f"no way to store {type_}")


def _write_fields(value: Plain) -> dict[str, Plain]:
    type_: Shape = type(value)
    hints = _hints(type_)
    return {one.name: _writer(hints[one.name])(getattr(value, one.name)) for one in fields(value)}


def _write_member(value: Plain) -> Plain:
    return None if value is None else {TAG: type(value).__name__, **_write_fields(value)}


@cache
def _reader(type_: Shape) -> Read:
    """The reverse of the writer."""
    if not _holds_union(type_):
        return lambda plain: msgspec.convert(plain, type_)
    if members := _members(type_):
        by_name = {one.__name__: one for one in members}
        return lambda plain: None if plain is None else _read_fields(by_name[plain[TAG]], plain)
    if _is_record(type_):
        return lambda plain: _read_fields(type_, plain)
    match _origin(type_), get_args(type_):
        case origin, (key, inner) if isinstance(origin, type) and issubclass(origin, Mapping):
            return lambda plain: {msgspec.convert(name, key): _reader(inner)(one) for name, one in plain.items()}
        case origin, (inner, *_) if origin in (tuple, frozenset):
            return lambda plain: origin(_reader(inner)(one) for one in plain)
        case _, (inner, none) if none is NoneType:
            return lambda plain: None if plain is None else _reader(inner)(plain)
    raise TypeError(f"no way to read {type_}")


def _read_fields(type_: Shape, plain: Mapping[str, Plain]) -> Plain:
    known = {name: _reader(hint)(plain[name]) for name, hint in _hints(type_).items() if name in plain}
    return type_(**known)


def _escape(plain: Plain) -> Plain:
    return _map_texts(plain, lambda text: _UNHOLDABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text))


def _unescape(plain: Plain) -> Plain:
    return _map_texts(plain, lambda text: _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _map_texts(plain: Plain, change: Callable[[str], str]) -> Plain:
    match plain:
        case str():
            return change(plain)
        case dict():
            return {change(key): _map_texts(one, change) for key, one in plain.items()}
        case list() | tuple():
            return [_map_texts(one, change) for one in plain]
        case _:
            return plain
