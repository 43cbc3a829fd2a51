"""The catalogue: what stands between two companies that exchange issues behind firewalls."""

from __future__ import annotations

from backbone.app.usecases.troubleshooting.about import About, Action
from backbone.core.model.problems import Code

_WHOLE = "Everything of this synchronization; edits wait on their side."
_NOTHING_LOST = "Nothing is lost meanwhile."

OF_PARTNERS: dict[Code, About] = {
    Code.HANDSHAKE_SUSPENDED: About(
        title="Two answers came to a handshake file",
        meaning="Two installations with different keys answered one handshake file, and both have what is in it.",
        looks="two different answers came to one handshake file: somebody else has it",
        reasons=(
            "The slave's administrator created the synchronization twice, in two installations.",
            "Somebody intercepted the file and answers in place of the partner.",
        ),
        holds=_WHOLE,
        cure="Find out who has the file, then begin anew: `backbone channel offer --anew` on the master's side.",
        follows="Both sides are suspended until then. " + _NOTHING_LOST,
        actions=(Action.RETRY,),
    ),
    Code.PARTNER_DOUBTFUL: About(
        title="Something came that the partner should not say",
        meaning="A message was of no effect, since it contradicts what both sides know of each other.",
        looks="another answer came to a handshake file that was used",
        reasons=(
            "Somebody who got hold of the handshake file answers it later.",
            "The partner's installation was set up twice, or runs a version with a fault.",
        ),
        holds="Nothing.",
        cure="Ask the partner by another way whether it was the partner.",
        follows="The synchronization goes on.",
        actions=(Action.RETRY,),
    ),
    Code.PARTNER_CLOCK: About(
        title="The partner's clock differs from ours",
        meaning="A ping showed that both clocks differ by more than ten minutes.",
        looks="the partner's clock is 25 minutes ahead of ours",
        reasons=("One of both computers does not follow a time server.",),
        holds="Nothing yet; parcels signed more than 30 minutes in the future wait until that time has come.",
        cure="Set both clocks by a time server (NTP), then run `backbone channel ping`.",
        follows="It ends by itself at the next ping that shows equal clocks.",
        actions=(Action.RETRY,),
    ),
    Code.PARTNER_MOVED: About(
        title="The partner receives by another protocol",
        meaning="The partner changed from files to e-mail or the other way, and we still send by the former one.",
        looks="the partner receives by mail now",
        reasons=("The partner's administrator changed how that installation receives.",),
        holds="Nothing as long as the partner still reads the former place.",
        cure="Change `send:` in the configuration file and run `backbone apply`.",
        follows="What is not acknowledged is sent again by the new way. " + _NOTHING_LOST,
        actions=(Action.RETRY,),
    ),
    Code.PARTNER_LEFT: About(
        title="The partner deleted its half",
        meaning="The partner's administrator deleted the other half of this synchronization, which was stopped here.",
        looks="the partner deleted its half of the synchronization",
        reasons=("The exchange has ended, or the partner wants to begin anew.",),
        holds=_WHOLE,
        cure="Delete this half, too, by `backbone delete`; to begin anew, set up a new synchronization afterwards.",
        follows="The issues stay as they are, and the problem ends with the half. There is nothing to try again.",
        actions=(),
    ),
}
