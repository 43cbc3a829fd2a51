"""Messages in order, and many in one."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.changes import Changes, CommentChange, ElementChange, FieldChange, FileChange
from backbone.core.model.keys import CommentId, FileId, Millis, Role
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.sequence import admit, coalesce


@dataclass(frozen=True)
class Message:
    sequence: int


def stamp(number: int) -> Stamp:
    return Stamp(number=number, role=Role.FIRST, origin="A")


def test_messages_are_admitted_in_order_up_to_the_first_gap() -> None:
    messages = [Message(number) for number in (5, 3, 1, 4, 7)]

    assert [one.sequence for one in admit(messages, 2)] == [3, 4, 5]


def test_the_newest_of_each_thing_counts_in_any_order() -> None:
    old, new = (
        Changes(
            fields=(FieldChange(alias="f", value=(text,), stamp=stamp(number)),),
            elements=(ElementChange(alias="l", element="x", present=present, stamp=stamp(number)),),
            comments=(comment(number, text),),
            files=(FileChange(original=FileId("1"), present=not present, name="n", size=1, mime=""),),
        )
        for number, text, present in ((1, "old", False), (2, "new", True))
    )

    assert coalesce([old, new]) == coalesce([new, old]) == new


def comment(version: int, body: str) -> CommentChange:
    return CommentChange(original=CommentId("1"), version=version, author="Ann", created=Millis(0), body=body)
