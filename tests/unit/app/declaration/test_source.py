"""YAML becomes a tree that knows its lines; hostile files are refused before they cost anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.app.declaration.findings import DeclarationError, KeyName
from backbone.app.declaration.source import DEEPEST, LARGEST_FILE, LARGEST_TREE, parse
from backbone.app.declaration.tree import Place, Table, locate, plain


def refused(content: bytes) -> str:
    with pytest.raises(DeclarationError) as caught:
        parse(content, "f.yaml")
    return str(caught.value)


def outcome(content: bytes) -> Table | str:
    try:
        return parse(content, "f.yaml")
    except DeclarationError as error:
        return str(error)


def test_scalars_stay_the_text_that_was_written() -> None:
    tree = parse(b"a: 1.10\nNo: yes\nc: 2026-01-01\nd: 0x1F\ne: 'null'\n", "f.yaml")

    assert plain(tree) == {"a": "1.10", "No": "yes", "c": "2026-01-01", "d": "0x1F", "e": "null"}


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_no_text(nothing: str) -> None:
    assert plain(parse(f"a: {nothing}\n".encode(), "f.yaml")) == {"a": None}


def test_every_value_and_every_key_knows_its_place() -> None:
    tree = parse(b"a:\n  - b: 1\n    cc:\n      - [x, y]\n", "f.yaml")

    assert locate(tree, ("a", 0, "cc", 0, 1)) == (Place(4, 13), ("a", 0, "cc", 0, 1))
    assert locate(tree, ("a", 0, KeyName("cc"))) == (Place(3, 5), ("a", 0, "cc"))


def test_steps_that_do_not_exist_are_passed_over() -> None:
    tree = parse(b"a: [x, {b: y}]\n", "f.yaml")

    assert locate(tree, ("a", "rows", 1, "b", "z", 7)) == (Place(1, 12), ("a", 1, "b"))


def test_a_key_without_a_value_is_found_at_the_key() -> None:
    tree = parse(b"a: 1\nbcd:\n", "f.yaml")

    assert locate(tree, ("bcd",))[0] == Place(2, 1)


def test_aliases_repeat_what_was_anchored() -> None:
    tree = parse(b"a: &all [[High, P1]]\nb: *all\n", "f.yaml")

    assert plain(tree) == {"a": [["High", "P1"]], "b": [["High", "P1"]]}


def test_a_mark_at_the_beginning_of_the_file_is_no_text() -> None:
    assert plain(parse(b"\xef\xbb\xbfa: b\n", "f.yaml")) == {"a": "b"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "f.yaml:1:1: is empty. Begin with `connections:`."),
        (b"# only a remark\n", "f.yaml:1:1: is empty. Begin with `connections:`."),
        (b"just text", "f.yaml:1:1: holds no table. Begin with `connections:`."),
        (b"- a\n- b\n", "f.yaml:1:1: holds no table. Begin with `connections:`."),
        (b"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: 'a' stands here twice, also in line 1. Remove one."),
        (
            b"a: b: c\n",
            "f.yaml:1:5: is no YAML: mapping values are not allowed here. Put a text that holds a colon in quotes",
        ),
        (
            b"a:\n\t- b\n",
            "f.yaml:2:1: is no YAML: found character '\\t' that cannot start any token. Indent by spaces,",
        ),
        (
            b"a:\n    b: c\n   d: e\n",
            "f.yaml:3:4: is no YAML: expected <block end>, but found '<block mapping start>'. Indent",
        ),
        (b"a: [b\n", "f.yaml:2:1: is no YAML"),
        (b"a: 'b\n", "f.yaml:2:1: is no YAML: found unexpected end of stream. Look for a quote"),
        (b"a: *b\n", "f.yaml:1:4: *b repeats what is not complete before it."),
        (b"a: &b [*b]\n", "f.yaml:1:8: *b repeats what is not complete before it."),
        (b"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here. Write one document a file."),
        (b"a: !!python/object:os.system x\n", "f.yaml:1:4: tags are not understood. Leave the word with ! out."),
        (b"? [a]\n: b\n", "f.yaml:1:3: a key is a text. Put it in quotes."),
        (b"a: &x {b: 1}\nc:\n  <<: *x\n", "f.yaml:3:3: merging tables by << is not understood. Write the keys out."),
        (b"a: b\nc: \xff\n", "f.yaml:2:4: is no UTF-8. Save the file as UTF-8."),
        (b"a: \x07\n", "f.yaml:1:1: is no YAML"),
    ],
)
def test_what_is_no_single_table_is_refused_with_its_place(content: bytes, told: str) -> None:
    assert refused(content).startswith(told)


def test_a_file_that_is_too_big_is_not_parsed() -> None:
    assert f"more than {LARGEST_FILE}" in refused(b"a: " + b"x" * LARGEST_FILE)


def test_deep_nesting_is_refused_where_it_gets_too_deep() -> None:
    assert f"f.yaml:1:{3 + DEEPEST}: is nested deeper" in refused(b"a: " + b"[" * 5_000)


def test_aliases_can_not_multiply_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    told = refused("\n".join(lines).encode())

    assert f"holds more than {LARGEST_TREE} values" in told
    assert told.startswith("f.yaml:5:")


@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!|>'\"#%@,?~<\n\t 01\\\x00\u2028", max_size=60).map(str.encode))
def test_any_bytes_are_either_a_table_or_refused_in_sentences(content: bytes) -> None:
    found = outcome(content)

    assert isinstance(found, Table) or found.startswith("f.yaml:")


@pytest.mark.parametrize("written", ['a: "x\\0"', '"x\\0": a', 'a: ["\\ud800"]'])
def test_what_no_database_can_hold_is_refused(written: str) -> None:
    assert "holds a character that no text can have. Leave" in refused(written.encode())
