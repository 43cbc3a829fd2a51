"""Documented calls: connectors, the rename of a project, and the end of a synchronization."""

from __future__ import annotations

from scripts.documented_call import JSON, ME, Call, Page

CALLS: tuple[Call, ...] = (
    # Connectors
    Call(
        name="resync of some fields",
        page=Page.CONNECTORS,
        promise="Issues that the JQL selects are told again with the fields whose mappings are named.",
        line=(
            f"""{ME} {JSON} -d '{{"jql": "summary ~ one", "fieldMappings": ["'"$MAPPING"'"],"""
            """ "responsibility": false, "sendStatusField": false}' "$BASE/connectors/$FIRST/resync\""""
        ),
        keep={"TASK": "id"},
    ),
    Call(
        name="resync without a JQL",
        page=Page.CONNECTORS,
        promise="The JQL and the mappings are required.",
        line=f"""{ME} {JSON} -d '{{"fieldMappings": []}}' "$BASE/connectors/$FIRST/resync\"""",
        status=400,
    ),
    Call(
        name="resync of the status",
        page=Page.CONNECTORS,
        promise="The status is forced where that is asked for; an empty JQL means all configured issues.",
        line=f"""{ME} {JSON} -d '{{"jql": "", "fieldMappings": [], "sendStatusField": true}}' "$BASE/connectors/$FIRST/resync\"""",
        keep={"TASK": "id"},
    ),
    Call(
        name="resync of the other side",
        page=Page.CONNECTORS,
        promise="Either connector tells the other.",
        line=f"""{ME} {JSON} -d '{{"jql": "order by key", "fieldMappings": []}}' "$BASE/connectors/$SECOND/resync\"""",
        keep={"TASK": "id"},
    ),
    Call(
        name="pairs",
        page=Page.CONNECTORS,
        promise="Which local issue belongs to which remote issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation"',
        keep={"INFO": "0.id"},
    ),
    Call(
        name="pair of a local issue",
        page=Page.CONNECTORS,
        promise="That of a local issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?localIssueKey=$PROJECT-1"',
    ),
    Call(
        name="pair of a remote issue",
        page=Page.CONNECTORS,
        promise="That of a remote issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?remoteIssueKey=PB-2"',
    ),
    Call(
        name="pair that is none",
        page=Page.CONNECTORS,
        promise="Both filters together.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?localIssueKey=$PROJECT-1&remoteIssueKey=PB-2"',
    ),
    Call(
        name="save pairs",
        page=Page.CONNECTORS,
        promise="What GET prints …",
        line=f'{ME} -o "$FILES/pairs.json" "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="import pairs",
        page=Page.CONNECTORS,
        promise="… POST imports; the same pair is updated.",
        line=f'{ME} {JSON} -d @"$FILES/pairs.json" "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="import the fewest",
        page=Page.CONNECTORS,
        promise="Both keys are enough.",
        line=(
            f"""{ME} {JSON} -d '[{{"localIssueKey": "'"$PROJECT"'-1", "remoteIssueKey": "PB-1"}}]'"""
            """ "$BASE/connectors/$FIRST/syncInformation\""""
        ),
    ),
    Call(
        name="import a contradiction",
        page=Page.CONNECTORS,
        promise="One issue in two pairs is a contradiction, told with its position.",
        line=(
            f"""{ME} {JSON} -d '[{{"localIssueKey": "'"$PROJECT"'-1", "remoteIssueKey": "PB-2"}}]'"""
            """ "$BASE/connectors/$FIRST/syncInformation\""""
        ),
        status=409,
    ),
    # Rename of a project key; the project has its new key in Jira when the third call is made
    Call(
        name="key before",
        page=Page.RENAME,
        promise="The key that the program knows.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey"',
    ),
    Call(
        name="wrong key",
        page=Page.RENAME,
        promise="A key that is not the project's is refused.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey?newProjectKey=NOPE"',
        status=409,
    ),
    Call(
        name="troubleshoot",
        page=Page.RENAME,
        promise="First there should be no errors.",
        line=f'{ME} "$BASE/integrations/$SYNC/problems"',
    ),
    Call(
        name="stop for the rename",
        page=Page.RENAME,
        promise="The synchronization is stopped, though a rename does not need that here.",
        line=f'{ME} -X POST "$BASE/integrations/$SYNC/stop"',
        keep={"TASK": "id"},
    ),
    Call(
        name="export of the configuration",
        page=Page.RENAME,
        promise="The configuration is kept as a file …",
        line=f'{ME} -o "$FILES/configuration" "$BASE/integrations/$SYNC/export"',
    ),
    Call(
        name="export of synchronized issues",
        page=Page.RENAME,
        promise="… and so are the synchronized issues, an array for each connector.",
        line=f'{ME} "$BASE/integrations/$SYNC/syncInformation"',
    ),
    Call(
        name="keys of connectors",
        page=Page.RENAME,
        promise="The connectors of the project, under its former key after a rename as well.",
        line=f'{ME} "$BASE/integrations?projectKey=$PROJECT"',
    ),
    Call(
        name="page in a browser",
        page=Page.RENAME,
        promise="Opened in a browser that is signed in, a change asks first.",
        line='curl -b "$COOKIES" "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="confirmed in a browser",
        page=Page.RENAME,
        promise="Its button makes the change and shows what is documented.",
        line='curl -b "$COOKIES" -d "csrf=$CSRF" "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="new key",
        page=Page.RENAME,
        promise="The answer confirms the new key, however often it is told.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="new key by PUT",
        page=Page.RENAME,
        promise="The same by PUT.",
        line=f'{ME} -X PUT "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="key after",
        page=Page.RENAME,
        promise="The key is another one, the connector's is not.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey"',
    ),
    Call(
        name="pairs after",
        page=Page.RENAME,
        promise="The pairs show the new keys.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation"',
        keep={"INFO": "0.id"},
    ),
    Call(
        name="start after the rename",
        page=Page.RENAME,
        promise="The synchronization is started again.",
        line=f'{ME} -X POST "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    # Change of the synchronization user
    Call(
        name="user",
        page=Page.USER,
        promise="The account that synchronizes.",
        line=f'{ME} "$BASE/connectors/$FIRST/user"',
    ),
    Call(
        name="same user",
        page=Page.USER,
        promise="The account is changed like the key.",
        line=f'{ME} "$BASE/connectors/$FIRST/user?newUser=sync"',
    ),
    # Deleting
    Call(
        name="delete with an empty id",
        page=Page.CONNECTORS,
        promise="An empty or misspelt parameter deletes nothing.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation?syncInfoId="',
        status=400,
    ),
    Call(
        name="delete one",
        page=Page.CONNECTORS,
        promise="One entry is deleted, on both connectors by two calls.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation?syncInfoId=$INFO"',
    ),
    Call(
        name="delete a foreign one",
        page=Page.CONNECTORS,
        promise="An entry of another connector is not there.",
        line=f'{ME} -X DELETE "$BASE/connectors/$SECOND/syncInformation?syncInfoId=$INFO"',
        status=404,
    ),
    Call(
        name="delete all",
        page=Page.CONNECTORS,
        promise="Without the parameter all entries of the connector are deleted; the synchronization is stopped first.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="start after deleting",
        page=Page.LIFE,
        promise="It is started again.",
        line=f'{ME} -X POST "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    Call(
        name="delete",
        page=Page.LIFE,
        promise="A running synchronization is stopped, then deleted.",
        line=f'{ME} -X DELETE "$BASE/integrations/$SYNC"',
    ),
    Call(
        name="deleted",
        page=Page.LIFE,
        promise="Then it is not there any more.",
        line=f'{ME} "$BASE/integrations/$SYNC"',
        status=404,
    ),
    Call(
        name="create",
        page=Page.LIFE,
        promise="Another one is created, with the name and the sentence that are usual.",
        line=f'{ME} {JSON} -d @"$FILES/new.json" "$BASE/integrations"',
        keep={"SYNC": "integrationKey"},
    ),
    Call(
        name="created",
        page=Page.LIFE,
        promise="It is there, and stopped.",
        line=f'{ME} "$BASE/integrations/$SYNC"',
    ),
)
