"""The two documented GETs that change something, and the question that stands before them.

A route declares it, and nothing more::

    @router.get(
        "/connectors/{connector_key}/projectKey",
        dependencies=[
            allowed(Rule.OF_CONNECTOR),
            changes_when("newProjectKey", Scope.CONFIGURE, "Take over {newProjectKey} as key of {connector_key}?"),
        ],
    )
    async def project_key(new_project_key: Annotated[str | None, Query(alias="newProjectKey")] = None, …): …

With the parameter in the address the edge asks for the wider scope, refuses HEAD, other sites and unknown parameters,
and lets through who calls with an ``Authorization`` header or ``X-Atlassian-Token: no-check``. A cookie alone gets a
page that can't be framed; its button POSTs to the same address, parameter included, with the CSRF token. So the route
needs a ``@router.post`` beside it (``include_in_schema=False``, ``allowed(…, Scope.CONFIGURE)``) that does the change and
answers as documented, usually the same function as ``@router.put``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request, params
from fastapi.responses import HTMLResponse

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_token
from backbone.web.crossing import unchecked
from backbone.web.errors import Refused
from backbone.web.pages import page


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesWhen:
    """A GET changes something when the parameter is in its address, and that needs the scope."""

    parameter: str
    scope: Scope
    question: str

    def __call__(self) -> None:
        """Looked at by the edge; to FastAPI it is a dependency that gives nothing."""


def changes_when(parameter: str, scope: Scope, question: str) -> params.Depends:
    """For ``dependencies=[…]`` of a GET. The question may name the parameter and those of the path in braces."""
    return params.Depends(ChangesWhen(parameter=parameter, scope=scope, question=question))


def refuse_head(request: Request) -> None:
    """Raises Refused (405): HEAD never acts."""
    if request.method == "HEAD":
        raise Refused(
            HTTPStatus.METHOD_NOT_ALLOWED, "HEAD changes nothing.", "Use PUT.", headers={"Allow": "GET, POST, PUT"}
        )


def question_for(
    changes: ChangesWhen, request: Request, caller: Caller, session: str | None, path: Mapping[str, str]
) -> HTMLResponse | None:
    """The page to answer with instead of acting; None for who said that this is meant."""
    if not caller.by_cookie or unchecked(request):
        return None
    query = request.query_params
    words = changes.question.format_map({**path, changes.parameter: query[changes.parameter]})
    token = csrf_token(session or "")
    return page("confirm.html", question=words, action=f"?{request.url.query}", csrf=token, who=caller.shown)
