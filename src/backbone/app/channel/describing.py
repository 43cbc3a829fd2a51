"""The JSON Schema of parcels, for programs that write or check them."""

from __future__ import annotations

import json

from backbone.core.protocol.wire import describe_parcel


def wire_schema_text() -> str:
    """The schema as it is kept in the reference: stable, indented, with a line end."""
    return json.dumps(describe_parcel(), indent=2, ensure_ascii=True) + "\n"
