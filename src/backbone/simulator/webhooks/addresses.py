"""Where a delivery goes: loopback addresses only, with the variables of the address filled in."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote, urlsplit


class AddressError(ValueError):
    """An address to which the simulator delivers nothing; the message says why."""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(url: str) -> None:
    """Refuse whatever is not on this machine: a rehearsal must not reach the world."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise AddressError(f"'{url}' is not a valid URL.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise AddressError(f"'{url}' is not a valid URL.")
    if not _is_loopback(host):
        raise AddressError(
            f"The simulator delivers webhooks to loopback addresses only (localhost, 127.0.0.1, ::1), not to '{host}'."
        )


def fill_in(url: str, values: Mapping[str, str], *, with_dollar: bool) -> str:
    """Put values into the variables of an address.

    Up to Data Center 9 a variable is ``${issue.key}``, from 10 on and in Cloud ``{issue.key}``; one of the
    other form, or of a name that this event does not have, stays as it is.
    """
    for name, value in values.items():
        variable = f"${{{name}}}" if with_dollar else f"{{{name}}}"
        url = url.replace(variable, quote(value, safe=""))
    return url
