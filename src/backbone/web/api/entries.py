"""Reading a large JSON array as it arrives, an element at a time, so that its size does not matter."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator, Iterator

from backbone.app.usecases.information.refusals import EntryWrong

LARGEST = 64 * 1024
"""Characters that one element may have."""

MOST = 1_000_000
"""Elements that an array may have."""

_PIECE = 64 * 1024
_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder(parse_constant=lambda name: name)


class ArrayReader:
    """Fed with pieces of text, gives the objects of an array in their order. Raises EntryWrong."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._position = 0
        self._expected = "["
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[tuple[int, dict[str, object]]]:
        """Elements that are complete now, each with its position."""
        try:
            self._text = self._text[self._at :] + self._decoder.decode(data, last)
        except UnicodeDecodeError as error:
            raise EntryWrong(self._position, "", "this is not UTF-8") from error
        self._at = 0
        while (element := self._next(last=last)) is not None:
            yield self._position, element
            self._position += 1
            if self._position > MOST:
                raise EntryWrong(self._position, "", f"an array may have {MOST} entries at most")
        if last and self._expected:
            raise EntryWrong(self._position, "", "the array ends too early")

    def _next(self, *, last: bool) -> dict[str, object] | None:
        """The next element, or None if more text is needed or nothing may follow."""
        while (sign := self._sign()) is not None:
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


async def elements(body: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, dict[str, object]]]:
    """The elements of an array with their positions. Raises EntryWrong."""
    reader = ArrayReader()
    async for data in body:
        for start in range(0, len(data), _PIECE):
            for one in reader.feed(data[start : start + _PIECE]):
                yield one
    for one in reader.feed(b"", last=True):
        yield one
