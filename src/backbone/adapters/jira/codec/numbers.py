"""Numbers as canonical decimal text: no superfluous digits, no exponent."""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException

_WIDEST = 400
"""No double has more digits than this before or after the point."""

_EXACT = Context(prec=2 * _WIDEST)


def canonical_number(text: str) -> str:
    """Equal text for equal numbers. Raises ValueError for what is no number.

    >>> canonical_number("12.50"), canonical_number("1E3"), canonical_number("-0.0")
    ('12.5', '1000', '0')
    """
    try:
        number = _EXACT.normalize(Decimal(text.strip()))
    except DecimalException:
        raise ValueError("no number") from None
    if not number.is_finite() or abs(number.adjusted()) > _WIDEST:
        raise ValueError("no number that Jira holds")
    return "0" if number.is_zero() else format(number, "f")
