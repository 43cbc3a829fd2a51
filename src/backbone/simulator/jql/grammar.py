"""From text to tree: the words, the reserved words and the grammar of JQL.

Facts: Atlassian's pages "Advanced searching: reserved words, reserved characters" and the
messages of Jira's own parser as users report them. History operators (WAS, CHANGED) are not
part of this grammar; they are refused with a sentence that does not blame the query.
"""

from __future__ import annotations

import re

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from backbone.simulator.jql.errors import JqlError
from backbone.simulator.jql.tree import (
    And,
    Call,
    Clause,
    Empty,
    FieldReference,
    Item,
    Items,
    NamedField,
    Not,
    NumberedField,
    Operand,
    Operator,
    Or,
    PropertyField,
    Query,
    Sort,
    Terminal,
    Text,
    depth,
)
from backbone.simulator.jql.words import RESERVED_WORDS, illegal_escape, unescape

DEEPEST = 150
"""Deeper nesting is refused; Jira too has a limit, though it is one of its memory."""

_WORD_CHARACTER = r"[^\s\"'()\[\]{},=!<>~&|*\/%+^$#@?;\\]"
_END = rf"(?!{_WORD_CHARACTER}|\\)"

_GRAMMAR = rf"""
start: [where] [order]
?where: both | both (_OR both)+ -> either
?both: one | one (_AND one)+ -> together
?one: _NOT one -> negation
    | "(" where ")"
    | terminal
terminal: field COMPARISON operand -> compared
    | field _IN operand -> inside
    | field _NOT _IN operand -> outside
    | field _IS operand -> being
    | field _IS _NOT operand -> not_being
field: text -> named_field
    | WORD "[" text "]" [WORD] -> bracketed_field
?operand: item | "(" item ("," item)* ")" -> items
?item: text | EMPTY -> empty | text "(" [text ("," text)*] ")" -> call
text: WORD -> word | STRING -> string
order: _ORDER _BY sort ("," sort)*
sort: field [ASC | DESC]

_AND.2: /and{_END}|&&?/i
_OR.2: /or{_END}|\|\|?/i
_NOT.2: /not{_END}|!(?![=~])/i
_IN.2: /in{_END}/i
_IS.2: /is{_END}/i
_ORDER.2: /order{_END}/i
_BY.2: /by{_END}/i
ASC.2: /asc{_END}/i
DESC.2: /desc{_END}/i
EMPTY.2: /(empty|null){_END}/i
COMPARISON.2: /!=|!~|>=|<=|=|>|<|~/
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
WORD: /(?:{_WORD_CHARACTER}|\\(?:u[0-9a-fA-F]{{4}}|[^u]))+/
%ignore /\s+/
"""


def parse(text: str) -> Query:
    """Read a query; anything that is not understood raises JqlError in Jira's wording."""
    try:
        query = _PARSER.parse(text)
    except UnexpectedInput as problem:
        raise JqlError(_explain(problem, text)) from None
    assert isinstance(query, Query)  # the transformer turns `start` into one
    if query.where is not None and depth(query.where) > DEEPEST:
        raise JqlError("Error in the JQL Query: The query is nested too deeply.")
    return query


def is_bounded(query: Query) -> bool:
    """Whether the query restricts anything: Cloud refuses those that do not (JRACLOUD-92205)."""
    return query.where is not None


def _place(line: int, column: int) -> str:
    return f"(line {line}, character {column})"


def _refuse_reserved(token: Token) -> Token:
    if str(token).lower() in RESERVED_WORDS:
        raise JqlError(
            f"Error in the JQL Query: '{token}' is a reserved JQL word. You must surround it in "
            f"quotation marks to use it in a query. {_place(token.line or 1, token.column or 1)}"
        )
    return token


class _Builder(Transformer[Token, object]):
    """Called by the parser for each rule as it is recognised, innermost first."""

    def start(self, parts: list[object]) -> Query:
        where, order = parts
        assert where is None or isinstance(where, Terminal | Not | And | Or)
        assert order is None or isinstance(order, tuple)
        return Query(where=where, order=order or ())

    def either(self, clauses: list[Clause]) -> Clause:
        return Or(clauses=tuple(clauses))

    def together(self, clauses: list[Clause]) -> Clause:
        return And(clauses=tuple(clauses))

    def negation(self, clauses: list[Clause]) -> Clause:
        return Not(clause=clauses[0])

    def compared(self, parts: tuple[FieldReference, Token, Operand]) -> Clause:
        field, operator, operand = parts
        return Terminal(field=field, operator=Operator(str(operator)), operand=operand)

    def inside(self, parts: tuple[FieldReference, Operand]) -> Clause:
        return Terminal(field=parts[0], operator=Operator.IN, operand=parts[1])

    def outside(self, parts: tuple[FieldReference, Operand]) -> Clause:
        return Terminal(field=parts[0], operator=Operator.NOT_IN, operand=parts[1])

    def being(self, parts: tuple[FieldReference, Operand]) -> Clause:
        return Terminal(field=parts[0], operator=Operator.IS, operand=parts[1])

    def not_being(self, parts: tuple[FieldReference, Operand]) -> Clause:
        return Terminal(field=parts[0], operator=Operator.IS_NOT, operand=parts[1])

    def named_field(self, parts: list[Text]) -> FieldReference:
        return NamedField(name=parts[0].value)

    def bracketed_field(self, parts: tuple[Token, Text, Token | None]) -> FieldReference:
        return _bracketed(str(parts[0]), parts[1].value, "" if parts[2] is None else str(parts[2]))

    def items(self, items: list[Item]) -> Operand:
        return Items(items=tuple(items))

    def empty(self, _: list[Token]) -> Item:
        return Empty()

    def call(self, parts: list[Text | None]) -> Item:
        name, *arguments = [part.value for part in parts if part is not None]
        return Call(name=name, arguments=tuple(arguments))

    def word(self, parts: list[Token]) -> Text:
        raw = str(parts[0])
        return Text(value=unescape(raw), quoted="\\" in raw)

    def string(self, parts: list[Token]) -> Text:
        return Text(value=unescape(str(parts[0])[1:-1]), quoted=True)

    def order(self, sorts: list[Sort]) -> tuple[Sort, ...]:
        return tuple(sorts)

    def sort(self, parts: tuple[FieldReference, Token | None]) -> Sort:
        field, direction = parts
        return Sort(field=field, descending=direction is not None and direction.type == "DESC")


def _bracketed(head: str, inner: str, tail: str) -> FieldReference:
    if head.lower() == "cf" and not tail and re.fullmatch(r"[0-9]{1,18}", inner):
        return NumberedField(number=int(inner))
    if head.lower() == "issue.property" and re.fullmatch(r"(\.[^.\s]+)+", tail):
        return PropertyField(key=inner, path=tail[1:])
    raise JqlError(f"Field '{head}[{inner}]{tail}' does not exist or you do not have permission to view it.")


def _explain(problem: UnexpectedInput, text: str) -> str:
    if isinstance(problem, UnexpectedCharacters):
        return "Error in the JQL Query: " + _explain_character(problem, text)
    if isinstance(problem, UnexpectedToken):
        ended = problem.token.type == "$END"
        place = _place(problem.line, problem.column)
        return "Error in the JQL Query: " + _explain_token(problem, ended=ended, place=place)
    assert isinstance(problem, UnexpectedEOF)
    return "Error in the JQL Query: The query ends too early."


def _explain_character(problem: UnexpectedCharacters, text: str) -> str:
    rest = "\n".join(text.split("\n")[problem.line - 1 :])[problem.column - 1 :]
    place = _place(problem.line, problem.column)
    if rest[0] in "\"'":
        return f"The quoted string '{rest[1:]}' has not been completed. {place}"
    if rest[0] == "\\":
        return f"{illegal_escape(rest[1:2])} {place}"
    return (
        f"The character '{rest[0]}' is a reserved JQL character. You must enclose it in a string "
        f"or use the escape '\\u{ord(rest[0]):04x}' instead. {place}"
    )


def _explain_token(problem: UnexpectedToken, *, ended: bool, place: str) -> str:
    got = "before the end of the query." if ended else f"but got '{problem.token}'."
    where = "" if ended else f" {place}"
    expected = problem.accepts or problem.expected
    if "COMPARISON" in expected:
        if str(problem.token).lower() in _HISTORY_OPERATORS:
            return f"The simulator does not know the operator '{str(problem.token).upper()}'.{where}"
        return (
            f"Expecting operator {got} The valid operators are '=', '!=', '<', '>', '<=', '>=', "
            f"'~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.{where}"
        )
    for terminal, wanted in _WANTED:
        if terminal in expected:
            return f"Expecting {wanted} {got}{where}"
    return f"Expecting the end of the query {got}{where}"


_HISTORY_OPERATORS = frozenset({"was", "changed"})
_WANTED = (
    ("EMPTY", "either a value, list or function"),
    ("STRING", "a field name"),
    ("_BY", "'BY'"),
    ("_IN", "'IN'"),
    ("RSQB", "']'"),
    ("RPAR", "')'"),
    ("_AND", "either 'OR' or 'AND'"),
    ("COMMA", "','"),
)
"""What to say is missing, by a terminal that the parser would accept; the first that fits."""

_PARSER = Lark(
    _GRAMMAR,
    parser="lalr",
    lexer="basic",
    transformer=_Builder(),
    lexer_callbacks={"WORD": _refuse_reserved},
)
