"""Whatever is shown of a synchronization is known to what takes it back."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from backbone.web.api.documents import ConnectionDocument, ConnectorDocument
from backbone.web.api.editing import ConnectionAsked, ConnectorAsked, IntegrationAsked
from backbone.web.api.integrations import IntegrationDetails


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        (IntegrationDetails, IntegrationAsked),
        (ConnectorDocument, ConnectorAsked),
        (ConnectionDocument, ConnectionAsked),
    ],
)
def test_every_member_that_is_shown_may_be_sent_back(shown: type[BaseModel], asked: type[BaseModel]) -> None:
    assert shown.model_fields.keys() - asked.model_fields.keys() == set()
