"""What only a Jira and we know: the secret part of the address, and the secret of signatures; sealed as one text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """``signed`` tells that deliveries without a signature are refused: not so where this Jira can't sign."""

    address: str = field(repr=False)
    signature: str = field(repr=False)
    signed: bool

    def text(self) -> str:
        """To be sealed."""
        return json.dumps(asdict(self))


def secrets_of(text: str) -> WebhookSecrets:
    """What :meth:`WebhookSecrets.text` made."""
    return WebhookSecrets(**json.loads(text))
