"""Cloud's documents to and from wiki text."""

from __future__ import annotations

import pytest

from backbone.simulator.adf import Node, from_adf, to_adf
from backbone.simulator.rest.errors import Refused


def document(*blocks: Node) -> Node:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def paragraph(*content: Node) -> Node:
    return {"type": "paragraph", "content": list(content)}


def text(value: str, *marks: Node) -> Node:
    return {"type": "text", "text": value, **({"marks": list(marks)} if marks else {})}


@pytest.mark.parametrize("wiki", ["one line", "one\ntwo", "one\n\ntwo", "h2. Title\n\ntext", "* a\n* b", ""])
def test_plain_wiki_text_survives_the_way_through_a_document(wiki: str) -> None:
    assert from_adf(to_adf(wiki), "description") == wiki


LINK: Node = {"type": "link", "attrs": {"href": "https://example.org"}}
CASES = [
    (document(paragraph(text("bold", {"type": "strong"}))), "*bold*"),
    (document(paragraph(text("here", LINK))), "[here|https://example.org]"),
    (document(paragraph({"type": "mention", "attrs": {"id": "557058:x"}})), "[~accountid:557058:x]"),
    (document({"type": "codeBlock", "content": [text("x = 1")]}), "{code}\nx = 1\n{code}"),
    (document({"type": "rule"}), "----"),
    (document({"type": "panel", "content": [paragraph(text("lost panel"))]}), "lost panel"),
]


@pytest.mark.parametrize(("adf", "wiki"), CASES)
def test_nodes_become_their_wiki_text(adf: Node, wiki: str) -> None:
    assert from_adf(adf, "description") == wiki


@pytest.mark.parametrize(
    "bad",
    [
        "text",
        {"type": "doc", "content": []},
        document({"type": "spaceship"}),
        document(paragraph(text(""))),
        document(paragraph({"type": "text"})),
        {"version": 1, "type": "doc", "content": "x"},
    ],
)
def test_an_invalid_document_is_refused(bad: object) -> None:
    with pytest.raises(Refused) as refused:
        from_adf(bad, "comment")
    assert refused.value.errors == {"comment": "Comment body is not valid!"}
