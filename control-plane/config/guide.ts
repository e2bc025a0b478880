import { matches, type KeyPath } from './key-path.js';

const SECRET = 'write env:NAME, file:PATH or secret:NAME; the secret itself never belongs in this file';

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
  ['masterKey', 'write file:PATH or env:NAME, for example file:./master.key'],
  ['trustedProxies', 'write a list of networks, for example [10.0.0.0/8]'],
  ['trustedProxies.*', 'write a network in CIDR form, for example 10.0.0.0/8'],
  ['logLevel', 'write debug, info, warn or error'],
  ['catalog', 'write { source: files } or { source: api }'],
  ['catalog.source', 'write files (this directory decides) or api (the admin API decides)'],
  ['identity', 'name your identity provider under identity.providers'],
  ['identity.providers', 'name at least one identity provider with issuer, clientId and clientSecret'],
  ['identity.providers.*', 'give it issuer, clientId and clientSecret'],
  [
    'identity.providers.*.issuer',
    'write the https issuer of your identity provider, for example https://acme.okta.com',
  ],
  ['identity.providers.*.clientId', 'write the id of the web client that you registered at the identity provider'],
  ['identity.providers.*.clientSecret', 'write env:NAME or file:PATH; the secret itself never belongs in this file'],
  [
    'identity.providers.*.scopes',
    'write a list of scopes, for example [openid, profile, email, groups, offline_access]',
  ],
  ['identity.providers.*.groupsClaim', 'write the name of the claim that holds the groups, for example groups'],
  [
    'identity.deviceLogin',
    'write off, same-network or anywhere: where a sign-in by code may be approved, against where it was started',
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
  ['servers.*.credential', 'write a kind and its keys, for example { kind: bearer, secret: env:CRM_TOKEN }'],
  ['servers.*.credential.kind', 'write bearer, header, basic or query'],
  ['servers.*.credential.secret', SECRET],
  ['servers.*.credential.name', 'write the name of the header or query parameter that carries the secret'],
  ['servers.*.credential.username', 'write the user name that goes with the secret'],
  ['servers.*.tools', 'write tools with their effect, for example { list_deals: { effect: read } }'],
  ['servers.*.tools.*', 'write its effect, for example { effect: read }'],
  ['servers.*.tools.*.effect', 'write read, write or destroy'],
  ['limits', 'write bounds, for example { callsPerPerson: 64 }'],
  ['limits.headerBytes', 'write a number of bytes from 8192 to 1048576'],
  ['limits.requestBytes', 'write a number of bytes from 1024 to 268435456'],
  ['limits.nesting', 'write a number of levels from 8 to 1000'],
  ['limits.batchMessages', 'write a number of messages from 1 to 1000'],
  ['limits.callsPerPerson', 'write a number of calls from 1 to 10000'],
  ['limits.callsPerServer', 'write a number of calls from 1 to 100000'],
  ['limits.firstByteSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.idleSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.callSeconds', 'write a number of seconds from 1 to 86400'],
  ['limits.listSeconds', 'write a number of seconds from 1 to 60'],
  ['limits.listItems', 'write a number of items from 1 to 100000'],
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
