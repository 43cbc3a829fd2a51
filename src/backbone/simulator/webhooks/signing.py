"""How a receiver can tell that a delivery is genuine: a digest of the body, or a token of the app."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta

import msgspec

TOKEN_LIFE = timedelta(minutes=3)


def body_signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """The value of ``X-Hub-Signature``: the method, an equals sign, the HMAC of the raw body in hex."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def app_token(secret: str, issuer: str, now: datetime) -> str:
    """The JSON web token (HS256) that stands in the Authorization header of dynamic webhooks."""
    claims = {"iss": issuer, "iat": int(now.timestamp()), "exp": int((now + TOKEN_LIFE).timestamp())}
    head = _plain(msgspec.json.encode({"alg": "HS256", "typ": "JWT"}))
    text = f"{head}.{_plain(msgspec.json.encode(claims))}"
    return f"{text}.{_plain(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"
