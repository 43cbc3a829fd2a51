"""What recorded answers show and the pretend Jira does not, each with its reason; patterns as in ``defects``."""

from __future__ import annotations

from tests.simulator.conformance.defects import Reasons

NOT_SIMULATED = "this field or thing is not simulated"
SITE = "a custom field of the recorded site, or a thing that its project was given"
RECORDER = "made by the program that recorded the answer"
HISTORIC = "sent by Jira 4 to 7 only"
ONLY_EXPANDED = "comes with an expansion that the tour does not ask for here"
UNTRANSLATED = "recorded at some sites; neither the description of the interface nor jira.js know it"

BY_SAMPLE: dict[str, Reasons] = {
    "cloud/statuses": {"$[].untranslatedName: missing": UNTRANSLATED},
    "cloud/issuetypes": {"$[].untranslatedName: missing": UNTRANSLATED},
    "cloud/project": {
        "$.email: missing": SITE,
        "$.projectCategory: missing": SITE,
        "$.url: missing": SITE,
    },
    "cloud/users": {
        "$[].applicationRoles: missing": ONLY_EXPANDED,
        "$[].groups: missing": ONLY_EXPANDED,
        "$[].expand: missing": ONLY_EXPANDED,
        "$[].locale: missing": "shown to the user himself only",
    },
    "cloud/issue-v2 cloud/agile-issue-with-changelog-and-comments": {"$.fields.security: missing": NOT_SIMULATED},
    "cloud/createmeta-expanded-many-fields": {
        "$.issue_types_with_statuses: missing": RECORDER,
        "$.projects[].issuetypes[].iconurl: missing": RECORDER,
        "*.fields.<gh-*: missing": NOT_SIMULATED,
        "*.fields.attachment: missing": NOT_SIMULATED,
        "*.fields.components: missing": NOT_SIMULATED,
        "*.fields.fixVersions: missing": NOT_SIMULATED,
        "*.fields.issuelinks: missing": NOT_SIMULATED,
    },
    "server/attachment": {"$.thumbnail: missing": "of images only"},
    "server/project": {"$.url: missing": SITE},
    "server/transitions": {"$.transitions[].fields.summary: missing": SITE},
    "server/search": {
        "$.names: missing": ONLY_EXPANDED,
        "$.schema: missing": ONLY_EXPANDED,
        "$.issues[].fields.<*>: missing": SITE,
        "*.accountId: missing": "sent by a few versions about 2018 only",
    },
    "server/issue-all-expanded server/issue-with-changelog server/agile-issue-with-links": {
        "*.items: missing": HISTORIC,
        "$.editmeta.fields.<project>: missing": SITE,
        "$.editmeta.fields.attachment: missing": NOT_SIMULATED,
        "$.editmeta.fields.components: missing": NOT_SIMULATED,
        "$.editmeta.fields.fixVersions: missing": NOT_SIMULATED,
        "$.editmeta.fields.versions: missing": NOT_SIMULATED,
        "$.editmeta.fields.timetracking: missing": NOT_SIMULATED,
    },
    "server/createmeta-expanded server/createmeta-expanded-many-fields": {
        "$.issue_types_with_statuses: missing": RECORDER,
        "$.projects[].issuetypes[].iconurl: missing": RECORDER,
    },
}
