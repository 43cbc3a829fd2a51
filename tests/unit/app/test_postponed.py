"""What is logged of work that has to come again."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from backbone.adapters.memory import MemoryStore
from backbone.app.engine.context import Engine
from backbone.app.engine.guarded import guarded
from backbone.app.engine.trouble import Postponed
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, TransientError
from tests.fakes.world import FakeSystem

WORDS = "words of Jira"


@pytest.mark.parametrize(
    ("behind", "told"),
    [
        (AccessError(Code.LOGIN_REFUSED, WORDS, "check the password"), "login-refused"),
        (TransientError(WORDS, retry_after=1.0), "TransientError"),
        (None, "Postponed"),
    ],
)
async def test_the_log_names_what_stands_behind_without_its_words(behind: Exception | None, told: str) -> None:
    async def work() -> None:
        raise Postponed(WORDS, retry_after=60.0) from behind

    system = FakeSystem()
    engine = Engine(store=MemoryStore("installation", "incarnation", now=system.now), trackers={}, system=system)
    with capture_logs() as lines:
        assert await guarded(engine, ConnectorKey("PA-2"), work) == 60.0

    assert [line["error"] for line in lines] == [told]
    assert WORDS not in str(lines)
