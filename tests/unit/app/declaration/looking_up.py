"""Reading a declaration and looking its names up in the two Jiras of the tests."""

from __future__ import annotations

import pytest

from backbone.app.declaration.declared import Declared
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import ConnectionName
from tests.unit.app.declaration.fake_metadata import FakeMetadata, acme, beta

TOP = """\
connections:
  acme: {url: https://jira.acme.example, user: sync, password: {env: ACME_PASSWORD}}
  beta: {url: https://beta.atlassian.net, email: sync@beta.example, api_token: {env: BETA_TOKEN}}
synchronizations:
  - name: S
    first: {connection: acme, project: PA}
    second: {connection: beta, project: PB}
    start_with: all
    issue_types:
      - {first: Bug, second: Defect}
      - {first: Task, second: Task}
"""


async def resolved(
    rest: str = "", *, top: str = TOP, first: FakeMetadata | None = None, second: FakeMetadata | None = None
) -> Declared:
    trackers = {ConnectionName("acme"): first or acme(), ConnectionName("beta"): second or beta()}
    return await resolve(declaration_from((top + rest).encode(), "f.yaml"), trackers)


async def refused(
    rest: str = "", *, top: str = TOP, first: FakeMetadata | None = None, second: FakeMetadata | None = None
) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        await resolved(rest, top=top, first=first, second=second)
    return str(caught.value).splitlines()


def fields(*rows: str) -> str:
    return "    fields:\n" + "".join(f"      - {row}\n" for row in rows)


def mappings(declared: Declared) -> tuple[tuple[FieldMapping, ...], tuple[FieldMapping, ...]]:
    one = declared.synchronizations[0]
    return one.first.fields, one.second.fields


def warned(declared: Declared) -> list[str]:
    return [one.show("f.yaml") for one in declared.warnings]
