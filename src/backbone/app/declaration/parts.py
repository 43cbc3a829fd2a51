"""What all models of the file have in common: strictness, and errors that carry their cure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from backbone.app.declaration.findings import Path


class Part(BaseModel):
    """A table of the file.

    Unknown keys are errors: a misspelled one must not be passed over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def without_nothing(cls, given: object) -> object:
        """A key without a value counts as not written."""
        return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given


class Direction(StrEnum):
    """Which way something travels."""

    BOTH = "both"
    FIRST_TO_SECOND = "first_to_second"
    SECOND_TO_FIRST = "second_to_first"

    @property
    def to_second(self) -> bool:
        return self is not Direction.SECOND_TO_FIRST

    @property
    def to_first(self) -> bool:
        return self is not Direction.FIRST_TO_SECOND


def wrong(message: str, cure: str = "", at: Path = ()) -> PydanticCustomError:
    """An error of the file, with the steps from the table that is being checked to the place."""
    context = {"message": message, "cure": cure, "at": at}
    return PydanticCustomError("declaration", "{message}", context)


def _without_space(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


Word = Annotated[str, Field(min_length=1, max_length=255), BeforeValidator(_without_space)]
"""A name that Jira knows."""
