"""The catalogue: what stands in the way of an exchange behind firewalls, by files or by e-mail."""

from __future__ import annotations

from backbone.app.usecases.troubleshooting.about import About, Action
from backbone.core.model.problems import Code

_GOES_ON = "It is tried again by itself, and nothing is lost meanwhile."
_WHOLE = "What this synchronization sends or receives; edits wait on their side."

OF_CHANNELS: dict[Code, About] = {
    Code.CHANNEL_DOWN: About(
        title="Parcels can't be sent or received",
        meaning="The mail server or the directory of one direction of an exchange does not work.",
        looks="sending: 535 5.7.8 authentication failed",
        reasons=(
            "The mail server is down, can't be reached, or refuses the log-in.",
            "A certificate is not trusted here or has expired.",
            "The directory is full or can't be written to.",
        ),
        holds=_WHOLE,
        cure="Check what the cause names, in the words of the server or of the system.",
        follows=_GOES_ON,
        actions=(Action.RETRY,),
    ),
    Code.CHANNEL_PLACE: About(
        title="A directory or mailbox is another one",
        meaning="The directory lacks the marker that was put there at set-up, or has that of another one.",
        looks="receiving: the directory has no marker",
        reasons=(
            "The share is not mounted.",
            "The directory was made anew, or a symbolic link leads elsewhere.",
        ),
        holds=_WHOLE,
        cure="Mount or restore the directory; if it is meant to be another one, confirm that.",
        follows=_GOES_ON,
        actions=(Action.RETRY,),
    ),
    Code.PARCEL_REFUSED: About(
        title="Something came that can't be used",
        meaning="Something arrived that is not whole, is not the partner's, or is not for us.",
        looks="something came that is not whole, not encrypted or not signed by the partner",
        reasons=(
            "It was damaged on the way, for instance by a mail server that rewrites attachments.",
            "The partner's clock is more than 30 minutes ahead of ours.",
            "The partner has another version of this program, or uses another key.",
            "Both halves read one mailbox, and one of them is of a version that does not say whose its mails are.",
            "Somebody tried to forge a parcel.",
        ),
        holds="Nothing: what is genuine comes again.",
        cure="If it is counted again and again, compare clocks, versions and keys with the partner.",
        follows="It is kept for a look, at most 100 of them; one whose signature may hold later is tried for 48 hours.",
        actions=(Action.RETRY,),
    ),
    Code.CONFIGURATION_AWAITED: About(
        title="Parcels wait for a configuration",
        meaning="The partner speaks by a configuration that is not agreed here, and no more can be kept of what it says.",
        looks="parcels came that name a configuration which is not agreed here, and more of them than can be kept",
        reasons=(
            "One of both sides was restored from a backup and does not know what was agreed since.",
            "What the partner answered to a publication got lost on the way.",
        ),
        holds="What the partner tells by that configuration: 100 parcels or 20 MB wait here, more of them at the partner's.",
        cure="On the slave's side, accept what the master published; on the master's side, publish once more.",
        follows="What waits here is used at once, and what was not kept is sent again by the partner.",
        actions=(Action.RETRY,),
    ),
    Code.PARCEL_TOO_LARGE: About(
        title="A parcel is too large to be sent",
        meaning="The mail server refuses a parcel for its size, or an issue tells more than any parcel may have.",
        looks="552 5.3.4 message exceeds the fixed maximum message size",
        reasons=(
            "A server on the way takes less than was agreed when the exchange was set up.",
            "A text of an issue has tens of megabytes, or an issue has tens of thousands of comments.",
        ),
        holds="This parcel, and later changes of the issues that it tells of; others go on.",
        cure="Raise the limit of that server; parcels that are made from now on are smaller, and larger again later."
        " Where what is told of an issue is left out, shorten it in Jira, then resync the issue.",
        follows="What the server refused is tried again by itself, and nothing of it is lost meanwhile.",
        actions=(Action.RETRY,),
    ),
    Code.PARCELS_UNANSWERED: About(
        title="Parcels are not acknowledged",
        meaning="A parcel was sent three times more, and the partner acknowledged it not once.",
        looks="parcels were sent three times more and are not acknowledged",
        reasons=(
            "A mail server puts our mails into quarantine, or rewrites or drops their attachments.",
            "The partner's installation does not run.",
            "What the partner sends does not reach us.",
        ),
        holds="What is told since waits on this side.",
        cure="Ask whether the partner's installation runs, then look for our mails where servers keep what they suspect.",
        follows="It is sent again ever more seldom, at last twice a day, and nothing is lost.",
        actions=(Action.RETRY,),
    ),
    Code.PARTNER_SILENT: About(
        title="Nothing is heard of the partner",
        meaning="The partner said nothing for three days, though each side shows once a day that it is there.",
        looks="nothing was heard of the partner for 3 days",
        reasons=(
            "The partner's installation does not run, or does not reach its mailbox or directory.",
            "Our mailbox or directory is not the one that the partner sends to.",
        ),
        holds="What is told since waits on this side.",
        cure="Ask the partner.",
        follows="It goes on as soon as the partner is heard again.",
        actions=(Action.RETRY,),
    ),
    Code.CHANNEL_DIVERGED: About(
        title="Both sides remember different things",
        meaning="What the partner has got is not what we know to have sent, or the other way round.",
        looks="the partner has parcels of ours that we do not know of",
        reasons=("One of the two installations was restored from a backup, or runs twice.",),
        holds="The whole synchronization, until both sides have told each other what they know.",
        cure="Make sure that only one copy of each installation runs.",
        follows="Both begin anew by themselves: pairs stay paired, of values that differ the newest counts, and the others are kept.",
        actions=(Action.RETRY,),
    ),
    Code.MAIL_RETURNED: About(
        title="A mail came back",
        meaning="A mail server returned a mail of ours.",
        looks="a mail of ours came back: 550 5.1.1 user unknown",
        reasons=(
            "The partner's address is wrong, or its mailbox is full or gone.",
            "A server on the way refuses our mails.",
        ),
        holds="Nothing by itself: what was not acknowledged is sent again.",
        cure="Correct the address, or have the mailbox or the server put right.",
        follows=_GOES_ON,
        actions=(Action.RETRY,),
    ),
}
