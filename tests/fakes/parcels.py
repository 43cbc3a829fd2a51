"""Parcels of every kind, for Hypothesis, and what a test needs to write one by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    Content,
    ElementChange,
    FieldChange,
    FileChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
    MembersAsserted,
)
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
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
from backbone.core.model.values import FieldKind, fingerprint_of_shared
from backbone.core.protocol.parcels import (
    Acknowledgement,
    AddressChanged,
    Answered,
    Body,
    ChannelId,
    Digest,
    Epoch,
    Goodbye,
    Handshake,
    Header,
    Heartbeat,
    KeyAnnounced,
    KeyFingerprint,
    KnownPair,
    Messages,
    Numbered,
    PairMessage,
    Parcel,
    Passing,
    Piece,
    Ping,
    Published,
    Renamed,
    Restored,
    Suspended,
)

FIRST_KEY = KeyFingerprint("A1" * 20)
SECOND_KEY = KeyFingerprint("B2" * 20)
CHANNEL = ChannelId("c0" * 16)
EPOCH = Epoch("e0" * 16)
ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEZ\n=aaaa\n-----END PGP PUBLIC KEY BLOCK-----\n"


def header(number: int | None = None, sender: Role = Role.FIRST) -> Header:
    """A header of the channel that tests use."""
    ours, theirs = (FIRST_KEY, SECOND_KEY) if sender is Role.FIRST else (SECOND_KEY, FIRST_KEY)
    return Header(channel=CHANNEL, sender=sender, sender_key=ours, recipient_key=theirs, epoch=EPOCH, number=number)


def parcel(body: Body, number: int | None = None) -> Parcel:
    return Parcel(header=header(number), body=body)


idents = st.text("0123456789abcdef", min_size=32, max_size=32)
_ids = st.integers(1, 10**12).map(str)
_counts = st.integers(0, 2**63 - 1)
_numbers = st.integers(1, 2**31)
_instants = st.integers(0, 4_000_000_000_000).map(Millis)
_digests = st.text("0123456789abcdef", min_size=64, max_size=64).map(Digest)
_names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
_lines = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
_contents_of_jira = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["", "\x00", "\ud800", "a\udfff", "\ue0000000", "\u2028", "{panel}\r\n", "😀", "é" * 100]
)
_roles = st.sampled_from(Role)
_stamps = st.builds(Stamp, number=_instants, role=_roles, origin=st.text("0123456789abcdef", min_size=8, max_size=8))
_project_keys = st.text("ABCXYZ", min_size=2, max_size=6).map(ProjectKey)
_issue_keys = st.builds(lambda key, number: IssueKey(f"{key}-{number}"), _project_keys, st.integers(1, 10**6))
refs = st.builds(IssueRef, id=_ids.map(IssueId), key=_issue_keys)
_pairs = idents.map(PairUid)
_values = st.lists(_contents_of_jira, max_size=2).map(tuple)

field_changes = st.builds(
    FieldChange,
    alias=_names,
    value=_values,
    stamp=_stamps,
    asserts=st.none() | _values.map(fingerprint_of_shared),
)
_elements = st.builds(ElementChange, alias=_names, element=_contents_of_jira, present=st.booleans(), stamp=_stamps)
_members = st.builds(
    MembersAsserted, alias=_names, elements=st.frozensets(_contents_of_jira, max_size=4), stamp=_stamps
)
_comments = st.builds(
    CommentChange,
    original=_ids.map(CommentId),
    version=_counts,
    author=_contents_of_jira,
    created=_instants,
    body=st.none() | _contents_of_jira,
)
_files = st.builds(
    FileChange,
    original=_ids.map(FileId),
    present=st.booleans(),
    name=_contents_of_jira,
    size=_counts,
    mime=st.sampled_from(["", "text/plain", "image/png"]),
    digest=st.none() | _digests,
)
changes = st.builds(
    Changes,
    fields=st.lists(field_changes, max_size=3, unique_by=lambda one: one.alias).map(tuple),
    elements=st.lists(_elements, max_size=3, unique_by=lambda one: (one.alias, one.element)).map(tuple),
    comments=st.lists(_comments, max_size=3, unique_by=lambda one: one.original).map(tuple),
    files=st.lists(_files, max_size=3, unique_by=lambda one: one.original).map(tuple),
    members=st.lists(_members, max_size=2, unique_by=lambda one: one.alias).map(tuple),
)
_created = st.builds(IssueCreated, issue=refs)
_appeared = st.builds(IssueAppeared, issue=refs, type_alias=_names, changes=changes)
_changed = st.builds(IssueChanged, issue=refs, changes=changes)
contents: st.SearchStrategy[Content] = _created | _appeared | _changed

_telling: st.SearchStrategy[tuple[Content, ...]] = (
    st.tuples(_created) | st.tuples(_appeared | _changed) | st.tuples(_created, _appeared | _changed)
)
_pair_messages = st.builds(PairMessage, pair=_pairs, after=st.just(0), contents=_telling)
messages = st.builds(
    Messages, messages=st.lists(_pair_messages, min_size=1, max_size=4, unique_by=lambda one: one.pair).map(tuple)
)

_ways = st.builds(Ways, to_slave=st.booleans(), to_master=st.booleans())
_aliases = st.none() | st.lists(_names, max_size=4, unique=True).map(tuple)
_types = st.builds(SharedType, alias=_names, ways=_ways)
_fields = st.builds(
    SharedField, alias=_names, kind=st.sampled_from(FieldKind), ways=_ways, values=_aliases, types=_aliases
)
exchanges = st.builds(
    Exchange,
    types=st.lists(_types, max_size=3, unique_by=lambda one: one.alias).map(tuple),
    fields=st.lists(_fields, max_size=3, unique_by=lambda one: one.alias).map(tuple),
    comments=_ways,
    files=_ways,
    largest=st.none() | _counts,
)


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    data = draw(st.binary(min_size=1, max_size=64))
    offset, rest = draw(st.integers(0, 2**40)), draw(st.integers(0, 2**40))
    return Piece(
        file=FileId(draw(_ids)), digest=draw(_digests), offset=offset, total=offset + len(data) + rest, data=data
    )


@st.composite
def acknowledgements(draw: st.DrawFn) -> Acknowledgement:
    contiguous = draw(st.integers(0, 2**40))
    lengths = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=4))
    gaps, highest = _gaps(contiguous, lengths)
    head = draw(_digests) if contiguous else Digest("")
    return Acknowledgement(
        epoch=Epoch(draw(idents)),
        at=draw(_instants),
        contiguous=contiguous,
        head=head,
        highest=highest,
        gaps=gaps,
    )


def _gaps(contiguous: int, lengths: Sequence[tuple[int, int]]) -> tuple[tuple[tuple[int, int], ...], int]:
    gaps, last = [], contiguous
    for missing, there in lengths:
        gaps.append((last + 1, last + missing))
        last += missing + there
    return tuple(gaps), last


@st.composite
def restorations(draw: st.DrawFn) -> Restored:
    parts = draw(st.integers(1, 1000))
    known = st.builds(KnownPair, pair=_pairs, local=st.none() | refs, remote=st.none() | refs)
    return Restored(
        seen=Epoch(draw(idents)),
        newest=draw(_instants),
        part=draw(st.integers(1, parts)),
        parts=parts,
        pairs=tuple(draw(st.lists(known, max_size=3, unique_by=lambda one: one.pair))),
    )


_revisions = _numbers.map(Revision)
_fingerprints = st.text("0123456789ABCDEF", min_size=40, max_size=40).map(KeyFingerprint)
_protocols = st.sampled_from(["files", "mail"])
_renamed_issues = st.lists(st.tuples(_pairs, _issue_keys), max_size=3, unique_by=lambda one: one[0]).map(tuple)

numbered: st.SearchStrategy[Numbered] = st.one_of(
    messages,
    pieces(),
    st.builds(Published, revision=_revisions, digest=_digests, exchange=exchanges, message=_lines),
    st.builds(Answered, revision=_revisions, digest=_digests, accepted=st.booleans(), message=_lines),
    st.builds(Renamed, project=_project_keys, former=_project_keys, issues=_renamed_issues),
    st.builds(KeyAnnounced, armored=st.just(ARMOR), fingerprint=_fingerprints, proof=st.just(ARMOR)),
    st.builds(AddressChanged, protocol=_protocols, address=_lines),
    st.just(Goodbye()),
)
passing: st.SearchStrategy[Passing] = st.one_of(
    st.builds(Handshake, armored=st.just(ARMOR), proof=_digests, protocol=_protocols, address=_lines, clock=_instants),
    st.builds(Ping, clock=_instants, answers=st.booleans(), filling=st.text("abc+/=", max_size=100)),
    st.just(Suspended()),
    acknowledgements(),
    st.builds(Heartbeat, last=_counts),
    restorations(),
)


@st.composite
def headers(draw: st.DrawFn, number: int | None) -> Header:
    sender = draw(_roles)
    revision = draw(st.integers(0, 5))
    exchange = draw(_digests) if revision else Digest("")
    return replace(header(number, sender), revision=Revision(revision), exchange=exchange)


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    """Any parcel that may be written."""
    if draw(st.integers(0, 3)) == 0:
        return Parcel(header=draw(headers(None)), body=draw(passing))
    number, body = draw(_numbers), draw(numbered)
    if isinstance(body, Messages):
        after = st.integers(0, number - 1)
        body = Messages(messages=tuple(replace(one, after=draw(after)) for one in body.messages))
    return Parcel(header=draw(headers(number)), body=body)
