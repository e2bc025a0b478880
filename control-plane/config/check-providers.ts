import { isObject } from '#shared/mcp/json-rpc.js';
import { guideTo } from './guide.js';
import { valueAt, type Finding } from './key-path.js';

const SHARED_TENANTS = new Set(['common', 'organizations', 'consumers']);

/** By OpenID Connect Core §5.4 and §11, and by custom: for whoever asks. */
const GIVEN_TO_ALL = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'groups'];

type Objection = readonly [key: string, message: string, fix?: string];
type Raw = Readonly<Record<string, unknown>>;

/** What keys of one provider say against each other, and what two providers both claim. */
export function providerFindings(value: unknown): Finding[] {
  const providers = valueAt(value, ['identity', 'providers']);
  if (!isObject(providers)) return [];
  const named = Object.entries(providers).filter((entry): entry is [string, Raw] => isObject(entry[1]));
  const own = named.flatMap(([id, provider]) =>
    [...credentialObjections(provider), ...presetObjections(provider), ...freshSignInObjections(provider)].map(
      (objection) => finding(id, objection),
    ),
  );
  return [...own, ...sharedDomains(named)];
}

function finding(id: string, [key, message, fix]: Objection): Finding {
  const path = ['identity', 'providers', id, ...(key === '' ? [] : [key])];
  return { path, at: key === '' ? 'key' : 'value', message, fix: fix ?? guideTo(path) };
}

function credentialObjections({ clientSecret, privateKey, clientAuthentication }: Raw): Objection[] {
  if (clientSecret === undefined && privateKey === undefined) {
    return [['clientSecret', 'missing', 'write env:NAME or file:PATH, or give it a privateKey instead']];
  }
  if (clientSecret !== undefined && privateKey !== undefined) {
    return [['privateKey', 'both a secret and a key', 'keep one of clientSecret and privateKey']];
  }
  const wantsKey = clientAuthentication === 'private_key_jwt';
  if (clientAuthentication === undefined || wantsKey === (privateKey !== undefined)) return [];
  const fix = wantsKey ? 'write privateKey instead of clientSecret' : 'write private_key_jwt, or leave it out';
  return [['clientAuthentication', `does not go with ${wantsKey ? 'clientSecret' : 'privateKey'}`, fix]];
}

function presetObjections({ preset, issuer, emailDomains, microsoftGraph }: Raw): Objection[] {
  const found: Objection[] = [];
  if (preset === 'entra' && typeof issuer === 'string' && sharedTenant(issuer)) {
    const fix = 'write https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0 with the id of your own tenant';
    found.push(['issuer', 'this address lets in every tenant of the world', fix]);
  }
  if (preset === 'google' && !(Array.isArray(emailDomains) && emailDomains.length > 0)) {
    const fix = 'write the domains of your Google Workspace, for example [acme.example]';
    found.push(['emailDomains', 'without domains every Google account of the world would get in', fix]);
  }
  if (microsoftGraph !== undefined && preset !== 'entra') {
    found.push([
      'microsoftGraph',
      'Microsoft Graph knows people of Entra ID only',
      'remove it, or write preset: entra',
    ]);
  }
  return found;
}

/** A scope that comes with every sign-in proves nothing about one. */
function freshSignInObjections({ freshSignIn, scopes }: Raw): Objection[] {
  const scope = isObject(freshSignIn) ? freshSignIn['scope'] : undefined;
  const always: readonly unknown[] = [...GIVEN_TO_ALL, ...(Array.isArray(scopes) ? scopes : [])];
  if (scope === undefined || !always.includes(scope)) return [];
  const fix = 'name a scope that the provider gives only after a fresh sign-in, and leave it out of scopes';
  return [['freshSignIn', 'its scope comes with every sign-in, so it would prove nothing', fix]];
}

function sharedTenant(issuer: string): boolean {
  return SHARED_TENANTS.has(URL.parse(issuer)?.pathname.split('/')[1]?.toLowerCase() ?? '');
}

/** An address must lead to one provider. */
function sharedDomains(providers: readonly (readonly [string, Raw])[]): Finding[] {
  const owners = new Map<unknown, string>();
  const found: Finding[] = [];
  for (const [id, { emailDomains }] of providers) {
    for (const [index, domain] of (Array.isArray(emailDomains) ? emailDomains : []).entries()) {
      const owner = owners.get(domain);
      if (owner === undefined) owners.set(domain, id);
      else if (owner !== id) {
        const path = ['identity', 'providers', id, 'emailDomains', index];
        const fix = 'name each domain at one provider only';
        found.push({ path, at: 'value', message: `the provider ${owner} has this domain already`, fix });
      }
    }
  }
  return found;
}
