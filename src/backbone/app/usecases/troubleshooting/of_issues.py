"""The catalogue: issues that can't be created, or that can't be had any more."""

from __future__ import annotations

from backbone.app.usecases.troubleshooting.about import BY_ITSELF, ONE_ISSUE, About, Action
from backbone.core.model.problems import Code

OF_ISSUES: dict[Code, About] = {
    Code.ISSUE_REFUSED: About(
        title="Jira refused a new issue",
        meaning="Jira refused to create an issue, or to create it with a field that it names.",
        looks="Jira refused to create the issue as it was sent: Customer is required.",
        reasons=(
            "A field is required, and nothing is mapped to it or the partner left it empty.",
            "A mapped field is not on the create screen of the issue type.",
            "A validator of the workflow objects.",
        ),
        holds="The new issue, or only the named field where Jira takes the issue without it.",
        cure="Map a field to what is required, give it a default in Jira, or put the named field on the create screen.",
        follows="It is tried again when the issue is edited, every hour while `backbone serve` runs, and after a retry.",
        actions=(Action.RETRY, Action.IGNORE),
    ),
    Code.TYPE_NOT_MAPPED: About(
        title="An issue type is not mapped",
        meaning="The partner's issue has a type that is not mapped for this direction.",
        looks="the partner's issue type 'Defect' is not mapped for this direction",
        reasons=(
            "The type was added to the other project, or an issue was converted to it.",
            "The row of the type leads in the other direction only.",
        ),
        holds="The new issue.",
        cure="Add the type to `issue_types` and apply the file.",
        follows="It is created once the type is mapped.",
        actions=(Action.RETRY, Action.IGNORE),
    ),
    Code.ISSUE_DELETED: About(
        title="An issue was deleted",
        meaning="An issue was deleted; its partner is left as it is.",
        looks="the issue was deleted; its partner is left as it is",
        reasons=("Somebody deleted the issue; a deletion is never repeated on the other side.",),
        holds=ONE_ISSUE,
        cure="Synchronize the partner with a new issue, or ignore its future changes.",
        follows="Nothing is ever removed because its counterpart vanished.",
        actions=(Action.RECREATE, Action.IGNORE, Action.RETRY),
    ),
    Code.ISSUE_MOVED: About(
        title="An issue was moved",
        meaning="An issue was moved to another project.",
        looks="the issue was moved to another project",
        reasons=("Somebody moved the issue to a project that this synchronization does not concern.",),
        holds=ONE_ISSUE,
        cure="Move it back, synchronize the partner with a new issue, or ignore its future changes.",
        follows="When it is back in its project, it goes on where it stopped.",
        actions=(Action.RETRY, Action.RECREATE, Action.IGNORE),
    ),
    Code.ISSUE_INVISIBLE: About(
        title="An issue can't be seen",
        meaning="Our account can't see an issue any more: a permission, a security level or the archive hides it.",
        looks="the issue can't be seen any more by our account: a permission, a security level or the archive hides it",
        reasons=(
            "An issue security level was set that leaves our account out.",
            "The issue or its project was archived.",
            "The issue was deleted a moment ago; whether it is gone is known after a second look.",
        ),
        holds=ONE_ISSUE,
        cure="Give the account access again.",
        follows="When it is seen again, it goes on where it stopped.",
        actions=(Action.RETRY, Action.RECREATE, Action.IGNORE),
    ),
    Code.HALF_PAIR: About(
        title="Half of a pair",
        meaning="Sync information is there on one side only, so nothing of these issues is sent.",
        looks="2 entries of PA-2 have no counterpart at PB-3, such as PA-7 with PB-9: nothing of them is sent",
        reasons=(
            "The sync information was deleted on one side.",
            "The sync information was imported on one side, and the other side's is yet to follow.",
            "A partner behind firewalls tells of pairs that are not known here; an import ends that problem.",
        ),
        holds="These issues, in both directions.",
        cure="Import, restore or pair them on the other side as well, or delete the ones that are left.",
        follows="It ends when both halves are there, or none.",
        actions=(),
    ),
    Code.UNKNOWN_MARKER: About(
        title="An issue bears our mark, and nobody knows it",
        meaning="An issue bears our mark, but its pair is not known here, as after a restored backup.",
        looks="the issue bears our mark, but the pair it belongs to is not known here",
        reasons=(
            "The database was restored from a backup that is older than the issue.",
            "The pair was removed, or the issue was cloned together with our mark.",
        ),
        holds="This issue.",
        cure="Restore a newer backup, pair the issue by hand, or let it be: ignoring ends the problem for good.",
        follows="It is never taken for a new issue.",
        actions=(Action.RETRY, Action.IGNORE),
    ),
    Code.CREATE_UNKNOWN: About(
        title="It is not known yet whether issues were created",
        meaning="Jira's answer to a creation was lost, and for a quarter of an hour it could not be asked what it created.",
        looks="Jira's answer to the creation of 3 issues was lost; they are looked for before anything is created again",
        reasons=("The connection broke while issues were being created, and that Jira does not answer since.",),
        holds="What waits to be created in this project.",
        cure="See why that Jira can't be asked: another problem mostly says so.",
        follows="It is looked for by key and mark first, so that nothing is created twice. " + BY_ITSELF,
        actions=(Action.RETRY,),
    ),
}
