// A day with jira.js at a Jira Cloud: `node conversation.mjs ADDRESS EMAIL TOKEN MODULES`.
//
// Every answer is checked by the schemas of jira.js, undeclared keys included (AUDIT_SCHEMAS=true). Prints one JSON
// object: what each step returned or failed with, and the keys that the schemas do not know.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [host, email, apiToken, modules] = process.argv.slice(2);
const entry = createRequire(`${modules}/`).resolve('jira.js/package.json').replace(/package\.json$/, 'dist/index.js');
const { createCloudClient } = await import(pathToFileURL(entry).href);
const client = (secret) =>
  createCloudClient({ host, auth: { type: 'basic', email, apiToken: secret }, onSchemaMismatch: 'throw' });
const jira = client(apiToken);

const steps = {};
const failures = {};

async function step(name, run) {
  try {
    steps[name] = (await run()) ?? null;
  } catch (error) {
    failures[name] = { kind: error.name, status: error.status ?? null, text: String(error.message), issues: error.issues ?? null };
  }
  return steps[name];
}

const paragraph = (text) => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
const project = { key: 'PA' };
const bug = { name: 'Bug' };

// The instance and its lists.
await step('serverInfo', () => jira.serverInfo.getServerInfo());
const me = await step('myself', () => jira.myself.getCurrentUser({ expand: 'groups' }));
await step('permissions', () => jira.permissions.getMyPermissions({ permissions: 'EDIT_ISSUES,DELETE_ISSUES' }));
await step('allPermissions', () => jira.permissions.getAllPermissions());
const fields = await step('fields', () => jira.issueFields.getFields());
await step('fieldSearch', () => jira.issueFields.getFieldsPaginated({ type: ['custom'] }));
await step('statuses', () => jira.workflowStatuses.getStatuses());
await step('status', () => jira.workflowStatuses.getStatus({ idOrName: steps.statuses[0].id }));
await step('categories', () => jira.workflowStatusCategories.getStatusCategories());
await step('priorities', () => jira.issuePriorities.searchPriorities());
await step('priority', () => jira.issuePriorities.getPriority({ id: steps.priorities.values[0].id }));
await step('types', () => jira.issueTypes.getIssueAllTypes());
await step('type', () => jira.issueTypes.getIssueType({ id: steps.types[0].id }));
await step('linkTypes', () => jira.issueLinkTypes.getIssueLinkTypes());
await step('attachmentSettings', () => jira.issueAttachments.getAttachmentMeta());

// Projects and people.
await step('projects', () => jira.projects.searchProjects({ expand: 'description,lead,issueTypes' }));
await step('project', () => jira.projects.getProject({ projectIdOrKey: 'PA' }));
await step('projectStatuses', () => jira.projects.getAllStatuses({ projectIdOrKey: 'PA' }));
await step('components', () => jira.projectComponents.getProjectComponents({ projectIdOrKey: 'PA' }));
await step('versions', () => jira.projectVersions.getProjectVersions({ projectIdOrKey: 'PA' }));
await step('user', () => jira.users.getUser({ accountId: me.accountId }));
const found = await step('findUsers', () => jira.userSearch.findUsers({ query: 'anna' }));
await step('assignable', () => jira.userSearch.findAssignableUsers({ project: 'PA' }));
await step('createTypes', () => jira.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'PA' }));
const [first] = steps.createTypes?.issueTypes ?? [];
await step('createFields', () =>
  jira.issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'PA', issueTypeId: first.id, maxResults: 100 }),
);

// One issue from birth to death.
const field = (name) => fields.find((one) => one.name === name).id;
const wishes = {
  project,
  issuetype: bug,
  summary: 'The pump stands still',
  description: paragraph('It does not run.'),
  labels: ['pump'],
  priority: { name: 'High' },
  [field('Customer')]: 'Brandt',
  [field('Points')]: 2.5,
  [field('Severity')]: { value: 'Major' },
  [field('Colors')]: [{ value: 'Red' }],
  [field('Place')]: { value: 'EU', child: { value: 'Oslo' } },
};
const { key, id } = await step('create', () => jira.issues.createIssue({ fields: wishes }));
await step('createWiki', () => jira.issues.createIssue({ fields: { project, issuetype: bug, summary: 'w', description: '*bold*' } }));
await step('createMany', () => jira.issues.createIssues({ issueUpdates: [{ fields: { project, issuetype: bug, summary: 'One of many' } }] }));
const expand = 'names,schema,changelog,transitions,operations,editmeta,renderedFields';
await step('read', () => jira.issues.getIssue({ issueIdOrKey: key, expand, fields: ['*all'], properties: ['*all'] }));
await step('editMeta', () => jira.issues.getEditIssueMeta({ issueIdOrKey: key }));
await step('edit', () =>
  jira.issues.editIssue({ issueIdOrKey: key, fields: { summary: 'It runs' }, update: { labels: [{ add: 'done' }] } }),
);
await step('assign', () => jira.issues.assignIssue({ issueIdOrKey: key, accountId: found[0].accountId }));
const moves = await step('transitions', () => jira.issues.getTransitions({ issueIdOrKey: key, expand: 'transitions.fields' }));
await step('transition', () => jira.issues.doTransition({ issueIdOrKey: key, transition: { id: moves.transitions[0].id } }));
await step('changelog', () => jira.issues.getChangeLogs({ issueIdOrKey: key }));
await step('changelogByIds', () =>
  jira.issues.getChangeLogsByIds({ issueIdOrKey: key, changelogIds: [Number(steps.changelog.values[0].id)] }),
);
await step('changelogs', () => jira.issues.getBulkChangelogs({ issueIdsOrKeys: [key] }));
await step('fetch', () => jira.issues.bulkFetchIssues({ issueIdsOrKeys: [key, id], fields: ['*all'], expand: ['changelog'] }));

// What is said about it.
const comment = await step('comment', () => jira.issueComments.addComment({ issueIdOrKey: key, body: paragraph('Look') }));
await step('commentWiki', () => jira.issueComments.addComment({ issueIdOrKey: key, body: '*Look*' }));
await step('comments', () => jira.issueComments.getComments({ issueIdOrKey: key, expand: 'renderedBody' }));
await step('commentsByIds', () => jira.issueComments.getCommentsByIds({ ids: [Number(comment.id)] }));
await step('commentEdit', () => jira.issueComments.updateComment({ issueIdOrKey: key, id: comment.id, body: { body: paragraph('Done') } }));
await step('commentRead', () => jira.issueComments.getComment({ issueIdOrKey: key, id: comment.id }));
await step('commentDelete', () => jira.issueComments.deleteComment({ issueIdOrKey: key, id: comment.id }));
await step('propertySet', () => jira.issueProperties.setIssueProperty({ issueIdOrKey: key, propertyKey: 'mark', body: { a: 1 } }));
await step('propertyKeys', () => jira.issueProperties.getIssuePropertyKeys({ issueIdOrKey: key }));
await step('property', () => jira.issueProperties.getIssueProperty({ issueIdOrKey: key, propertyKey: 'mark' }));
await step('watchers', () => jira.issueWatchers.getIssueWatchers({ issueIdOrKey: key }));
await step('votes', () => jira.issueVotes.getVotes({ issueIdOrKey: key }));
await step('worklogs', () => jira.issueWorklogs.getIssueWorklog({ issueIdOrKey: key }));
await step('propertyDelete', () => jira.issueProperties.deleteIssueProperty({ issueIdOrKey: key, propertyKey: 'mark' }));
await step('remoteLinks', () => jira.issueRemoteLinks.getRemoteIssueLinks({ issueIdOrKey: key }));

// Files.
const attachments = [{ filename: 'größe.txt', content: new TextEncoder().encode('seal') }];
const [file] = (await step('attach', () => jira.issueAttachments.addAttachment({ issueIdOrKey: key, attachments }))) ?? [];
await step('attachment', () => jira.issueAttachments.getAttachment({ id: file.id }));
await step('content', async () => {
  const bytes = await jira.issueAttachments.getAttachmentContent({ id: file.id });
  return new TextDecoder().decode(bytes);
});
await step('detach', () => jira.issueAttachments.removeAttachment({ id: file.id }));

// Finding things.
const jql = 'project = PA ORDER BY key';
await step('search', () => jira.issueSearch.searchAndReconsileIssuesUsingJqlPost({ jql, maxResults: 2, fields: ['*all'] }));
await step('searchNext', () =>
  jira.issueSearch.searchAndReconsileIssuesUsingJql({ jql, fields: ['summary'], nextPageToken: steps.search.nextPageToken }),
);
await step('count', () => jira.issueSearch.countIssues({ jql }));

// What must fail, and how.
await step('unknownIssue', () => jira.issues.getIssue({ issueIdOrKey: 'PA-999' }));
await step('badField', () => jira.issues.editIssue({ issueIdOrKey: key, fields: { customfield_99999: 1 } }));
await step('badJql', () => jira.issueSearch.searchAndReconsileIssuesUsingJqlPost({ jql: 'nonsense =' }));
await step('forbidden', () => jira.issues.deleteIssue({ issueIdOrKey: key }));
await step('wrongToken', () => client('wrong').myself.getCurrentUser());

const undeclared = globalThis[Symbol.for('apis-code-gen.schemaAudit')] ?? [];
console.log(JSON.stringify({ steps, failures, undeclared }));
