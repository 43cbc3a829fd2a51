#!/usr/bin/env python3
"""Cut out of Atlassian's description of Jira Cloud what the pretend Jira serves.

Usage: scripts/extract_cloud_specification.py DOCUMENT

DOCUMENT is the OpenAPI document of the platform's REST interface, version 3, as JSON, gzipped or not. Atlassian
publishes it under the Apache License 2.0. Kept are the served operations with their query parameters and the schemas
of their answers; descriptions, examples and extensions are left out. See the NOTICE beside the result.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from backbone.simulator.app import ENDPOINTS
from backbone.simulator.flavour import cloud

Json = Any  # an OpenAPI document

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "tests/simulator/conformance/specification/jira-cloud-v3.json"
PREFIX = "/rest/api/3/"
REFERENCE = "#/components/schemas/"
KEPT = frozenset(
    "$ref type properties items additionalProperties required enum allOf oneOf anyOf nullable format minimum maximum".split()
)
# What an issue holds in its fields is described by these, though no answer refers to them.
OF_FIELDS = ("Fields", "Attachment", "PageOfComments", "Project", "Priority", "IssueTypeDetails", "UserDetails")


def trimmed(schema: Json) -> Json:
    """The schema without what does not decide whether a value fits."""
    if not isinstance(schema, dict):
        return schema
    shown = {key: value for key, value in schema.items() if key in KEPT}
    for key in ("items", "additionalProperties"):
        if key in shown:
            shown[key] = trimmed(shown[key])
    for key in ("allOf", "oneOf", "anyOf"):
        if key in shown:
            shown[key] = [trimmed(part) for part in shown[key]]
    if "properties" in shown:
        shown["properties"] = {name: trimmed(part) for name, part in shown["properties"].items()}
    return shown


def references(schema: Json) -> set[str]:
    """The names of the schemas that a schema refers to directly."""
    if isinstance(schema, list):
        return set().union(*map(references, schema))
    if not isinstance(schema, dict):
        return set()
    own = schema.get("$ref")
    found = {own.removeprefix(REFERENCE)} if isinstance(own, str) else set()
    return found.union(*(references(part) for part in schema.values()))


def operation(described: Json) -> Json:
    """An operation: its query parameters and, by status, the schema of its answer or null."""
    answers: dict[str, Json] = {}
    for status, answer in described["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        answers[status] = trimmed(content["schema"]) if "schema" in content else None
    queries = sorted(p["name"] for p in described.get("parameters", ()) if p.get("in") == "query")
    return {"parameters": queries, "answers": answers}


def served() -> set[tuple[str, str]]:
    """Method and nameless path of each operation of the Cloud flavour."""
    return {(e.method.lower(), nameless(e.path)) for e in ENDPOINTS if e.parameters(cloud()) is not None}


def nameless(path: str) -> str:
    """A path template whose parameters have no names."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def extract(document: Json) -> Json:
    """The served part of the document."""
    wanted, paths = served(), {}
    for path, methods in document["paths"].items():
        if not path.startswith(PREFIX):
            continue
        short = path.removeprefix(PREFIX)
        kept = {m: operation(d) for m, d in methods.items() if (m, nameless(short)) in wanted}
        if kept:
            paths[short] = kept
    every, schemas = document["components"]["schemas"], {}
    pending = {*references(paths), *OF_FIELDS, "ErrorCollection"}
    while pending:
        name = pending.pop()
        schemas[name] = trimmed(every[name])
        pending |= references(schemas[name]) - schemas.keys()
    return {
        "version": document["info"]["version"],
        "paths": dict(sorted(paths.items())),
        "schemas": dict(sorted(schemas.items())),
    }


def main() -> None:
    source = Path(sys.argv[1])
    text = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    TARGET.write_text(json.dumps(extract(json.loads(text)), indent=1) + "\n")
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
