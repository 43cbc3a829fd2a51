"""The few pages: each whole in itself, without scripts, readable without its style."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

STYLE = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of a page: its own style, forms to us, and nothing else."""

_TEMPLATES = Environment(
    loader=PackageLoader("backbone.web", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of a template."""
    text = _TEMPLATES.get_template(name).render(style=STYLE, **values)
    return HTMLResponse(text, status, headers={"Content-Security-Policy": POLICY})
