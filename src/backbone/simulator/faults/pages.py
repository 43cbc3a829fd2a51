"""Bodies that are no JSON: the pages people see in a browser, and Jira's plain texts."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import web


class Page(StrEnum):
    """What is shown instead of data."""

    LOGIN = "login"
    SECOND_FACTOR = "second-factor"
    ERROR = "error"


_TITLES = {
    Page.LOGIN: "Log in - Jira",
    Page.SECOND_FACTOR: "Two-factor authentication - Jira",
    Page.ERROR: "Oops, you've found a dead link. - Jira",
}
_CONTENTS = {
    Page.LOGIN: '<form id="login-form" action="/login.jsp" method="post"><input name="os_username"/></form>',
    Page.SECOND_FACTOR: '<form id="second-factor" method="post"><input name="code"/></form>',
    Page.ERROR: '<div class="aui-message error"><p>Something went wrong.</p></div>',
}


def html_page(page: Page, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """A page as an answer."""
    text = f"<!DOCTYPE html>\n<html><head><title>{_TITLES[page]}</title></head><body>{_CONTENTS[page]}</body></html>\n"
    return web.Response(text=text, status=status, content_type="text/html", charset="UTF-8", headers=headers)


def error_collection(
    status: int, *messages: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> web.Response:
    """Jira's usual error object."""
    body = {"errorMessages": list(messages), "errors": errors or {}}
    return web.json_response(body, status=status, headers=headers)
