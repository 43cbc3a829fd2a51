"""The one table of all codes: what each means, and what may be done about it. Pages, routes and commands are made from it."""

from __future__ import annotations

from backbone.app.usecases.troubleshooting.about import About
from backbone.app.usecases.troubleshooting.of_channels import OF_CHANNELS
from backbone.app.usecases.troubleshooting.of_connections import OF_CONNECTIONS
from backbone.app.usecases.troubleshooting.of_issues import OF_ISSUES
from backbone.app.usecases.troubleshooting.of_partners import OF_PARTNERS
from backbone.app.usecases.troubleshooting.of_values import OF_VALUES
from backbone.core.model.problems import Code

CATALOGUE: dict[Code, About] = {**OF_VALUES, **OF_ISSUES, **OF_CONNECTIONS, **OF_CHANNELS, **OF_PARTNERS}


def help_page(code: Code) -> str:
    """The page of a code in the documentation, as a path from its root."""
    return f"reference/problems/{code}.md"
