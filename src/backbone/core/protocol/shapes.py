"""How values look as plain JSON values: each shape writes, reads and describes, with the same checks both ways.

What does not fit raises ``Misfit``, whose steps tell the way to the place. Neither they nor what is said of it quote
the value: it may be somebody's content.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"
"""What JSON holds, without fractions: this format has none."""
Named: TypeAlias = dict[str, Plain]
"""Descriptions of the records that were met, by name."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_PAIRED = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_REQUIRED: Final = object()


class Misfit(Exception):
    """A value is not as it has to be; ``steps`` lead to it from outside in."""

    def __init__(self, what: str, *steps: str) -> None:
        super().__init__(what)
        self.what = what
        self.steps = list(steps)

    @property
    def place(self) -> str:
        return ".".join(self.steps).replace(".[", "[")


class UnknownKind(Misfit):
    """A kind of thing that this version does not know; a newer one may."""


class Shape(Protocol[T]):
    """One kind of value: ``write`` and ``read`` raise ``Misfit``, ``describe`` gives its JSON Schema."""

    def write(self, value: T) -> Plain: ...

    def read(self, plain: object) -> T: ...

    def describe(self, named: Named) -> Plain: ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text of some code points, all of it in the pattern. Unpaired surrogates pass only with ``any_code``."""

    most: int
    least: int = 0
    pattern: str | None = None
    any_code: bool = False

    def write(self, value: str) -> Plain:
        return self.read(value)

    def read(self, plain: object) -> str:
        if not isinstance(plain, str):
            raise Misfit("is not a text")
        if not self.least <= len(plain) <= self.most:
            raise Misfit(f"has {len(plain)} characters, not {self.least} to {self.most}")
        if not plain.isascii():
            self._check_surrogates(plain)
        if self.pattern is not None and re.fullmatch(self.pattern, plain) is None:
            raise Misfit("has characters that are not allowed here, or another form")
        return plain

    def _check_surrogates(self, text: str) -> None:
        if self.any_code:
            if _PAIRED.search(text) is not None:
                raise Misfit("has two surrogates that would be read as one character")
            return
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Misfit("has an unpaired surrogate") from None

    def describe(self, named: Named) -> Plain:  # noqa: ARG002 - a text needs no name
        told: dict[str, Plain] = {"type": "string", "maxLength": self.most}
        if self.least:
            told["minLength"] = self.least
        if self.pattern is not None:
            told["pattern"] = f"^(?:{self.pattern})$"
        return told


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int

    def write(self, value: int) -> Plain:
        return self.read(value)

    def read(self, plain: object) -> int:
        if isinstance(plain, bool) or not isinstance(plain, int):
            raise Misfit("is not a whole number")
        if not self.least <= plain <= self.most:
            raise Misfit(f"is not between {self.least} and {self.most}")
        return plain

    def describe(self, named: Named) -> Plain:  # noqa: ARG002 - a number needs no name
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def write(self, value: bool) -> Plain:  # noqa: FBT001 - it is what is written
        return self.read(value)

    def read(self, plain: object) -> bool:
        if not isinstance(plain, bool):
            raise Misfit("is neither true nor false")
        return plain

    def describe(self, named: Named) -> Plain:  # noqa: ARG002 - a flag needs no name
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice(Generic[E]):
    """One of the values of an enumeration."""

    choices: type[E]

    def write(self, value: E) -> Plain:
        return self.read(value).value

    def read(self, plain: object) -> E:
        if isinstance(plain, str):
            with suppress(ValueError):
                return self.choices(plain)
        raise Misfit("is not one of the choices")

    def describe(self, named: Named) -> Plain:  # noqa: ARG002 - a choice needs no name
        return {"enum": [one.value for one in self.choices]}


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes as base64 with padding and without line breaks."""

    most: int

    def write(self, value: object) -> Plain:
        if not isinstance(value, bytes) or len(value) > self.most:
            raise Misfit(f"is not bytes, or more than {self.most}")
        return b64encode(value).decode("ascii")

    def read(self, plain: object) -> bytes:
        if not isinstance(plain, str) or len(plain) > (self.most + 2) // 3 * 4:
            raise Misfit(f"is not a text, or stands for more than {self.most} bytes")
        try:
            data = b64decode(plain, validate=True)
        except (binascii.Error, ValueError):
            raise Misfit("is not base64") from None
        if len(data) > self.most or b64encode(data).decode("ascii") != plain:
            raise Misfit("is not base64 in its only form, or too long")
        return data

    def describe(self, named: Named) -> Plain:  # noqa: ARG002 - bytes need no name
        return {"type": "string", "contentEncoding": "base64", "maxLength": (self.most + 2) // 3 * 4}


@dataclass(frozen=True, slots=True)
class Maybe(Generic[T]):
    """A value or ``null``."""

    shape: Shape[T]

    def write(self, value: T | None) -> Plain:
        return None if value is None else self.shape.write(value)

    def read(self, plain: object) -> T | None:
        return None if plain is None else self.shape.read(plain)

    def describe(self, named: Named) -> Plain:
        return {"anyOf": [self.shape.describe(named), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """A list; if it has a ``key``, each one occurs once."""

    shape: Shape[T]
    most: int
    least: int = 0
    key: Callable[[T], Hashable] | None = None

    def write(self, value: Sequence[T]) -> list[Plain]:
        written = [self._step(number, self.shape.write, one) for number, one in enumerate(self._counted(value))]
        self._check_once(value)
        return written

    def read(self, plain: object) -> tuple[T, ...]:
        if not isinstance(plain, list):
            raise Misfit("is not a list")
        found = tuple(self._step(number, self.shape.read, one) for number, one in enumerate(self._counted(plain)))
        self._check_once(found)
        return found

    def describe(self, named: Named) -> Plain:
        return {"type": "array", "items": self.shape.describe(named), "minItems": self.least, "maxItems": self.most}

    def _counted(self, items: Sequence[Any]) -> Sequence[Any]:
        if not self.least <= len(items) <= self.most:
            raise Misfit(f"has {len(items)} items, not {self.least} to {self.most}")
        return items

    @staticmethod
    def _step(number: int, convert: Callable[[Any], Any], item: object) -> Any:  # noqa: ANN401 - either direction
        try:
            return convert(item)
        except Misfit as misfit:
            misfit.steps.insert(0, f"[{number}]")
            raise

    def _check_once(self, items: Collection[T]) -> None:
        if self.key is not None and len({self.key(one) for one in items}) != len(items):
            raise Misfit("names one thing twice")


@dataclass(frozen=True, slots=True)
class Group:
    """A set of texts, written in the order of their code points."""

    shape: Shape[str]
    most: int

    def write(self, value: frozenset[str]) -> list[Plain]:
        return Several(self.shape, self.most, key=str).write(sorted(value))

    def read(self, plain: object) -> frozenset[str]:
        return frozenset(Several(self.shape, self.most, key=str).read(plain))

    def describe(self, named: Named) -> Plain:
        return {"type": "array", "items": self.shape.describe(named), "maxItems": self.most, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its name there, the attribute, its shape, and what its absence means."""

    name: str
    attribute: str
    shape: Shape[Any]
    absent: object = _REQUIRED

    @property
    def required(self) -> bool:
        return self.absent is _REQUIRED


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """An object with known members. Others are passed over when read; a member that says nothing is not written."""

    made: type[T]
    members: tuple[Member, ...]
    check: Callable[[T], None] | None = None

    def write(self, value: T) -> dict[str, Plain]:
        if type(value) is not self.made:
            raise Misfit(f"is not a {self.made.__name__}")
        written: dict[str, Plain] = {}
        for member in self.members:
            held = getattr(value, member.attribute)
            if member.required or held != member.absent:
                written[member.name] = _inside(member, member.shape.write, held)
        self._checked(value)
        return written

    def read(self, plain: object) -> T:
        if not isinstance(plain, dict):
            raise Misfit("is not an object")
        found: dict[str, Any] = {}
        for member in self.members:
            if member.name in plain:
                found[member.attribute] = _inside(member, member.shape.read, plain[member.name])
            elif member.required:
                raise Misfit("is missing", member.name)
            else:
                found[member.attribute] = member.absent
        return self._checked(self.made(**found))

    def describe(self, named: Named) -> Plain:
        name = self.made.__name__
        if name not in named:
            named[name] = None
            named[name] = self.object(named)
        return {"$ref": f"#/$defs/{name}"}

    def object(self, named: Named, **fixed: Plain) -> dict[str, Plain]:
        """The description itself, with members that have one value only."""
        told: dict[str, Plain] = {name: {"const": value} for name, value in fixed.items()}
        told.update((one.name, one.shape.describe(named)) for one in self.members)
        needed: list[Plain] = [*fixed, *(one.name for one in self.members if one.required)]
        return {"type": "object", "properties": told, "required": needed}

    def _checked(self, value: T) -> T:
        if self.check is not None:
            self.check(value)
        return value


def _inside(member: Member, convert: Callable[[Any], Any], value: object) -> Any:  # noqa: ANN401 - either direction
    try:
        return convert(value)
    except Misfit as misfit:
        misfit.steps.insert(0, member.name)
        raise


@dataclass(frozen=True, slots=True)
class OneOf(Generic[T]):
    """One of several records, told apart by the member ``kind``."""

    name: str
    kinds: Mapping[str, Record[Any]]

    def write(self, value: T) -> dict[str, Plain]:
        kind = next((kind for kind, record in self.kinds.items() if record.made is type(value)), None)
        if kind is None:
            raise Misfit(f"is no {self.name}")
        return {"kind": kind, **self.kinds[kind].write(value)}

    def read(self, plain: object) -> T:
        if not isinstance(plain, dict):
            raise Misfit("is not an object")
        kind = plain.get("kind")
        if not isinstance(kind, str):
            raise Misfit("is missing, or not a text", "kind")
        if kind not in self.kinds:
            raise UnknownKind("is unknown to this version", "kind")
        return self.kinds[kind].read(plain)  # type: ignore[no-any-return] # the records are those of the union

    def describe(self, named: Named) -> Plain:
        named[self.name] = None
        options: list[Plain] = []
        for kind, record in self.kinds.items():
            named[record.made.__name__] = record.object(named, kind=kind)
            options.append({"$ref": f"#/$defs/{record.made.__name__}"})
        named[self.name] = {"oneOf": options}
        return {"$ref": f"#/$defs/{self.name}"}
