import { valueAt, type Finding, type KeyPath } from './key-path.js';
import { guideTo } from './guide.js';
import { KeysUnusable, publicKeysIn } from './public-keys.js';
import { parseSecretReference, resolveSecret, SecretUnreadable } from './secret-reference.js';
import type { Surroundings } from './surroundings.js';

type Objection = { readonly message: string; readonly fix?: string } | undefined;

/** Where exactly one of several keys says how somebody proves who they are. */
const WAYS: readonly (readonly [pattern: readonly string[], keys: readonly string[]])[] = [
  [
    ['identity', 'serviceAccounts', '*'],
    ['privateKeyJwt', 'trusted'],
  ],
  [
    ['identity', 'serviceAccounts', '*', 'privateKeyJwt'],
    ['publicKey', 'jwks'],
  ],
  [
    ['identity', 'providers', '*', 'identityAssertions', 'clients', '*'],
    ['clientSecret', 'publicKey', 'jwks'],
  ],
];
/** Where none would let everyone in, or nobody. */
const FILLED: readonly (readonly string[])[] = [
  ['identity', 'serviceAccounts', '*', 'trusted', '*', 'claims'],
  ['identity', 'providers', '*', 'identityAssertions', 'clients'],
];

/** What the schema cannot say of service accounts and of those whose word is taken. */
export function machineFindings({ value }: Surroundings): Finding[] {
  const ways = WAYS.flatMap(([pattern, keys]) =>
    placesOf(value, pattern)
      .filter((path) => keys.filter((key) => valueAt(value, [...path, key]) !== undefined).length !== 1)
      .map((path) => findingAt(path, `needs exactly one of ${keys.join(', ')}`)),
  );
  const empty = FILLED.flatMap((pattern) => placesOf(value, pattern))
    .filter((path) => Object.keys(valueAt(value, path) ?? {}).length === 0)
    .map((path) => findingAt(path, 'names none'));
  return [...ways, ...empty, ...clientsTwice(value), ...anybodysWord(value)];
}

/** Issuers that sign for everyone in the world, and their claims that say whose a token is. */
const OF_EVERYONE: ReadonlyMap<unknown, readonly string[]> = new Map([
  [
    'https://token.actions.githubusercontent.com',
    ['sub', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'job_workflow_ref'],
  ],
  ['https://gitlab.com', ['sub', 'project_path', 'project_id', 'namespace_path', 'namespace_id']],
]);

/** Any repository of the world can have a branch `main`, and every subject there begins with `repo:`. */
function anybodysWord(value: unknown): Finding[] {
  return placesOf(value, ['identity', 'serviceAccounts', '*', 'trusted', '*', 'claims']).flatMap((path) => {
    const name = valueAt(value, [...path.slice(0, -1), 'issuer']);
    const issuer =
      typeof name === 'string' ? valueAt(value, ['identity', 'trustedIssuers', name, 'issuer']) : undefined;
    const owners = OF_EVERYONE.get(issuer);
    const claims = Object.entries(valueAt(value, path) ?? {});
    if (
      !owners ||
      claims.length === 0 ||
      claims.some(([claim, rule]) => owners.includes(claim) && namesOne(claim, rule))
    )
      return [];
    const fix = `add one of ${owners.join(', ')}, with the name or number of your own`;
    return [{ path, at: 'key', message: 'anybody at this issuer can have such a token', fix }];
  });
}

function namesOne(claim: string, rule: unknown): boolean {
  const prefix = valueAt(rule, ['prefix']);
  return claim !== 'sub' || typeof prefix !== 'string' || /^[^:]+:[^:/]+[:/]/.test(prefix);
}

/** A client has one way to authenticate, so one provider's word is what it can bring. */
function clientsTwice(value: unknown): Finding[] {
  const paths = placesOf(value, ['identity', 'providers', '*', 'identityAssertions', 'clients', '*']);
  const ids = paths.map((path) => path.at(-1));
  return paths
    .filter((path, index) => ids.indexOf(path.at(-1)) !== index)
    .map((path) => ({
      path,
      at: 'key',
      message: 'is named under another provider already',
      fix: 'register a client of its own for this provider',
    }));
}

/** `service/NAME` means the account itself, so no other account may be in a group of that name. */
export function serviceGroup(text: string, { value }: Surroundings): Objection {
  const accounts = Object.keys(valueAt(value, ['identity', 'serviceAccounts']) ?? {});
  const [, name = ''] = text.split('/');
  if (!accounts.includes(name)) return undefined;
  return { message: `${text} is the service account ${name} itself`, fix: 'choose another name for the group' };
}

export function knownIssuer(text: string, { value }: Surroundings): Objection {
  const issuers = Object.keys(valueAt(value, ['identity', 'trustedIssuers']) ?? {});
  if (issuers.includes(text)) return undefined;
  const known = issuers.length === 0 ? 'there are none' : `known are ${issuers.join(', ')}`;
  return { message: `there is no trusted issuer ${text}`, fix: `name one of identity.trustedIssuers; ${known}` };
}

export async function publicKeys(text: string, { directory, environment }: Surroundings): Promise<Objection> {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') return undefined;
  try {
    publicKeysIn(await resolveSecret(reference, directory, environment));
    return undefined;
  } catch (error) {
    if (error instanceof SecretUnreadable) return { message: error.message, fix: error.fix };
    if (error instanceof KeysUnusable) return { message: error.message, fix: 'name a PEM public key or a JWK Set' };
    throw error;
  }
}

function placesOf(value: unknown, pattern: readonly string[]): KeyPath[] {
  return pattern.reduce<KeyPath[]>(
    (paths, step) => paths.flatMap((path) => stepsAt(valueAt(value, path), step).map((one) => path.concat(one))),
    [[]],
  );
}

function stepsAt(value: unknown, step: string): (string | number)[] {
  if (Array.isArray(value)) return step === '*' ? [...value.keys()] : [];
  if (typeof value !== 'object' || value === null) return [];
  return step === '*' ? Object.keys(value) : step in value ? [step] : [];
}

function findingAt(path: KeyPath, message: string): Finding {
  return { path, at: 'key', message, fix: guideTo(path) };
}
