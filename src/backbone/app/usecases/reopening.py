"""Opening a stored connection again: its secrets are read anew from where its document says they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from backbone.app.declaration.credentials import OpenedConnection, Unseal, nothing_sealed, open_connections
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import stored_declaration_from
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import jira_of
from backbone.ports.records import StoredConnection


def reopen(
    stored: StoredConnection, environment: Mapping[str, str], unseal: Unseal = nothing_sealed
) -> OpenedConnection:
    """All that is needed to talk to the Jira. Raises Mistake when a secret or a file can't be had."""
    name = jira_of(stored.name)
    awaiting = stored.document.get("awaiting")
    if awaiting is not None:
        raise Mistake(
            f"connection {name}",
            f"the synchronization user is {awaiting} from now on, and has no credentials yet",
            "Give them: PUT /integrations/KEY/applicationConnection",
        )
    document = {"connections": {name: stored.document["declared"]}}
    try:
        declaration = stored_declaration_from(json.dumps(document).encode(), str(stored.document["file"]))
        opened = open_connections(declaration, environment, unseal)[name]
    except DeclarationError as error:
        finding = error.findings[0]
        raise Mistake(f"connection {name}", finding.message, finding.cure or "Apply the file again") from error
    return replace(opened, name=stored.name, former=former_accounts(stored.document))


def former_accounts(document: Mapping[str, object]) -> frozenset[str]:
    """The accounts that were ours in a Jira, besides the present one."""
    former = document.get("former")
    return frozenset(str(one) for one in former) if isinstance(former, list | tuple) else frozenset()
