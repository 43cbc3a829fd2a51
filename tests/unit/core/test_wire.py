"""Every check of the wire format, on what is read and on what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    FieldChange,
    FileChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
)
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import (
    CommentId,
    FileId,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    PairUid,
    ProjectKey,
    Revision,
    Role,
)
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.parcels import (
    WIRE,
    Acknowledgement,
    Body,
    ChannelId,
    Digest,
    Goodbye,
    Handshake,
    Heartbeat,
    Messages,
    PairMessage,
    Parcel,
    Piece,
    Ping,
    Published,
    Renamed,
    Restored,
)
from backbone.core.protocol.wire import (
    NewerVersionNeeded,
    Unwritable,
    WireError,
    from_plain,
    read_header,
    to_plain,
)
from tests.fakes.parcels import ARMOR, EPOCH, FIRST_KEY, header, parcel

REF = IssueRef(id=IssueId("1"), key=IssueKey("A-1"))
STAMP = Stamp(number=1, role=Role.FIRST, origin="abcd1234")
FIELD = FieldChange(alias="Summary", value=("text",), stamp=STAMP)
DIGEST = Digest("0" * 64)
Place = tuple[str | int, ...]


def saying(*changes: FieldChange) -> Parcel:
    return of_pair(IssueChanged(issue=REF, changes=Changes(fields=changes)))


def of_pair(*contents: IssueAppeared | IssueChanged | IssueCreated, after: int = 0, number: int = 1) -> Parcel:
    return parcel(Messages(messages=(PairMessage(pair=PairUid("p"), after=after, contents=contents),)), number)


def changed(plain: object, place: Place, value: object) -> object:
    """The same values with another one at one place."""
    if not place:
        return value
    match plain:
        case dict():
            return {**plain, place[0]: changed(plain.get(place[0]), place[1:], value)}
        case list():
            number = cast("int", place[0])
            return [*plain[:number], changed(plain[number], place[1:], value), *plain[number + 1 :]]
        case _:
            raise AssertionError(place)


FIELD_PLACE: Place = ("body", "messages", 0, "contents", 0, "changes", "fields", 0)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ((), [], "the document is not an object"),
        (("header",), None, "header is not an object"),
        (("header", "wire"), True, "header.wire is not a whole number"),
        (("header", "wire"), 1.0, "header.wire is not a whole number"),
        (("header", "wire"), 0, "header.wire is not between 1 and 2147483647"),
        (("header", "channel"), "", "header.channel has 0 characters, not 1 to 64"),
        (("header", "channel"), "../x", "header.channel has characters that are not allowed here, or another form"),
        (("header", "channel"), "a\n", "header.channel has characters that are not allowed here, or another form"),
        (("header", "from"), "third", "header.from is not one of the choices"),
        (("header", "from"), ["first"], "header.from is not one of the choices"),
        (("header", "from_key"), FIRST_KEY.lower(), "header.from_key has characters that are not allowed"),
        (("header", "to_key"), FIRST_KEY, "header.to_key is the sender's, too"),
        (("header", "number"), None, "header.number is there without a place in the sequence, or missing"),
        (("header", "number"), 0, "header.number is not between 1 and"),
        (("header", "number"), 2**63, "header.number is not between 1 and"),
        (("header", "revision"), 1, "header.exchange is there without the revision, or missing beside it"),
        (("body",), "messages", "body is not an object"),
        (("body", "kind"), None, "body.kind is missing, or not a text"),
        (("body", "messages"), {}, "body.messages is not a list"),
        (("body", "messages"), [], "body.messages has 0 items, not 1 to 1000"),
        (("body", "messages", 0, "after"), 1, "body.messages[0].after is not before this parcel"),
        (("body", "messages", 0, "pair"), "a/b", "body.messages[0].pair has characters that are not allowed"),
        (("body", "messages", 0, "contents"), [], "body.messages[0].contents has 0 items, not 1 to 2"),
        ((*FIELD_PLACE, "alias"), "a\x00", "fields[0].alias has characters that are not allowed"),
        ((*FIELD_PLACE, "alias"), "a\ud800", "fields[0].alias has an unpaired surrogate"),
        ((*FIELD_PLACE, "value"), ["a", "b", "c"], "fields[0].value has 3 items, not 0 to 2"),
        ((*FIELD_PLACE, "value"), [None], "fields[0].value[0] is not a text"),
        ((*FIELD_PLACE, "value"), "text", "fields[0].value is not a list"),
        ((*FIELD_PLACE, "stamp", "at"), -1, "fields[0].stamp.at is not between 0 and 253402300799999"),
        ((*FIELD_PLACE, "stamp", "at"), 10**15, "fields[0].stamp.at is not between 0 and 253402300799999"),
        ((*FIELD_PLACE, "asserts"), "other", "fields[0].asserts has characters that are not allowed"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_place_is_named(place: Place, value: object, said: str) -> None:
    with pytest.raises(WireError) as refused:
        from_plain(changed(to_plain(saying(FIELD)), place, value))

    assert said in str(refused.value)


def test_what_is_refused_is_never_quoted() -> None:
    secret = "Geheimnis/" * 20
    plain = to_plain(saying(FIELD))
    for place in (("header", "channel"), ("body", "kind"), (*FIELD_PLACE, "stamp"), (*FIELD_PLACE, "stamp", "by")):
        with pytest.raises(WireError) as refused:
            from_plain(changed(plain, place, secret))
        assert "Geheimnis" not in str(refused.value)


def test_a_missing_member_is_named() -> None:
    plain = cast("dict[str, dict[str, object]]", to_plain(parcel(Heartbeat(last=1))))
    del plain["body"]["last"]

    with pytest.raises(WireError, match=r"^body\.last is missing$"):
        from_plain(plain)


def test_a_newer_version_is_named_with_whom_it_concerns() -> None:
    plain = changed(changed(to_plain(saying(FIELD)), ("header", "wire"), WIRE + 1), ("body",), "whatever")

    with pytest.raises(NewerVersionNeeded) as newer:
        from_plain(plain)

    assert newer.value.header == replace(header(1), wire=WIRE + 1) == read_header(plain)


@pytest.mark.parametrize("place", [("body", "kind"), ("body", "messages", 0, "contents", 0, "kind")])
def test_an_unknown_kind_asks_for_a_newer_version(place: Place) -> None:
    with pytest.raises(NewerVersionNeeded) as newer:
        from_plain(changed(to_plain(saying(FIELD)), place, "worklogs"))

    assert newer.value.header == header(1)


def test_absent_members_have_their_meaning_and_null_is_none() -> None:
    plain = changed(changed(to_plain(saying(FIELD)), (*FIELD_PLACE, "asserts"), None), ("header", "exchange"), "")

    assert from_plain(plain) == saying(FIELD)


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "\udc00\ud800", "a\r\n", "\ue0000000", "\u2028", "😀", "</x>"])
def test_what_people_write_travels_as_it_is(text: str) -> None:
    said = saying(replace(FIELD, value=(text, text)))

    assert from_plain(to_plain(said)) == said


LONG = "x" * (4 * 1024 * 1024 + 1)


@pytest.mark.parametrize(
    "told",
    [
        saying(FIELD, FIELD),
        saying(replace(FIELD, value=(LONG,))),
        saying(replace(FIELD, value=("\ud83d" + "\ude00",))),
        saying(replace(FIELD, stamp=replace(STAMP, number=10**15))),
        saying(replace(FIELD, stamp=replace(STAMP, origin=""))),
        of_pair(),
        of_pair(IssueCreated(issue=REF), IssueCreated(issue=REF)),
        of_pair(IssueChanged(issue=REF, changes=Changes()), IssueCreated(issue=REF)),
        of_pair(IssueCreated(issue=replace(REF, key=IssueKey("a 1")))),
        of_pair(IssueCreated(issue=REF), after=1),
        parcel(Goodbye()),
        parcel(Heartbeat(last=1), 1),
        parcel(Messages(messages=()), 1),
        parcel(
            Messages(messages=(PairMessage(pair=PairUid("p"), after=0, contents=(IssueCreated(issue=REF),)),) * 2), 1
        ),
        parcel(Piece(file=FileId("1"), digest=DIGEST, offset=1, total=1, data=b"x"), 1),
        parcel(Piece(file=FileId("1"), digest=DIGEST, offset=0, total=1, data=b""), 1),
        parcel(Piece(file=FileId("../1"), digest=DIGEST, offset=0, total=1, data=b"x"), 1),
        parcel(Published(revision=Revision(0), digest=DIGEST, exchange=Exchange(), message=""), 1),
        parcel(Published(revision=Revision(1), digest=DIGEST, exchange=Exchange(), message="\x1b[2J"), 1),
        parcel(Renamed(project=ProjectKey("a"), former=ProjectKey("B")), 1),
        parcel(
            Handshake(
                armored=ARMOR.replace("PUBLIC", "PRIVATE"),
                proof=Digest(DIGEST),
                protocol="mail",
                address="a@b",
                clock=Millis(0),
            )
        ),
        parcel(Restored(seen=EPOCH, newest=Millis(0), part=3, parts=2)),
        Parcel(header=replace(header(1), wire=WIRE + 1), body=Goodbye()),
        Parcel(header=replace(header(1), channel=ChannelId("a b")), body=Goodbye()),
        Parcel(header=replace(header(1), number=True), body=Goodbye()),
    ],
)
def test_what_could_not_be_read_is_not_written(told: Parcel) -> None:
    with pytest.raises(Unwritable):
        to_plain(told)


def acknowledging(contiguous: int, highest: int, *gaps: tuple[int, int], head: str = DIGEST) -> Body:
    return Acknowledgement(
        epoch=EPOCH, at=Millis(1), contiguous=contiguous, head=Digest(head), highest=highest, gaps=gaps
    )


@pytest.mark.parametrize(
    "told",
    [
        acknowledging(0, 0, head=""),
        acknowledging(0, 2, (1, 1), head=""),
        acknowledging(5, 5),
        acknowledging(5, 9, (6, 6), (8, 8)),
        acknowledging(5, 9, (6, 8)),
    ],
)
def test_an_acknowledgement_tells_gaps_in_order(told: Body) -> None:
    assert from_plain(to_plain(parcel(told))).body == told


@pytest.mark.parametrize(
    "told",
    [
        acknowledging(0, 0),
        acknowledging(5, 5, head=""),
        acknowledging(5, 4),
        acknowledging(5, 9),
        acknowledging(5, 9, (7, 8)),
        acknowledging(5, 9, (6, 9)),
        acknowledging(5, 9, (6, 5)),
        acknowledging(5, 9, (5, 6)),
        acknowledging(5, 9, (6, 6), (7, 7)),
        acknowledging(5, 9, (8, 8), (6, 6)),
    ],
)
def test_an_acknowledgement_that_contradicts_itself_is_not_written(told: Body) -> None:
    with pytest.raises(Unwritable):
        to_plain(parcel(told))


def test_a_ping_may_be_filled() -> None:
    ping = parcel(Ping(clock=Millis(5), answers=True, filling="x" * 1_000_000))

    assert from_plain(to_plain(ping)) == ping


def test_names_of_files_and_people_are_content() -> None:
    changes = Changes(
        comments=(CommentChange(original=CommentId("1"), version=1, author="A\x00", created=Millis(-1), body=None),),
        files=(FileChange(original=FileId("1"), present=True, name="../../etc/passwd", size=0, mime=""),),
    )
    told = of_pair(IssueAppeared(issue=REF, type_alias="Bug", changes=changes))

    assert from_plain(to_plain(told)) == told
