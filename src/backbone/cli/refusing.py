"""How a person is told why a configuration is not changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backbone.app.usecases.configuring.declaring import Unfit
from backbone.app.usecases.configuring.editing import ChangedMeanwhile, Gone
from backbone.app.usecases.configuring.revising import NoRevision
from backbone.app.usecases.mistakes import Mistake


@contextmanager
def plainly(named: str) -> Iterator[None]:
    """Raises Mistake for what keeps a configuration from being published."""
    try:
        yield
    except Unfit as unfit:
        one = unfit.wrong[0]
        raise Mistake(one.place, one.message, one.cure or "Put it right in Jira, or publish another one") from unfit
    except NoRevision as error:
        raise Mistake(named, str(error), "'backbone revisions' lists those that are kept") from error
    except (Gone, ChangedMeanwhile) as error:
        raise Mistake(named, "somebody else changed or deleted it meanwhile", "Look at it again") from error
