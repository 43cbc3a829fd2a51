"""What is found while names are looked up: errors and warnings, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from backbone.app.declaration.findings import DeclarationError, Finding, Path
from backbone.app.declaration.reading import Declaration


@dataclass(slots=True, kw_only=True)
class Report:
    """Grows while a declaration is looked up; several errors are told at once."""

    declaration: Declaration
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def error(self, path: Path, message: str, cure: str = "") -> None:
        self.errors.append(self.declaration.finding(path, message, cure))

    def warn(self, path: Path, message: str, cure: str = "") -> None:
        self.warnings.append(self.declaration.finding(path, message, cure))

    def raise_errors(self) -> None:
        """Raise DeclarationError if anything was wrong."""
        if self.errors:
            raise DeclarationError(self.declaration.file, self.errors)
