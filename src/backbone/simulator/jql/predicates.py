"""From a clause to a test of issues, with every fault of the clause found on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backbone.simulator.jql.comparing import Predicate, compile_field, unknown_field
from backbone.simulator.jql.fields import find_fields
from backbone.simulator.jql.operands import Refusal
from backbone.simulator.jql.properties import compile_property
from backbone.simulator.jql.tree import And, Clause, FieldReference, Not, Or, PropertyField, Terminal
from backbone.simulator.jql.world import FieldInfo, JqlContext


class Compiler:
    """Compiles clauses for one context; ``problems`` collects Jira's sentences in the order of the query."""

    def __init__(self, context: JqlContext) -> None:
        self.problems: list[str] = []
        self._context = context

    def compile(self, clause: Clause) -> Predicate:
        """A test for issues; a faulty clause matches nothing and leaves a problem."""
        match clause:
            case Terminal():
                return self._compile_terminal(clause)
            case Not(clause=inner):
                test = self.compile(inner)
                return lambda issue: not test(issue)
            case And(clauses=clauses):
                tests = [self.compile(inner) for inner in clauses]
                return lambda issue: all(test(issue) for test in tests)
            case Or(clauses=clauses):
                tests = [self.compile(inner) for inner in clauses]
                return lambda issue: any(test(issue) for test in tests)
            case _:
                assert_never(clause)

    def _compile_terminal(self, clause: Terminal) -> Predicate:
        try:
            if isinstance(clause.field, PropertyField):
                return compile_property(clause.field, clause, self._context)
            tests = [compile_field(info, clause, self._context) for info in self._fields(clause.field)]
        except Refusal as refusal:
            self.problems.append(str(refusal))
            return lambda _: False
        if len(tests) == 1:
            return tests[0]
        return lambda issue: any(test(issue) for test in tests)

    def _fields(self, reference: FieldReference) -> Sequence[FieldInfo]:
        found = find_fields(reference, self._context.world)
        if not found:
            raise Refusal(unknown_field(reference, self._context))
        return found
