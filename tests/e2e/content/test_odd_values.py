"""Values that are easily spoilt on their way: they arrive, come to rest, and never come back as an edit."""

from __future__ import annotations

import pytest

from tests.parts.neighbours import Neighbours, neighbours, seen
from tests.parts.two_projects import CLOUD, plan_a, plan_b

ODD: list[tuple[str, object]] = [
    ("Customer", "  blanks around  "),
    ("Customer", "tab\tand no-break\u00a0blank"),
    ("Customer", "\U0001f600 and e\u0301 and \u202e"),
    ("Customer", "x" * 255),
    ("Customer", '"quotes" \\ {braces} %41 &amp; </script>'),
    ("Cause", "Windows\r\nends\r\n"),
    ("Cause", "trailing   \n\n\n\nlines\n\n"),
    ("Cause", "   "),
    ("Cause", "{code:java}\nint a = b[0];  \n{code}\n||h||\n|c|\n!image.png!\n[~ann] @ben"),
    ("description", "y" * 32_767),
    ("Effort", 0),
    ("Effort", 0.1 + 0.2),
    ("Effort", 123_456_789.125),
    ("Effort", -0.0),
    ("Seen At", "2026-10-25T02:30:00.000+0200"),
    ("Shipped", "1900-01-01"),
    ("labels", ["UPPER", "upper", "\u00fcml\u00e4ut", "a,b", "-x", "null"]),
    ("Keywords", ["x" * 255]),
]


async def at_rest(jiras: Neighbours) -> None:
    """Nothing is written any more, whoever looks."""
    written = jiras.writes()
    await jiras.pass_time(120)
    await jiras.settle()
    assert jiras.writes() == written
    assert await jiras.codes() == []


@pytest.mark.parametrize(("name", "value"), ODD, ids=lambda one: ascii(one)[:30])
async def test_an_odd_value_arrives_and_comes_to_rest_both_ways(name: str, value: object) -> None:
    for products in (("10.3.17", CLOUD), (CLOUD, "9.12.22")):
        async with neighbours(plan_a(products[0]), plan_b(products[1])) as jiras:
            field = {name.replace(" ", "_"): value}
            jiras.ann.create("PA", "Bug", "Odd from the start", **field)
            jiras.ann.create("PA", "Bug", "Odd later")
            await jiras.begin()
            jiras.ann.edit("PA-2", **field)
            await jiras.settle()
            await at_rest(jiras)
            there = {"Customer": "Account", "Cause": "Analysis", "Effort": "Points", "Seen At": "Observed At"}
            there |= {"Shipped": "Delivered", "Keywords": "Topics"}
            for key in ("PA-1", "PA-2"):
                ours = seen(jiras.first, key, name)
                theirs = seen(jiras.second, await jiras.partner(key), there.get(name, name))
                assert tidy(theirs) == tidy(ours)


def tidy(value: object) -> object:
    """Texts without what Cloud leaves out: blanks at the ends of lines, and lines at the end."""
    if not isinstance(value, str):
        return value
    return "\n".join(line.rstrip() for line in value.splitlines()).rstrip("\n") or None
