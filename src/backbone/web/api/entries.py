"""Reading a large JSON array as it arrives, an element at a time, so that its size does not matter."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Protocol, TypeVar

from backbone.app.usecases.information.refusals import EntryWrong

LARGEST = 64 * 1024
"""Characters that one element may have."""

MOST = 1_000_000
"""Elements that an array may have."""

_PIECE = 64 * 1024
_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder(parse_constant=lambda name: name)


_Found_co = TypeVar("_Found_co", covariant=True)


class _Reader(Protocol[_Found_co]):
    """Is fed with a body, and gives what is complete."""

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[_Found_co]: ...


class ArrayReader:
    """Fed with pieces of text, gives the objects of an array in their order. Raises EntryWrong."""

    def __init__(self, *, alone: bool = True) -> None:
        """``alone`` tells that nothing may follow the array; otherwise what follows is left as :attr:`rest`."""
        self._alone = alone
        self._text = ""
        self._at = 0
        self._position = 0
        self._expected = "["
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[tuple[int, dict[str, object]]]:
        """Elements that are complete now, each with its position."""
        try:
            text = self._decoder.decode(data, last)
        except UnicodeDecodeError as error:
            raise EntryWrong(self._position, "", "this is not UTF-8") from error
        yield from self.feed_text(text, last=last)

    def feed_text(self, text: str, *, last: bool = False) -> Iterator[tuple[int, dict[str, object]]]:
        """The same for what is text already."""
        self._text, self._at = self._text[self._at :] + text, 0
        while (element := self._next(last=last)) is not None:
            yield self._position, element
            self._position += 1
            if self._position > MOST:
                raise EntryWrong(self._position, "", f"an array may have {MOST} entries at most")
        if last and self._expected:
            raise EntryWrong(self._position, "", "the array ends too early")

    @property
    def ended(self) -> bool:
        """Whether the array has come to its end."""
        return not self._expected

    @property
    def rest(self) -> str:
        """What follows the array."""
        return self._text[self._at :]

    def _next(self, *, last: bool) -> dict[str, object] | None:
        """The next element, or None if more text is needed or nothing may follow."""
        while (sign := self._sign()) is not None and (self._alone or self._expected):
            if sign in self._expected and sign != "{":
                self._at += 1
                self._expected = {"[": "{]", ",": "{", "]": ""}[sign]
            elif sign == "{" and "{" in self._expected:
                return self._element(last=last)
            else:
                expected = " or ".join(f"'{one}'" for one in self._expected) or "nothing more"
                raise EntryWrong(self._position, "", f"{expected} is expected here, for an array of objects")
        return None

    def _sign(self) -> str | None:
        while self._at < len(self._text) and self._text[self._at] in _BLANK:
            self._at += 1
        return self._text[self._at] if self._at < len(self._text) else None

    def _element(self, *, last: bool) -> dict[str, object] | None:
        try:
            element, self._at = _DECODER.raw_decode(self._text, self._at)
        except (ValueError, RecursionError) as error:
            if last or isinstance(error, RecursionError) or len(self._text) - self._at > LARGEST:
                raise EntryWrong(self._position, "", "this is not an object of JSON") from error
            return None
        self._expected = ",]"
        assert isinstance(element, dict), "it begins with a brace"
        return element


_SECTION = re.compile(r"\s*([{,])\s*\"(firstConnector|secondConnector)\"\s*:\s*(?=\[)")
_END = re.compile(r"\s*\}\s*")
_LONGEST_BETWEEN = 1_000


class TwoArraysReader:
    """Reads ``{"firstConnector": […], "secondConnector": […]}`` in either order. Raises EntryWrong."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._between = ""
        self._array: ArrayReader | None = None
        self._names: list[str] = []

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[tuple[bool, int, dict[str, object]]]:
        """Elements that are complete now: whether they are of the first array, position, object."""
        try:
            text = self._decoder.decode(data, last)
        except UnicodeDecodeError as error:
            raise self._wrong("this is not UTF-8") from error
        while True:
            if self._array is None:
                self._between += text
                if not self._begin():
                    break
                self._between, text = "", self._between
            assert self._array is not None, "it was begun"
            for position, element in self._array.feed_text(text):
                yield self._names[-1] == "firstConnector", position, element
            if not self._array.ended:
                break
            self._between, self._array, text = self._array.rest, None, ""
        if last and (self._array is not None or len(self._names) < 2 or not _END.fullmatch(self._between)):
            raise self._wrong("it ends too early, or something follows")

    def _begin(self) -> bool:
        """Whether the next array begins in what was read."""
        found = _SECTION.match(self._between)
        if found is None:
            if len(self._between) > _LONGEST_BETWEEN:
                raise self._wrong("something else stands there")
            return False
        if found[2] in self._names or found[1] != ("," if self._names else "{"):
            raise self._wrong(f"'{found[2]}' stands at the wrong place")
        self._names.append(found[2])
        self._array = ArrayReader(alone=False)
        self._between = self._between[found.end() :]
        return True

    def _wrong(self, cause: str) -> EntryWrong:
        return EntryWrong(0, "", f"an object with the arrays firstConnector and secondConnector is expected: {cause}")


def elements(body: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, dict[str, object]]]:
    """The elements of an array with their positions. Raises EntryWrong."""
    return _fed(ArrayReader(), body)


def two_arrays(body: AsyncIterator[bytes]) -> AsyncIterator[tuple[bool, int, dict[str, object]]]:
    """The elements of both arrays, True for those of the first. Raises EntryWrong."""
    return _fed(TwoArraysReader(), body)


async def _fed(reader: _Reader[_Found_co], body: AsyncIterator[bytes]) -> AsyncIterator[_Found_co]:
    """What the reader finds in the body, which it gets in small pieces."""
    async for data in body:
        for start in range(0, len(data), _PIECE):
            for one in reader.feed(data[start : start + _PIECE]):
                yield one
    for one in reader.feed(b"", last=True):
        yield one
