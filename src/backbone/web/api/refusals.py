"""What callers are told when a synchronization can't be changed as they want."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from backbone.app.usecases.configuring.declaring import Unfit
from backbone.app.usecases.configuring.drafting import NoDraft
from backbone.app.usecases.configuring.editing import ChangedMeanwhile, Gone
from backbone.app.usecases.configuring.introducing import NotAllowed
from backbone.app.usecases.configuring.revising import NoRevision
from backbone.web.errors import Refused, not_found

LONG = 180.0
"""Seconds that a request may take that looks names up in both Jiras, or that waits for what is under way."""


@contextmanager
def told(what: str, *, otherwise: HTTPStatus = HTTPStatus.CONFLICT) -> Iterator[None]:
    """Raises Refused for what the use cases of configurations raise; ``otherwise`` is for what changed meanwhile."""
    try:
        yield
    except Unfit as unfit:
        raise refusal_of(unfit) from None
    except NotAllowed:
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "Only administrators of this installation may connect it with another Jira.",
            "Name a connection that is stored, without address and credentials.",
        ) from None
    except Gone:
        raise not_found(what) from None
    except NoDraft:
        raise not_found("draft") from None
    except NoRevision as error:
        raise not_found(f"revision {error.revision}") from None
    except ChangedMeanwhile as changed:
        raise Refused(
            otherwise,
            f"It is not what you read any more: {changed.by.by} changed it.",
            "Read it again, and make your change to what you read then.",
        ) from None


def refusal_of(unfit: Unfit) -> Refused:
    """Every finding by its place; the first one as the sentence."""
    first = unfit.wrong[0]
    errors: dict[str, str] = {}
    for one in unfit.wrong:
        errors[one.place] = f"{errors[one.place]} {one.show()}" if one.place in errors else one.show()
    message = f"{first.place}: {first.message.rstrip('.')}."
    return Refused(HTTPStatus.BAD_REQUEST, message, first.cure, errors=errors)
