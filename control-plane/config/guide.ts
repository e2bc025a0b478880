import { matches, type KeyPath } from './key-path.js';
import { AUDIT_GUIDE } from './audit-guide.js';
import { CREDENTIAL_GUIDE } from './credential-guide.js';
import { NOTIFICATIONS_GUIDE } from './notifications-guide.js';
import { PROVIDER_GUIDE } from './provider-guide.js';
import { SECRET_STORES_GUIDE } from './secret-stores-guide.js';
import { TELEMETRY_GUIDE } from './telemetry-guide.js';

const SECRET = 'write env:NAME, file:PATH or secret:NAME; the secret itself never belongs in this file';
const KEY =
  'write file:PATH, env:NAME, aws-kms:ARN, gcp-kms:NAME, azure-key-vault:URL or vault-transit:URL (docs/guides/secret-stores.md)';
const LABELS = 'write a list of labels, for example [prod]';
const LABEL = 'write lower-case letters, digits and dashes, for example prod';

/** What to write under each key of `mcp-sso.yaml`: the second half of every fault. */
const GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'publicUrl',
    'write the https address at which everyone reaches this control plane, for example https://mcp.acme.example',
  ],
  ['listen', 'write ADDRESS:PORT, for example 127.0.0.1:8700'],
  ['adminListen', 'write ADDRESS:PORT, for example 127.0.0.1:8701'],
  [
    'database',
    'write sqlite:PATH, for example sqlite:./data/mcp-sso.db, or postgres://USER@HOST/DATABASE, or env:NAME or file:PATH that hold such an address with its password',
  ],
  ['masterKey', `${KEY}, for example file:./master.key`],
  ['previousMasterKey', `${KEY}: the one before masterKey, until rotate-keys --master-key has run`],
  ...SECRET_STORES_GUIDE,
  ['trustedProxies', 'write a list of networks, for example [10.0.0.0/8]'],
  ['trustedProxies.*', 'write a network in CIDR form, for example 10.0.0.0/8'],
  ['logLevel', 'write debug, info, warn or error'],
  ['catalog', 'write { source: files } or { source: api }'],
  ['catalog.source', 'write files (this directory decides) or api (the admin API decides)'],
  ['identity', 'name your identity provider under identity.providers'],
  ['identity.providers', 'name at least one identity provider with issuer, clientId and clientSecret'],
  ['identity.providers.*', 'give it issuer, clientId and clientSecret'],
  ...PROVIDER_GUIDE,
  ['identity.graceSeconds', 'write a number of seconds from 0 to 3600'],
  [
    'identity.sessions',
    'write { absoluteMinutes: 720, idleMinutes: 240 }, with roles for stricter ones; a change acts on restart',
  ],
  ['identity.sessions.absoluteMinutes', 'write a number of minutes from 60 to 10080'],
  ['identity.sessions.idleMinutes', 'write a number of minutes from 5 to 10080'],
  ['identity.sessions.roles', 'name roles, for example { owner: { absoluteMinutes: 60, idleMinutes: 15 } }'],
  ['identity.sessions.roles.*', 'write { absoluteMinutes: 60, idleMinutes: 15 }, or one of the two'],
  ['identity.sessions.roles.*.absoluteMinutes', 'write a number of minutes from 60 to 10080'],
  ['identity.sessions.roles.*.idleMinutes', 'write a number of minutes from 5 to 10080'],
  [
    'identity.providers.*.scim',
    'write { token: env:NAME }, with the token that you give to the provider’s SCIM client',
  ],
  [
    'identity.providers.*.scim.token',
    'write env:NAME or file:PATH of at least 32 characters that nothing else uses; make them with: openssl rand -base64 32',
  ],
  [
    'identity.providers.*.scim.groups',
    'write scim (the groups that the provider pushes) or token (those of its tokens, and none are pushed)',
  ],
  [
    'identity.deviceLogin',
    'write off, same-network or anywhere: where a sign-in by code may be approved, against where it was started',
  ],
  [
    'identity.providers.*.identityAssertions',
    'write the clients that may bring identity assertions (ID-JAG), for example { clients: { my-agent: { clientSecret: env:MY_AGENT_SECRET } } }',
  ],
  ['identity.providers.*.identityAssertions.issuer', 'write the https issuer of the assertions, or leave it out'],
  ['identity.providers.*.identityAssertions.jwksUri', 'write the https address of the issuer’s keys, or leave it out'],
  ['identity.providers.*.identityAssertions.clients', 'name at least one client id, with how it authenticates'],
  [
    'identity.providers.*.identityAssertions.clients.*',
    'give it one of clientSecret, publicKey or jwks, for example { publicKey: file:./my-agent.pem }',
  ],
  ['identity.providers.*.identityAssertions.clients.*.*', 'write env:NAME or file:PATH'],
  [
    'identity.serviceAccounts',
    'name service accounts, for example { nightly: { privateKeyJwt: { publicKey: file:./nightly.pem } } }',
  ],
  ['identity.serviceAccounts.*', 'give it either privateKeyJwt (a key of its own) or trusted (tokens of an issuer)'],
  ['identity.serviceAccounts.*.groups', 'write a list of groups, for example [service/ci]'],
  ['identity.serviceAccounts.*.groups.*', 'write service/GROUP, for example service/ci'],
  [
    'identity.serviceAccounts.*.actsForPeople',
    'write true where it may act for people whose tokens it holds, or false',
  ],
  ['identity.serviceAccounts.*.privateKeyJwt', 'write { publicKey: file:PATH } or { jwks: file:PATH }'],
  ['identity.serviceAccounts.*.privateKeyJwt.*', 'write file:PATH or env:NAME that hold public keys'],
  [
    'identity.serviceAccounts.*.trusted',
    'write a list, for example [{ issuer: github, claims: { sub: "repo:acme/deploy:ref:refs/heads/main" } }]',
  ],
  ['identity.serviceAccounts.*.trusted.*', 'give it issuer and claims'],
  ['identity.serviceAccounts.*.trusted.*.issuer', 'name one of identity.trustedIssuers'],
  ['identity.serviceAccounts.*.trusted.*.claims', 'name at least one claim with the value that it must have'],
  [
    'identity.serviceAccounts.*.trusted.*.claims.*',
    'write the exact value, or { prefix: TEXT } with a text that ends with : or /',
  ],
  [
    'identity.serviceAccounts.*.trusted.*.claims.*.prefix',
    'write a text that ends with : or /, so that no longer name begins with it',
  ],
  [
    'identity.trustedIssuers',
    'name issuers, for example { github: { issuer: "https://token.actions.githubusercontent.com", audience: "https://mcp.acme.example" } }',
  ],
  ['identity.trustedIssuers.*', 'give it issuer and audience'],
  ['identity.trustedIssuers.*.issuer', 'write the https issuer, exactly as its tokens spell it'],
  ['identity.trustedIssuers.*.audience', 'write the audience that its tokens for this control plane carry'],
  [
    'identity.trustedIssuers.*.jwksUri',
    'write the https address of its keys, or leave it out where its metadata says it',
  ],
  ['identity.trustedIssuers.*.jwks', 'write file:PATH of a JWK Set with its public keys, in place of jwksUri'],
  ['identity.clients', 'write metadataDocuments, registration or both'],
  [
    'identity.clients.metadataDocuments',
    'write hosts whose apps may come, for example { hosts: [claude.ai] }, or documents under seeded',
  ],
  ['identity.clients.metadataDocuments.hosts', 'write a list of host names, for example [claude.ai, vscode.dev]'],
  ['identity.clients.metadataDocuments.hosts.*', 'write a host name without https://, for example claude.ai'],
  ['identity.clients.metadataDocuments.seeded', 'write documents, each under the https address that is its client_id'],
  ['identity.clients.metadataDocuments.seeded.*', 'copy the document that the app publishes at this address'],
  [
    'identity.clients.metadataDocuments.seeded.*.redirect_uris',
    'write a list of addresses, for example [https://claude.ai/api/mcp/auth_callback]',
  ],
  [
    'identity.clients.metadataDocuments.seeded.*.redirect_uris.*',
    'write an https address, one with http that leads to localhost or 127.0.0.1, or SCHEME://HOST/PATH of an app',
  ],
  [
    'identity.clients.metadataDocuments.seeded.*.client_id',
    'write the address that the document stands under, or leave it out',
  ],
  ['identity.clients.registration', 'write off, or { redirectHosts: [claude.ai] }'],
  [
    'identity.clients.registration.redirectHosts',
    'write a list of hosts, for example [claude.ai, localhost, cursor://anysphere.cursor-mcp]',
  ],
  [
    'identity.clients.registration.redirectHosts.*',
    'write a host name without https://, localhost, 127.0.0.1, or SCHEME://HOST of an app',
  ],
  ['roles', 'write a list of groups under each role, for example owner: [okta/it-admins]'],
  ['roles.*', 'write a list of groups, for example [okta/it-admins]'],
  ['roles.*.*', 'write PROVIDER/GROUP, for example okta/it-admins'],
  ['servers', 'name at least one MCP server with its url'],
  ['servers.*', 'give it a url, or the command that runs it'],
  ['servers.*.title', 'write the name that people should see'],
  ['servers.*.url', 'write the http(s) address of the server’s MCP endpoint, for example https://crm.acme.example/mcp'],
  ['servers.*.transport', 'write sse for an old server (its address often ends in /sse), or streamable-http'],
  [
    'servers.*.command',
    'write a list of program and arguments, for example [mcp-server-filesystem, /srv/share]; or give it a url',
  ],
  ['servers.*.command.*', 'write a text; put numbers in quotes'],
  ['servers.*.env', 'write variables, for example { API_TOKEN: secret:files-token }'],
  ['servers.*.env.*', 'write a text (numbers in quotes), or env:NAME, file:PATH or secret:NAME'],
  ['servers.*.files', 'write paths with what the file holds, for example { /run/secrets/token: secret:files-token }'],
  ['servers.*.files.*', SECRET],
  ['servers.*.isolation', 'write bubblewrap, user:NAME or none'],
  ['servers.*.shared', 'write true for one process for everyone, or false for one for each sign-in'],
  ['servers.*.read', 'write a list of paths, for example [/srv/share]'],
  ['servers.*.read.*', 'write a path that exists'],
  ['servers.*.write', 'write a list of paths, for example [/srv/share]'],
  ['servers.*.write.*', 'write a path that exists'],
  ['servers.*.network', 'write none, or host for the network of this machine with its loopback services'],
  ['servers.*.idleMinutes', 'write a number of minutes from 1 to 1440'],
  ['servers.*.memoryMiB', 'write a number of MiB, 64 or more'],
  ...CREDENTIAL_GUIDE,
  ['servers.*.tools', 'write tools with their effect, for example { list_deals: { effect: read } }'],
  ['servers.*.tools.*', 'write its effect, for example { effect: read }'],
  ['servers.*.tools.*.effect', 'write read, write or destroy'],
  ['servers.*.tools.*.labels', LABELS],
  ['servers.*.tools.*.labels.*', LABEL],
  [
    'servers.*.owners',
    'write a list of groups, for example [okta/crm-team]: who is in one reads who has access to this server (mcp-sso audit report review)',
  ],
  ['servers.*.owners.*', 'write PROVIDER/GROUP, for example okta/crm-team'],
  ['servers.*.labels', LABELS],
  ['servers.*.labels.*', LABEL],
  [
    'servers.*.review',
    'write first-use (tools that change or appear later wait for a reviewer) or required (all of them wait)',
  ],
  ['grants', 'write { maxMinutes: 480 }, and breakGlass where people may take access themselves in an emergency'],
  ['grants.maxMinutes', 'write a number of minutes from 1 to 1440'],
  ['grants.breakGlass', 'write who may take access themselves, for example { groups: [okta/on-call], maxMinutes: 30 }'],
  ['grants.breakGlass.groups', 'write a list of groups, for example [okta/on-call]'],
  ['grants.breakGlass.groups.*', 'write PROVIDER/GROUP, for example okta/on-call'],
  ['grants.breakGlass.maxMinutes', 'write a number of minutes from 1 to 60'],
  ['approvals', 'write how long a call waits for an approval, for example { minutes: 15 }'],
  ['approvals.minutes', 'write a number of minutes from 1 to 60'],
  [
    'connections',
    'write after how many days without a call a person’s connection is revoked, for example { idleDays: 90 }',
  ],
  ['connections.idleDays', 'write a number of days from 1 to 3650'],
  ['networks', 'write names with their networks, for example { office: [203.0.113.0/24, 10.0.0.0/8] }'],
  ['networks.*', 'write a list of networks, for example [203.0.113.0/24]'],
  ['networks.*.*', 'write a network in CIDR form, for example 203.0.113.0/24'],
  ...NOTIFICATIONS_GUIDE,
  ...AUDIT_GUIDE,
  ...TELEMETRY_GUIDE,
  ['limits', 'write bounds, for example { callsPerPerson: 64 }'],
  ['limits.headerBytes', 'write a number of bytes from 8192 to 1048576'],
  ['limits.requestBytes', 'write a number of bytes from 1024 to 268435456'],
  ['limits.nesting', 'write a number of levels from 8 to 1000'],
  ['limits.batchMessages', 'write a number of messages from 1 to 1000'],
  ['limits.callsPerPerson', 'write a number of calls from 1 to 10000'],
  ['limits.callsPerServer', 'write a number of calls from 1 to 100000'],
  ['limits.bodySeconds', 'write a number of seconds from 1 to 3600'],
  ['limits.arrivingPerSignIn', 'write a number of requests from 1 to 10000'],
  ['limits.questionsPerClient', 'write a number of questions from 1 to 1000'],
  ['limits.questions', 'write a number of questions from 1 to 100000'],
  ['limits.parkedPerPerson', 'write a number of calls from 1 to 1000'],
  ['limits.parkedPerServer', 'write a number of calls from 1 to 100000'],
  ['limits.parkedCalls', 'write a number of calls from 1 to 100000'],
  ['limits.answersPerPerson', 'write a number of answers from 1 to 100000'],
  ['limits.answers', 'write a number of answers from 1 to 10000000'],
  ['limits.subscriptions', 'write a number of resources from 1 to 100000'],
  ['limits.subscriptionBytes', 'write a number of bytes from 1024 to 268435456'],
  ['limits.hostedProcesses', 'write a number of processes from 1 to 10000'],
  ['limits.sseStreams', 'write a number of streams from 1 to 100000'],
  ['limits.requestsPerChannel', 'write a number of requests from 1 to 100000'],
  ['limits.listenersPerChannel', 'write a number of subscriptions from 1 to 100000'],
  ['limits.firstByteSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.idleSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.callSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.listSeconds', 'write a number of seconds from 1 to 60'],
  ['limits.listItems', 'write a number of items from 1 to 100000'],
  ['limits.listPages', 'write a number of pages from 1 to 10000'],
  ['limits.listBytes', 'write a number of bytes from 1024 to 268435456'],
  ['limits.messageBytes', 'write a number of bytes from 1024 to 268435456'],
  ['limits.answerBytes', 'write a number of bytes from 1024 to 1099511627776'],
];

/** One sentence that says what belongs at a path. */
export function guideTo(path: KeyPath): string {
  if (path.length === 0) return 'write the keys that the starter file of `init` shows';
  const entry = GUIDE.find(([pattern]) => matches(path, pattern));
  return entry ? entry[1] : 'remove it, or compare with the starter file that `init` writes';
}
