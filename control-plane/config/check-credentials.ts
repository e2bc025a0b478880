import { GITHUB_PERMISSION, PERSONAL_KINDS, SCOPED_KINDS, type CredentialKind } from './credential-settings.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';

/** A client of an authorization server proves itself by one of these. */
const PROOFS = ['clientSecret', 'privateKey'];
/** By these an `oauth` credential names its authorization server. */
const NAMES_SERVER = ['issuer', 'authorizationEndpoint'];
const WITH_CLIENT: readonly CredentialKind[] = [
  'client-credentials',
  'token-exchange',
  'on-behalf-of',
  'cross-app-access',
];
/** `cross-app-access` may learn it from the server's own metadata, but not to whom a secret goes. */
const WITH_TOKEN_SERVER: readonly CredentialKind[] = ['client-credentials', 'token-exchange', 'on-behalf-of'];

type Placed = readonly [path: KeyPath, credential: object];

/** What no schema can say about the credentials of servers: keys that go together, and hosted servers. Values are raw. */
export function credentialFindings(value: unknown): Finding[] {
  return entries(valueAt(value, ['servers'])).flatMap(([id, server]) => {
    const at = ['servers', id];
    const credentials = credentialsOf(at, server);
    const each = credentials.flatMap(([path, credential]) =>
      proof(path, credential).concat(tokenServer(path, credential), hosting(path, credential, server)),
    );
    return each.concat(sharedByGroups(at, server), toolScopes(at, server, credentials));
  });
}

function credentialsOf(at: KeyPath, server: unknown): Placed[] {
  const list = valueAt(server, ['credentialFor']);
  const listed = Array.isArray(list)
    ? list.map(
        (entry, index) => [[...at, 'credentialFor', index, 'credential'], valueAt(entry, ['credential'])] as const,
      )
    : [];
  return [[[...at, 'credential'], valueAt(server, ['credential'])] as const, ...listed].flatMap(([path, credential]) =>
    isObject(credential) ? [[path, credential] as const] : [],
  );
}

function proof(path: KeyPath, credential: object): Finding[] {
  const given = PROOFS.filter((key) => key in credential);
  if (given.length === 2) {
    const fix = 'keep the one that you registered at the authorization server';
    return [fault([...path, 'privateKey'], 'clientSecret and privateKey exclude each other', fix)];
  }
  if (given.length === 1 || !isOf(credential, WITH_CLIENT)) return [];
  return [fault(path, 'nothing proves the client', 'add clientSecret, or privateKey')];
}

function tokenServer(path: KeyPath, credential: object): Finding[] {
  if ('authorizationEndpoint' in credential !== 'tokenEndpoint' in credential && isOf(credential, ['oauth'])) {
    return [fault(path, 'authorizationEndpoint and tokenEndpoint go together', 'add the other one, or remove both')];
  }
  // A secret goes to nobody whom only the MCP server names.
  if (isOf(credential, ['oauth']) && 'clientSecret' in credential && !NAMES_SERVER.some((key) => key in credential)) {
    const fix = 'add issuer: the authorization server that gave the secret';
    return [fault([...path, 'clientSecret'], 'it does not say whose it is', fix)];
  }
  if (isOf(credential, ['cross-app-access']) && !('issuer' in credential)) {
    const named = ['clientSecret', 'tokenEndpoint'].find((key) => key in credential);
    if (named === undefined) return [];
    return [fault([...path, named], 'it does not say whose it is', 'add issuer: the server’s authorization server')];
  }
  if (!isOf(credential, WITH_TOKEN_SERVER) || 'issuer' in credential || 'tokenEndpoint' in credential) return [];
  return [fault(path, 'it does not say who gives the token', 'add issuer, or tokenEndpoint')];
}

function hosting(path: KeyPath, credential: object, server: unknown): Finding[] {
  const isHosted = isObject(server) && 'command' in server;
  if (!isHosted) {
    if (!('variable' in credential)) return [];
    return [
      fault([...path, 'variable'], 'only a hosted server has an environment', 'remove it, the token goes by a header'),
    ];
  }
  if (!isOf(credential, SCOPED_KINDS)) {
    const fix = 'give it the secret by env or files, for example env: { API_TOKEN: secret:NAME }';
    return [fault(path, 'a hosted server gets no HTTP request that could carry it', fix)];
  }
  if (!('variable' in credential)) {
    return [
      fault(path, 'it does not say how the server gets the token', 'add variable, for example variable: API_TOKEN'),
    ];
  }
  const variable = valueAt(credential, ['variable']);
  if (typeof variable === 'string' && valueAt(server, ['env', variable]) !== undefined) {
    return [fault([...path, 'variable'], `env has ${variable} already`, 'remove it there, or name another variable')];
  }
  if (valueAt(server, ['shared']) !== true || !isOf(credential, PERSONAL_KINDS)) return [];
  return [
    fault(path, 'each person has their own, but one process serves everyone', 'remove shared, or choose another kind'),
  ];
}

function sharedByGroups(at: KeyPath, server: unknown): Finding[] {
  const list = valueAt(server, ['credentialFor']);
  if (valueAt(server, ['shared']) !== true || !Array.isArray(list) || list.length === 0) return [];
  const fix = 'remove shared, or write one credential for everyone';
  return [fault([...at, 'credentialFor'], 'one process serves everyone, and has one credential', fix)];
}

/** `tools.<name>.scopes` that would be a promise nobody keeps. */
function toolScopes(at: KeyPath, server: unknown, placed: readonly Placed[]): Finding[] {
  const credentials = placed.map(([, credential]) => credential);
  return entries(valueAt(server, ['tools'])).flatMap(([tool, settings]) => {
    const objection = scopesObjection(valueAt(settings, ['scopes']), server, credentials);
    return objection === undefined ? [] : [fault([...at, 'tools', tool, 'scopes'], ...objection)];
  });
}

function scopesObjection(
  scopes: unknown,
  server: unknown,
  credentials: readonly object[],
): readonly [message: string, fix: string] | undefined {
  if (scopes === undefined) return undefined;
  if (isObject(server) && 'command' in server) {
    return ['a hosted server gets its token when it starts, not for each call', 'write the scopes into credential'];
  }
  const other = credentials.find((credential) => !isOf(credential, SCOPED_KINDS));
  if (other !== undefined || credentials.length === 0) {
    const kind = other === undefined ? 'no credential' : `a ${String(valueAt(other, ['kind']))} credential`;
    return [`${kind} has no scopes to narrow`, `remove them, or choose one of ${SCOPED_KINDS.join(', ')}`];
  }
  const isGitHub = credentials.some((credential) => isOf(credential, ['github-app']));
  const foreign = isGitHub && Array.isArray(scopes) && scopes.some((scope) => !GITHUB_PERMISSION.test(String(scope)));
  return foreign ? ['not permissions of a GitHub App', 'write for example [contents:read]'] : undefined;
}

function isOf(credential: object, kinds: readonly CredentialKind[]): boolean {
  const kind = valueAt(credential, ['kind']);
  return kinds.some((known) => known === kind);
}

function fault(path: KeyPath, message: string, fix: string): Finding {
  return { path, at: 'key', message, fix };
}

function entries(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
