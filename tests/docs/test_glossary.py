"""The words of the code are the words of the glossary."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import ROOT, sources_under

GLOSSARY = ROOT / "docs" / "explanation" / "glossary.md"
PROMISED = re.compile(r"^\|\s*\*\*(?P<term>[A-Za-z ]+)\*\*", re.MULTILINE)
CODE_WORD = re.compile(r"`(?P<name>[A-Z][A-Za-z]+)`")

# Public classes of the model that need no entry: name and the reason.
# Prefer an entry; a class belongs here only when its name says all there is to say.
SELF_EXPLAINING: dict[str, str] = {}


def test_every_public_class_of_the_model_is_in_the_glossary() -> None:
    known = set(CODE_WORD.findall(GLOSSARY.read_text(encoding="utf-8")))

    assert sorted(public_classes() - known - SELF_EXPLAINING.keys()) == []


def test_every_exception_names_a_class_that_exists_and_has_no_entry() -> None:
    known = set(CODE_WORD.findall(GLOSSARY.read_text(encoding="utf-8")))

    assert sorted(SELF_EXPLAINING.keys() - (public_classes() - known)) == []


def test_terms_stand_in_alphabetical_order_and_once() -> None:
    terms = [term.lower() for term in PROMISED.findall(GLOSSARY.read_text(encoding="utf-8"))]

    assert terms == sorted(set(terms))
    assert terms != []


def public_classes() -> set[str]:
    return {
        node.name
        for source in sources_under("src/backbone/core/model")
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
