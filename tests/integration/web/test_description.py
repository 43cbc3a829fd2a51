"""The API keeps its own description, whatever is sent: cases are generated from it by schemathesis.

``BACKBONE_CASES`` says how many (1,500 unless told otherwise; ``make api-cases CASES=20000`` for the long run).
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.python.asgi import shutdown_lifespans
from starlette.types import Receive, Scope, Send

from backbone.web.app import BASE, described
from backbone.web.describing import Json
from tests.parts.office import Office, office
from tests.parts.postgres import DatabaseServer, Migrate

CASES = int(os.environ.get("BACKBONE_CASES", "1500"))

EXCLUDED_CHECKS = {
    "positive_data_acceptance": "what fits the description may still be no JQL, or name an issue that is not there",
    "use_after_free": "needs sequences of calls; the life of a synchronization has tests of its own",
    "ensure_resource_availability": "the same",
    "object_level_authorization": "test_authorization asks every route as every kind of caller",
}
"""Checks that are left out, and why."""

EXCLUDED_OPERATIONS: dict[str, str] = {
    f"POST {BASE}/session": "counts wrong passwords for real and then answers everybody with 429, as it should",
}
"""Operations that are left out, and why."""


class Served:
    """An office that lives in whatever event loop the application is started in."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.office: Office | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert self.office is not None
        await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            self.office = await stack.enter_async_context(office(self._dsn))
            self._app = self.office.app
            self._app.openapi_schema = _with_real_keys(self._app.openapi(), self.office)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _with_real_keys(description: Json, here: Office) -> Json:
    """The description, in which keys are those that there are: else nearly all calls would end with 404."""
    first, second = here.jiras.halves
    keys = {
        "integration_key": [str(first.synchronization)],
        "connector_key": [str(first.connector), str(second.connector)],
    }
    found = copy.deepcopy(description)
    for operations in found["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in keys:
                    parameter["schema"] = {"type": "string", "enum": keys[parameter["name"]]}
    return found


@pytest.fixture
def served(bundled_postgres: DatabaseServer, migrate_schema: Migrate) -> Iterator[Served]:
    with bundled_postgres.database(migrate_schema) as dsn:
        yield Served(dsn)
        shutdown_lifespans()


def test_the_api_does_as_described(served: Served) -> None:
    schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", served)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    chosen = [one for one in operations if one.label not in EXCLUDED_OPERATIONS]
    assert len(chosen) == len(operations) - len(EXCLUDED_OPERATIONS)
    excluded = [check for check in CHECKS.get_all() if check.__name__ in EXCLUDED_CHECKS]
    assert len(excluded) == len(EXCLUDED_CHECKS)
    each = -(-CASES // len(chosen))
    failures: list[str] = []
    for operation in sorted(chosen, key=lambda one: one.method.upper() == "DELETE"):

        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case[Any]) -> None:
            response = case.call(headers={"Authorization": "Test root"}, timeout=100)
            case.validate_response(response, excluded_checks=excluded)  # type: ignore[arg-type]  # its own list is typed wider

        try:
            holds()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  all that fail are told at once
            failures.append(f"{operation.label}: {error}"[:3000])
    assert not failures, "\n\n".join(failures)


def test_every_operation_is_explained() -> None:
    for path, operations in described().openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path} has no docstring"
            assert operation["tags"], path


def test_no_answer_is_described_that_is_not_ours() -> None:
    description = described().openapi()
    assert description["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in description["components"]["schemas"]
    for operations in description["paths"].values():
        for operation in operations.values():
            assert "422" not in operation["responses"]
