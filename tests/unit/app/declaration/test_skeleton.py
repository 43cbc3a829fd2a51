"""What a master published is shown as the slave's file would have it, with blanks where its own names belong."""

from __future__ import annotations

import pytest

from backbone.app.declaration.skeleton import BLANK, skeleton
from backbone.app.declaration.source import parse
from backbone.app.declaration.tree import Leaf, Listing, Table, Tree
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import STATUS
from backbone.core.model.values import FieldKind
from tests.unit.app.declaration.one_sided import offer, only, slave

BOTH = Ways(to_slave=True, to_master=True)
OWN = (
    "Defect",
    "Task",
    "summary",
    "priority",
    "P1",
    "P2",
    "Teams",
    "Story points",
    "To Do",
    "Closed",
    "Doing",
    "Closed",
)
"""What the slave writes into the blanks, in their order."""


async def test_a_publication_is_shown_as_rows_to_fill_in() -> None:
    assert skeleton(await offer()) == (
        "    issue_types:\n"
        "      - {first: problem, second: FILL IN}\n"
        "      - {first: chore, second: FILL IN} # first_to_second only\n"
        "    fields:\n"
        "      - {first: title, second: FILL IN} # a field of kind text\n"
        "      - {first: urgency, second: FILL IN, values: [[urgent, FILL IN], [usual, FILL IN]]}"
        " # a field of kind option\n"
        "      - {first: teams, second: FILL IN, values: by_name} # a field of kind options, first_to_second only\n"
        "      - {first: effort, second: FILL IN} # a field of kind number, for problem only\n"
        "    status:\n"
        "      first_to_second: {new: FILL IN, closed: FILL IN}\n"
        "      second_to_first: {FILL IN 1: new, FILL IN 2: closed}\n"
        "    comments: {direction: both}\n"
        "    attachments: {direction: first_to_second} # up to 5 MB\n"
    )


async def test_filled_in_it_is_what_the_slave_applies() -> None:
    exchange = await offer()
    text = skeleton(exchange).replace(f"{BLANK} 1", BLANK).replace(f"{BLANK} 2", BLANK)
    for name in OWN:
        text = text.replace(BLANK, name, 1)
    text = text.replace("{Doing: new, Closed: closed}", "{To Do: new, Closed: closed}")

    [half] = only(await slave(text, published=exchange)).halves

    assert {one.alias for one in half.fields} == {one.alias for one in exchange.fields}
    assert {one.alias for one in half.types} == {one.alias for one in exchange.types}


async def test_aliases_that_yaml_would_read_otherwise_are_quoted() -> None:
    exchange = Exchange(
        types=(SharedType(alias="a: b", ways=BOTH),),
        fields=(
            SharedField(alias="# x", kind=FieldKind.OPTION, ways=BOTH, values=("1, 2", "[z]", '"', "ä ö")),
            SharedField(alias=STATUS, kind=FieldKind.STATUS, ways=BOTH, values=("{a}",)),
        ),
    )
    text = skeleton(exchange)

    assert '{first: "a: b", second: FILL IN}' in text
    assert 'first: "# x"' in text
    assert 'values: [["1, 2", FILL IN], ["[z]", FILL IN], ["\\"", FILL IN], [ä ö, FILL IN]]' in text
    assert 'first_to_second: {"{a}": FILL IN}' in text


def leaves(tree: Tree) -> list[str | None]:
    match tree:
        case Leaf(text=text):
            return [text]
        case Listing(items=items):
            return [leaf for one in items for leaf in leaves(one)]
        case Table(entries=entries):
            return [leaf for one in entries for leaf in leaves(one.value)]


@pytest.mark.parametrize(
    "alias", ["null", "Null", "NULL", "yes", "1_000", "2026-01-01", "a\u2028b", "\u202ea", "x: {y"]
)
def test_whatever_an_alias_is_the_rows_say_it_and_nothing_else(alias: str) -> None:
    field = SharedField(alias=alias, kind=FieldKind.OPTION, ways=BOTH, values=(alias,), types=(alias,))
    text = skeleton(Exchange(types=(SharedType(alias=alias, ways=BOTH),), fields=(field,)))

    assert all(one.isprintable() for one in text.split("\n"))
    told = leaves(parse(("rows:\n" + text).encode(), "f.yaml"))
    assert [one for one in told if one != BLANK] == [alias] * 3
