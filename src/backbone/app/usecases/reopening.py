"""Opening a stored connection again: its secrets are read anew from where its document says they are."""

from __future__ import annotations

import json
from collections.abc import Mapping

from backbone.app.declaration.credentials import OpenedConnection, Unseal, nothing_sealed, open_connections
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import stored_declaration_from
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.records import StoredConnection


def reopen(
    stored: StoredConnection, environment: Mapping[str, str], unseal: Unseal = nothing_sealed
) -> OpenedConnection:
    """All that is needed to talk to the Jira. Raises Mistake when a secret or a file can't be had."""
    document = {"connections": {stored.name: stored.document["declared"]}}
    try:
        declaration = stored_declaration_from(json.dumps(document).encode(), str(stored.document["file"]))
        return open_connections(declaration, environment, unseal)[stored.name]
    except DeclarationError as error:
        finding = error.findings[0]
        raise Mistake(f"connection {stored.name}", finding.message, finding.cure or "Apply the file again") from error
