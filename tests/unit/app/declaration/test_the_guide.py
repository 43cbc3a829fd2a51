"""The two files of the guide for partners behind firewalls are read, resolved and fit each other."""

from __future__ import annotations

import re

from backbone.app.declaration.declared import ResolvedSynchronization
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.declaration.skeleton import skeleton
from backbone.core.model.keys import ConnectionName
from tests.architecture.sources import ROOT
from tests.unit.app.declaration.fake_metadata import acme, beta
from tests.unit.app.declaration.one_sided import only

GUIDE = (ROOT / "docs/guides/agreeing-on-a-configuration.md").read_text(encoding="utf-8")


async def resolved(text: str) -> ResolvedSynchronization:
    declaration = declaration_from(text.encode(), "guide.yaml")
    names = declaration.document.connections
    return only(
        await resolve(declaration, {ConnectionName(name): {"acme": acme, "beta": beta}[name]() for name in names})
    )


def files() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


async def test_the_masters_file_publishes_what_the_guide_prints() -> None:
    one = await resolved(files()[0])

    assert one.exchange is not None
    printed = GUIDE[GUIDE.index("    issue_types:\n      - {first: problem, second: FILL IN}") :].split("```")[0]
    assert skeleton(one.exchange).startswith(printed)


async def test_the_slaves_file_is_enough_before_anything_was_published() -> None:
    [half] = (await resolved(files()[1])).halves

    assert half.fields == ()
