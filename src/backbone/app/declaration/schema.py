"""The JSON Schema of the configuration file, for editors that complete and check while one writes."""

from __future__ import annotations

import json

from backbone.app.declaration.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as it is kept in the reference: stable, indented, with a line end."""
    schema = {
        "$schema": DIALECT,
        **Document.model_json_schema(mode="validation"),
        "title": "Backbone configuration file",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
