"""Cloud's document format (ADF) for version 3 of the REST interface, to and from wiki text.

Covered: paragraphs, hard breaks, headings, bullet lists, code blocks, rules, links, mentions
and the common marks. What has no wiki form becomes its plain text, as on Cloud much is lost
on the way through version 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from backbone.simulator.rest.errors import Refused

Node = dict[str, object]
MARKS = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}
BLOCKS = frozenset(
    "paragraph heading bulletList orderedList codeBlock blockquote rule panel table mediaSingle mediaGroup "
    "expand taskList decisionList blockCard embedCard".split()
)


def to_adf(text: str) -> Node:
    """A document of the wiki text's paragraphs."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return {"version": 1, "type": "doc", "content": [_block(block.strip("\n")) for block in blocks]}


def _block(block: str) -> Node:
    lines = block.split("\n")
    if len(lines) == 1 and len(block) > 3 and block[0] == "h" and block[1] in "123456" and block[2:4] == ". ":
        return {"type": "heading", "attrs": {"level": int(block[1])}, "content": _line(block[4:])}
    if all(line.startswith("* ") for line in lines):
        items: list[Node] = [
            {"type": "listItem", "content": [{"type": "paragraph", "content": _line(line[2:])}]} for line in lines
        ]
        return {"type": "bulletList", "content": items}
    content: list[Node] = []
    for number, line in enumerate(lines):
        if number:
            content.append({"type": "hardBreak"})
        content.extend(_line(line))
    return {"type": "paragraph", "content": content}


def _line(text: str) -> list[Node]:
    return [{"type": "text", "text": text}] if text else []


def from_adf(document: object, field: str) -> str:
    """The wiki text of a document, or Jira's refusal of an invalid one."""
    if not isinstance(document, dict) or document.get("type") != "doc" or document.get("version") != 1:
        raise invalid(field)
    blocks = _children(document, field)
    for block in blocks:
        if block.get("type") not in BLOCKS:
            raise invalid(field)
    return "\n\n".join(_wiki_block(block, field) for block in blocks)


def invalid(field: str) -> Refused:
    """What Cloud answers to a document it cannot read."""
    if field == "comment":
        return Refused(400, errors={"comment": "Comment body is not valid!"})
    return Refused(
        400, errors={field: "Operation value must be an Atlassian Document (see the Atlassian Document Format)"}
    )


def _children(node: Mapping[str, object], field: str) -> list[Node]:
    content = node.get("content", [])
    if not isinstance(content, list) or not all(isinstance(child, dict) for child in content):
        raise invalid(field)
    return content


def _wiki_block(block: Node, field: str) -> str:
    attrs = block.get("attrs")
    known = attrs if isinstance(attrs, dict) else {}
    match block.get("type"):
        case "heading":
            return f"h{known.get('level', 1)}. {_inline(block, field)}"
        case "bulletList" | "orderedList":
            sign = "*" if block["type"] == "bulletList" else "#"
            return "\n".join(f"{sign} {_nested(item, field)}" for item in _children(block, field))
        case "codeBlock":
            return "{code}\n" + _inline(block, field) + "\n{code}"
        case "rule":
            return "----"
        case "paragraph":
            return _inline(block, field)
        case _:
            return _nested(block, field)


def _nested(node: Node, field: str) -> str:
    parts = [
        _wiki_block(child, field) if child.get("type") in BLOCKS else _nested(child, field)
        for child in _children(node, field)
    ]
    return "\n".join(part for part in parts if part) or _inline(node, field)


def _inline(node: Node, field: str) -> str:
    return "".join(_leaf(child, field) for child in _children(node, field))


def _leaf(node: Node, field: str) -> str:
    attrs = node.get("attrs")
    known = attrs if isinstance(attrs, dict) else {}
    match node.get("type"):
        case "text":
            return _text(node, field)
        case "hardBreak":
            return "\n"
        case "mention":
            return f"[~accountid:{known.get('id', '')}]"
        case "inlineCard":
            return f"[{known.get('url', '')}|{known.get('url', '')}|smart-link]"
        case "emoji":
            return str(known.get("shortName", ""))
        case _:
            return ""


def _text(node: Node, field: str) -> str:
    text = node.get("text")
    if not isinstance(text, str) or not text:
        raise invalid(field)
    marks = node.get("marks", [])
    if not isinstance(marks, list) or not all(isinstance(mark, dict) for mark in marks):
        raise invalid(field)
    for mark in marks:
        sign, attrs = MARKS.get(str(mark.get("type"))), mark.get("attrs")
        if sign:
            text = f"{sign}{text}{sign}"
        elif mark.get("type") == "link" and isinstance(attrs, dict):
            text = f"[{text}|{attrs.get('href', '')}]"
    return text
