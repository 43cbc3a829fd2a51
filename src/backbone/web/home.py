"""The page at the root: how the caller's synchronizations stand, and the way to all else."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from backbone.app.usecases.integrations import ProjectNotNamed, list_integrations
from backbone.app.usecases.standing import Derived
from backbone.web.access import Rule, SignedIn, allowed
from backbone.web.front import BASE
from backbone.web.installation import installation_of
from backbone.web.pages import page
from backbone.web.signing_in import SIGN_IN

router = APIRouter(include_in_schema=False)

HOME = "/"


@router.get(HOME, dependencies=[allowed(Rule.SIGNED_IN)])
async def home(request: Request, caller: SignedIn) -> Response:
    """A stranger in front of a browser signs in first and comes back."""
    here, root = installation_of(request), request.scope["root_path"]
    try:
        seen = await list_integrations(here.store, caller, None, here.system.now())
    except ProjectNotNamed:  # who administers projects only asks for one of them
        seen = None
    lines = None if seen is None else [(one.one.key, one.one.name, *_told(one.standing)) for one in seen]
    return page("home.html", lines=lines, who=caller.shown, api=f"{root}{BASE}", account=f"{root}{SIGN_IN}")


def _told(standing: Derived) -> tuple[str, str]:
    """The status, and in words what stands in its way."""
    words = [one.rstrip(".") + "." for one in (standing.reason, standing.cure) if one]
    return standing.status.value, " ".join(words)
