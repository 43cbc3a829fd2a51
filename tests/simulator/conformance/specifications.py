"""What Atlassian publishes about the REST interface, read into one form, and how an answer departs from it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.simulator.conformance.exchanges import Exchange, shape

Json = Any  # schemas are data here

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
CLOUD = HERE / "specification" / "jira-cloud-v3.json"
VARIABLE = "BACKBONE_JIRA_SPECS"
WADL = "{http://wadl.dev.java.net/2009/02}"
HTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; an answer without a schema is ``None``."""

    parameters: frozenset[str]
    answers: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which an answer departs from the specification; list positions read ``[]``."""

    operation: str
    status: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.operation} {self.status} {self.where}: {self.what}"


class Specification:
    """Operations by method and path template relative to the interface, with the schemas they refer to."""

    def __init__(self, operations: Mapping[tuple[str, str], Operation], schemas: Mapping[str, Json]) -> None:
        self._schemas = schemas
        self._operations = {f"{method} {shape(path)}": op for (method, path), op in operations.items()}

    def operation(self, method_and_shape: str) -> Operation | None:
        """An operation such as ``GET issue/{}``."""
        return self._operations.get(method_and_shape)

    def findings(self, exchange: Exchange) -> set[Finding]:
        """How an answer departs from what is described; of an unknown operation nothing is described."""
        operation = self.operation(exchange.operation)
        if operation is None:
            return set()
        status = str(exchange.reply.status)
        if status not in operation.answers:
            return {_finding(exchange, "$", "undocumented status")}
        schema = operation.answers[status]
        if schema is None or not exchange.is_json:
            return set()
        return {_finding(exchange, where, what) for where, what in self._departures(schema, exchange.reply.body, "$")}

    def findings_of_part(self, exchange: Exchange, name: str, value: Json, place: str) -> set[Finding]:
        """How a part of an answer departs from a named schema."""
        found = self._departures({"$ref": f"#/$defs/{name}"}, value, place)
        return {_finding(exchange, where, what) for where, what in found}

    def _departures(self, schema: Json, value: Json, place: str) -> Iterator[tuple[str, str]]:
        declared = self._schemas[schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else schema
        if isinstance(value, list) and declared.get("type") == "object":
            yield place, "an array is declared by its items"
            schema = {"type": "array", "items": schema}
        elif _is_page(value) and "values" not in declared.get("properties", {"values": {}}):
            yield place, "a page is declared by its items"
            value, place, schema = value["values"], f"{place}.values", {"type": "array", "items": schema}
        for error in Draft202012Validator({"$defs": self._schemas, **schema}).iter_errors(value):
            yield from _causes(error, place)


def _finding(exchange: Exchange, where: str, what: str) -> Finding:
    return Finding(operation=exchange.operation, status=exchange.reply.status, where=where, what=what)


def _is_page(value: Json) -> bool:
    return isinstance(value, dict) and {"values", "startAt", "maxResults"} <= value.keys()


def _causes(error: ValidationError, place: str) -> Iterator[tuple[str, str]]:
    instance: Json = error.instance
    where = place + "".join("[]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    if error.validator == "additionalProperties":
        schema: Json = error.schema
        for name in sorted(set(instance) - set(schema.get("properties", {}))):
            yield f"{where}.{name}", "undeclared"
    elif error.validator == "required":
        required: Json = error.validator_value
        for name in sorted(set(required) - set(instance)):
            yield f"{where}.{name}", "missing"
    else:
        yield where, f"{error.validator} should be {json.dumps(error.validator_value)}"


def _standard(schema: Json) -> Json:
    """A schema of OpenAPI 3.0 as one of JSON Schema: ``nullable``, and where the named ones stand."""
    if isinstance(schema, list):
        return [_standard(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shown = {key: _standard(value) for key, value in schema.items() if key not in {"nullable", "format", "example"}}
    if isinstance(shown.get("$ref"), str):
        shown["$ref"] = shown["$ref"].replace("#/components/schemas/", "#/$defs/")
    if schema.get("nullable") is True:
        return {"anyOf": [shown, {"type": "null"}]}
    return shown


def _closed(schema: Json) -> Json:
    """The same, where nothing else is said, without keys that are not declared: they may be inventions."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shown = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema["properties"] and schema.get("type") == "object":
        shown.setdefault("additionalProperties", False)
    return shown


@cache
def cloud_specification() -> Specification:
    """The served part of the platform's interface, version 3, under the Apache License."""
    document = json.loads(CLOUD.read_text())
    operations = {
        (method.upper(), path): Operation(
            parameters=frozenset(described["parameters"]), answers=_standard(described["answers"])
        )
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }
    return Specification(operations, _standard(document["schemas"]))


def published_folder() -> Path:
    """Where documents lie that may be read but not passed on; a test that needs them fails or says so."""
    folder = Path(os.environ.get(VARIABLE) or PROJECT.parent / "shared" / "jira-spec")
    if folder.is_dir():
        return folder
    text = f"Atlassian's documents about Data Center are not at {folder}; name their folder in {VARIABLE}."
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)  # their licence does not let us bring them along, and nobody but CI must have them


@cache
def data_center_specification(name: str = "jira-dc-10.3.24.openapi.json.gz") -> Specification:
    """The OpenAPI document of Data Center."""
    document = json.loads(gzip.decompress((published_folder() / name).read_bytes()))
    operations = {
        (method.upper(), path.removeprefix("/api/2/")): Operation(
            parameters=_queries(described), answers=_openapi_answers(described)
        )
        for path, methods in document["paths"].items()
        if path.startswith("/api/2/")
        for method, described in methods.items()
        if method in {"get", "put", "post", "delete"}
    }
    return Specification(operations, _closed(_standard(document["components"]["schemas"])))


def _queries(described: Json) -> frozenset[str]:
    return frozenset(p["name"] for p in described.get("parameters", ()) if p.get("in") == "query")


def _openapi_answers(described: Json) -> dict[str, Json]:
    return {
        status: _standard(answer.get("content", {}).get("application/json", {}).get("schema"))
        for status, answer in described["responses"].items()
    }


@cache
def server_specification(name: str = "jira-server-8.4.3.wadl.gz") -> Specification:
    """The description that Server 8.4 gave of itself: older, but exact to the key."""
    root = ElementTree.fromstring(gzip.decompress((published_folder() / name).read_bytes()))  # noqa: S314 - our own file
    operations: dict[tuple[str, str], Operation] = {}
    for resources in root.findall(f"{WADL}resources"):
        for resource in resources.findall(f"{WADL}resource"):
            operations |= dict(_wadl_operations(resource, ""))
    served = {(m, p.removeprefix("api/2/")): op for (m, p), op in operations.items() if p.startswith("api/2/")}
    return Specification(served, {})


def _wadl_operations(
    resource: ElementTree.Element, above: str, inherited: frozenset[str] = frozenset()
) -> Iterator[tuple[tuple[str, str], Operation]]:
    path = "/".join(part for part in (above, resource.get("path", "").strip("/")) if part)
    own = inherited | _wadl_parameters(resource)
    for method in resource.findall(f"{WADL}method"):
        answers = {
            status: _wadl_schema(response)
            for response in method.findall(f"{WADL}response")
            for status in response.get("status", "200").split()
        }
        request = method.find(f"{WADL}request")
        queries = own if request is None else own | _wadl_parameters(request)
        yield (method.get("name", ""), path), Operation(parameters=queries, answers=answers)
    for child in resource.findall(f"{WADL}resource"):
        yield from _wadl_operations(child, path, own)


def _wadl_parameters(element: ElementTree.Element) -> frozenset[str]:
    return frozenset(p.get("name", "") for p in element.findall(f"{WADL}param") if p.get("style") == "query")


def _wadl_schema(response: ElementTree.Element) -> Json:
    for block in response.iter(f"{HTML}p"):
        heading, code = block.find(f"{HTML}h6"), block.find(f".//{HTML}code")
        if heading is not None and heading.text == "Schema" and code is not None:
            return _standard(json.loads(code.text or "{}"))
    return None
