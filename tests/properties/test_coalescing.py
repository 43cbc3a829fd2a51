"""What was not sealed yet may be merged in any way: the partner ends where each of it would have led."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    Content,
    FieldChange,
    FileChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
)
from backbone.core.model.keys import CommentId, FileId, IssueId, IssueKey, IssueRef, Millis, PairUid, Role
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.coalescing import merge_contents
from backbone.core.protocol.parcels import Messages, PairMessage
from backbone.core.protocol.wire import from_plain, to_plain
from tests.fakes.parcels import idents, parcel

REF = IssueRef(id=IssueId("1"), key=IssueKey("A-1"))


@st.composite
def told(draw: st.DrawFn) -> list[Content]:
    """What one half says of a pair, in order. Equal stamps and versions stand for equal values, as they do in life."""
    return [draw(one) for one in draw(st.lists(st.just(contents()), max_size=6))]


def contents() -> st.SearchStrategy[Content]:
    return st.one_of(
        st.just(IssueCreated(issue=REF)),
        st.builds(IssueChanged, issue=st.just(REF), changes=changes()),
        st.builds(IssueAppeared, issue=st.just(REF), type_alias=st.just("Bug"), changes=changes()),
    )


def changes() -> st.SearchStrategy[Changes]:
    numbers = st.integers(1, 5)
    return st.builds(
        Changes,
        fields=st.lists(
            st.builds(field, st.sampled_from("ab"), numbers), max_size=2, unique_by=lambda one: one.alias
        ).map(tuple),
        comments=st.lists(
            st.builds(comment, st.sampled_from("12"), numbers), max_size=2, unique_by=lambda one: one.original
        ).map(tuple),
        files=st.lists(
            st.builds(file, st.sampled_from("12"), st.booleans()), max_size=2, unique_by=lambda one: one.original
        ).map(tuple),
    )


def field(alias: str, number: int) -> FieldChange:
    return FieldChange(alias=alias, value=(str(number),), stamp=Stamp(number=number, role=Role.FIRST, origin="A"))


def comment(original: str, version: int) -> CommentChange:
    body = None if version == 5 else str(version)
    return CommentChange(original=CommentId(original), version=version, author="Ann", created=Millis(0), body=body)


def file(original: str, present: bool) -> FileChange:
    return FileChange(original=FileId(original), present=present, name="n", size=1, mime="")


def outcome(contents: Iterable[Content]) -> dict[tuple[str, Hashable], tuple[int, object]]:
    """Where a half ends that applies one content after the other: the newest of each thing."""
    held: dict[tuple[str, Hashable], tuple[int, object]] = {}
    for content in contents:
        if isinstance(content, IssueCreated):
            continue
        said: list[tuple[tuple[str, Hashable], int, object]]
        said = [(("field", one.alias), one.stamp.number, one.value) for one in content.changes.fields]
        said += [(("comment", one.original), one.version, one.body) for one in content.changes.comments]
        said += [(("file", one.original), int(not one.present), one.present) for one in content.changes.files]
        for key, number, value in said:
            if key not in held or held[key][0] < number:
                held[key] = (number, value)
    return held


@given(told())
def test_merged_contents_lead_to_where_each_of_them_leads(said: Sequence[Content]) -> None:
    assert outcome(merge_contents(said)) == outcome(said)


@given(told(), told(), told())
def test_it_does_not_matter_what_is_merged_first(one: list[Content], two: list[Content], three: list[Content]) -> None:
    left = merge_contents([*merge_contents([*one, *two]), *three])
    right = merge_contents([*one, *merge_contents([*two, *three])])

    assert left == right == merge_contents([*one, *two, *three])


@given(told())
def test_an_issue_is_created_before_anything_is_told_and_appears_if_it_ever_did(said: Sequence[Content]) -> None:
    kinds = [type(one) for one in merge_contents(said)]
    among = {type(one) for one in said}
    rest = [IssueAppeared] if IssueAppeared in among else [IssueChanged] if IssueChanged in among else []

    assert kinds == [*([IssueCreated] if IssueCreated in among else []), *rest]


@given(told().filter(bool), idents)
def test_what_is_merged_can_be_written(said: Sequence[Content], pair: str) -> None:
    message = PairMessage(pair=PairUid(pair), after=0, contents=merge_contents(said))
    whole = parcel(Messages(messages=(message,)), 1)

    assert from_plain(to_plain(whole)) == whole
