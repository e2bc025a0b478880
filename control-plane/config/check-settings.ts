import { isLoopback, parseListen } from './address.js';
import { addressObjection, networkFindings } from './check-addresses.js';
import { auditFindings } from './check-audit.js';
import { credentialFindings } from './check-credentials.js';
import { databaseObjection } from './check-database.js';
import { hostedFindings } from './check-hosted.js';
import { providerFindings } from './check-providers.js';
import { knownIssuer, machineFindings, publicKeys, serviceGroup } from './check-machines.js';
import { keysAreKnown } from './check-signers.js';
import { guideTo } from './guide.js';
import { matches, stringsIn, valueAt, type Finding, type KeyPath } from './key-path.js';
import { scimToken } from './check-scim.js';
import { secretStoreFindings } from './check-secret-stores.js';
import { sessionFindings } from './check-sessions.js';
import { collectorUrl } from './check-telemetry.js';
import { redirectFault } from './redirect-uri.js';
import { notificationFindings, smtpUrl, webhookSecret, webhookUrl } from './check-notifications.js';
import { parseSecretReference, resolveSecret, SecretUnreadable } from './secret-reference.js';
import type { Surroundings } from './surroundings.js';

type Objection = { readonly message: string; readonly fix?: string } | undefined;
type Rule = (text: string, around: Surroundings, path: KeyPath) => Objection | Promise<Objection>;

/** What the starter file holds where only the admin knows the value. */
const PLACEHOLDER = 'CHANGE-ME';
export const NOT_FILLED_IN = 'not filled in yet';

/** Keys of a credential that name a secret, and those that name an address. */
const SECRET_KEYS = ['secret', 'clientSecret', 'privateKey', 'accessKeyId', 'secretAccessKey', 'sessionToken'];
const ADDRESS_KEYS = ['issuer', 'authorizationEndpoint', 'tokenEndpoint', 'revocationEndpoint', 'api'];

/** Cross-checks and addresses. They run on raw values, so that one fault never hides another. */
const RULES: readonly (readonly [pattern: string, rule: Rule])[] = [
  ['publicUrl', publicUrl],
  ['listen', listenAddress],
  ['adminListen', adminAddress],
  ['database', databaseObjection],
  ['identity.providers.*.issuer', issuer],
  ['identity.providers.*.clientSecret', readableSecret],
  ['identity.providers.*.privateKey', readableSecret],
  ['identity.providers.*.microsoftGraph', issuer],
  ['identity.providers.*.identityAssertions.issuer', issuer],
  ['identity.providers.*.identityAssertions.jwksUri', issuer],
  ['identity.providers.*.identityAssertions.clients.*.clientSecret', readableSecret],
  ['identity.providers.*.identityAssertions.clients.*.publicKey', publicKeys],
  ['identity.providers.*.identityAssertions.clients.*.jwks', publicKeys],
  ['identity.serviceAccounts.*.groups.*', serviceGroup],
  ['identity.serviceAccounts.*.privateKeyJwt.publicKey', publicKeys],
  ['identity.serviceAccounts.*.privateKeyJwt.jwks', publicKeys],
  ['identity.serviceAccounts.*.trusted.*.issuer', knownIssuer],
  ['identity.trustedIssuers.*.issuer', issuer],
  ['identity.trustedIssuers.*.jwksUri', issuer],
  ['identity.trustedIssuers.*.jwks', publicKeys],
  ['identity.providers.*.scim.token', scimToken],
  ['identity.providers.*.universalLogout.issuer', signer],
  ['identity.providers.*.universalLogout.jwksUri', secureUrl],
  ['identity.providers.*.sharedSignals.issuer', signer],
  ['identity.providers.*.sharedSignals.jwksUri', secureUrl],
  ['identity.providers.*.sharedSignals.secret', readableSecret],
  ['identity.clients.metadataDocuments.seeded.*.redirect_uris.*', redirectUri],
  ['identity.clients.metadataDocuments.seeded.*.client_id', sameClientId],
  ['notifications.webhooks.*.url', webhookUrl],
  ['notifications.webhooks.*.secret', webhookSecret],
  ['notifications.smtp.url', smtpUrl],
  ['audit.checkpoints.to.*.url', webhookUrl],
  ['audit.checkpoints.to.*.secret', webhookSecret],
  ['audit.checkpoints.to.*.endpoint', webhookUrl],
  ['audit.checkpoints.to.*.accessKeyId', readableSecret],
  ['audit.checkpoints.to.*.secretAccessKey', readableSecret],
  ['audit.checkpoints.to.*.ca', readableSecret],
  ['audit.export.*.url', webhookUrl],
  ['audit.export.*.token', readableSecret],
  ['audit.export.*.ca', readableSecret],
  ['audit.export.*.secret', webhookSecret],
  ['audit.export.*.endpoint', webhookUrl],
  ['audit.export.*.accessKeyId', readableSecret],
  ['audit.export.*.secretAccessKey', readableSecret],
  ['telemetry.*.endpoint', collectorUrl],
  ['telemetry.*.headers.*', readableSecret],
  ['audit.export.*.apiKey', readableSecret],
  ['audit.export.*.clientSecret', readableSecret],
  ['audit.export.*.authority', webhookUrl],
  ['audit.export.*.headers.*', readableSecret],
  ['notifications.smtp.password', readableSecret],
  ['roles.*.*', knownProvider],
  ['servers.*.url', serverUrl],
  ['servers.*.credentialFor.*.groups.*', knownProvider],
  ['servers.*.owners.*', knownProvider],
  ...SECRET_KEYS.flatMap((key) => [
    [`servers.*.credential.${key}`, readableSecret] as const,
    [`servers.*.credentialFor.*.credential.${key}`, readableSecret] as const,
  ]),
  ...ADDRESS_KEYS.flatMap((key) => [
    [`servers.*.credential.${key}`, upstreamIssuer] as const,
    [`servers.*.credentialFor.*.credential.${key}`, upstreamIssuer] as const,
  ]),
  ['servers.*.env.*', readableSecret],
  ['servers.*.files.*', readableSecret],
];

/** Every objection to values that have the right type; placeholders come first and stand alone. */
export async function checkSettings(around: Surroundings): Promise<Finding[]> {
  const found = await Promise.all(stringsIn(around.value).map(({ path, text }) => objectionsTo(path, text, around)));
  return [
    ...found.flat(),
    ...emptyGroups(around.value),
    ...providerFindings(around.value),
    ...machineFindings(around),
    ...sessionFindings(around.value),
    ...notificationFindings(around.value),
    ...auditFindings(around.value),
    ...networkFindings(around.value),
    ...credentialFindings(around.value),
    ...secretStoreFindings(around.value),
    ...(await hostedFindings(around)),
  ];
}

async function objectionsTo(path: KeyPath, text: string, around: Surroundings): Promise<Finding[]> {
  if (text.includes(PLACEHOLDER)) return [finding(path, { message: NOT_FILLED_IN })];
  const rule = RULES.find(([pattern]) => matches(path, pattern))?.[1];
  const objection = await rule?.(text, around, path);
  return objection ? [finding(path, objection)] : [];
}

function finding(path: KeyPath, { message, fix }: NonNullable<Objection>): Finding {
  return { path, at: 'value', message, fix: fix ?? guideTo(path) };
}

function emptyGroups(value: unknown): Finding[] {
  return [['identity', 'providers'], ['servers']]
    .filter((path) => {
      const group = valueAt(value, path);
      return typeof group === 'object' && group !== null && Object.keys(group).length === 0;
    })
    .map((path) => ({ path, at: 'key', message: 'names none', fix: guideTo(path) }));
}

function publicUrl(text: string): Objection {
  const url = URL.parse(text);
  if (!url || !isHttp(url)) return undefined;
  if (url.protocol === 'http:' && !isLoopback(url)) return { message: 'plain http is accepted for this machine only' };
  if (url.username !== '' || url.password !== '') return { message: 'carries a user name', fix: `write ${url.origin}` };
  return url.origin === text ? undefined : { message: 'more than an origin', fix: `write ${url.origin}` };
}

function issuer(text: string): Objection {
  const url = URL.parse(text);
  if (!url || !isHttp(url)) return undefined;
  if (url.protocol === 'http:' && !isLoopback(url)) return { message: 'plain http is accepted for this machine only' };
  const bare = url.username === '' && url.password === '' && !/[?#]/.test(text);
  return bare ? undefined : { message: 'an issuer has no user name, query or fragment' };
}

function signer(text: string, around: Surroundings, path: KeyPath): Objection {
  if (keysAreKnown(text, path, around)) return secureUrl(text);
  return {
    message: 'not the issuer of this provider, so its keys are not known',
    fix: 'add jwksUri, the address of its keys, or write the issuer of the provider',
  };
}

function secureUrl(text: string): Objection {
  const url = URL.parse(text);
  const isOpen = url?.protocol === 'http:' && !isLoopback(url);
  return isOpen ? { message: 'plain http is accepted for this machine only' } : undefined;
}

function redirectUri(text: string): Objection {
  const fault = redirectFault(text);
  return fault === undefined ? undefined : { message: fault };
}

function sameClientId(text: string, _around: Surroundings, path: KeyPath): Objection {
  return text === path.at(-2) ? undefined : { message: 'not the address that the document stands under' };
}

/** Of an authorization server of MCP servers. */
function upstreamIssuer(text: string, { value }: Surroundings): Objection {
  const url = URL.parse(text);
  return issuer(text) ?? (url && isHttp(url) ? addressObjection(url, value) : undefined);
}

function serverUrl(text: string, { value }: Surroundings): Objection {
  const url = URL.parse(text);
  if (!url || !isHttp(url)) return undefined;
  if (url.username !== '' || url.password !== '') {
    return { message: 'a secret in an address ends up in logs', fix: 'use credential: { kind: basic, … }' };
  }
  return text.includes('#') ? { message: 'an endpoint has no fragment' } : addressObjection(url, value);
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

function listenAddress(text: string): Objection {
  return parseListen(text) ? undefined : { message: 'not an IP address with a port' };
}

function adminAddress(text: string, { value }: Surroundings): Objection {
  const listen = valueAt(value, ['listen']);
  if (text === (typeof listen === 'string' ? listen : DEFAULT_LISTEN)) {
    return { message: 'the same as listen', fix: 'choose another port; this one is for operators only' };
  }
  return listenAddress(text);
}

const DEFAULT_LISTEN = '127.0.0.1:8700';

function knownProvider(text: string, { value }: Surroundings): Objection {
  const provider = /^[^/]*(?=\/)/.exec(text)?.[0];
  const providers = Object.keys(valueAt(value, ['identity', 'providers']) ?? {});
  if (provider === undefined || providers.includes(provider)) return undefined;
  const known = providers.length === 0 ? '' : `; known are ${providers.join(', ')}`;
  return {
    message: `there is no provider ${provider}`,
    fix: `name one of identity.providers before the slash${known}`,
  };
}

async function readableSecret(text: string, { directory, environment }: Surroundings): Promise<Objection> {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') return undefined;
  try {
    await resolveSecret(reference, directory, environment);
    return undefined;
  } catch (error) {
    if (error instanceof SecretUnreadable) return { message: error.message, fix: error.fix };
    throw error;
  }
}
