import { isLoopback } from '../../../config/address.js';
import type { ClientAuthentication } from '../../../config/provider-settings.js';
import { clientAuthenticationOf } from '../presets.js';
import { placeOf } from './console-places.js';
import { quoted, type InspectedProvider, type Metadata, type Objection } from './objection.js';

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];
/** Those that a provider which lists its scopes would list; of others it may be silent (OpenID Connect Discovery §3). */
const LISTED_SCOPES = new Set(['openid', 'profile', 'email', 'groups', 'offline_access']);
const BY_SECRET: readonly ClientAuthentication[] = ['client_secret_post', 'client_secret_basic'];

/** What a provider's metadata says against our use of it. What it says nothing about is left to the sign-in. */
export function metadataObjections(metadata: Metadata, provider: InspectedProvider): Objection[] {
  return [
    ...ENDPOINTS.flatMap((name) => endpoint(name, metadata[name], provider)),
    ...challengeMethod(metadata, provider),
    ...responseType(metadata, provider),
    ...clientAuthentication(metadata, provider),
    ...scopes(metadata, provider),
    ...freshScope(metadata, provider),
    ...refreshGrant(metadata, provider),
  ];
}

/** The address, where it is https or this machine's own; nothing of ours goes anywhere else. */
export function safeAddress(address: unknown): URL | undefined {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (!url) return undefined;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url : undefined;
}

function endpoint(name: string, address: unknown, { settings }: InspectedProvider): Objection[] {
  if (safeAddress(address)) return [];
  const message =
    typeof address === 'string'
      ? `its ${name} is ${quoted(address)}, which is not https`
      : `its metadata names no ${name}`;
  const fix = `correct the issuer if it is another service’s; ${placeOf(settings.preset, 'issuer')}`;
  return [{ severity: 'fault', key: 'issuer', message, fix }];
}

function challengeMethod(metadata: Metadata, { settings }: InspectedProvider): Objection[] {
  const offered = textsOf(metadata['code_challenge_methods_supported']);
  if (!offered || offered.includes('S256')) return [];
  const fix = `allow PKCE with S256; ${placeOf(settings.preset, 'grants')}`;
  return [{ severity: 'fault', key: '', message: 'it does not offer PKCE with S256', fix }];
}

function responseType(metadata: Metadata, { settings }: InspectedProvider): Objection[] {
  const offered = textsOf(metadata['response_types_supported']);
  if (!offered || offered.includes('code')) return [];
  const fix = `allow the authorization code flow; ${placeOf(settings.preset, 'grants')}`;
  return [{ severity: 'fault', key: '', message: 'it does not offer the response type code', fix }];
}

function clientAuthentication(metadata: Metadata, { settings }: InspectedProvider): Objection[] {
  const used = clientAuthenticationOf(settings);
  const offered = textsOf(metadata['token_endpoint_auth_methods_supported']);
  if (!offered || offered.includes(used)) return [];
  const other = used === 'private_key_jwt' ? undefined : BY_SECRET.find((way) => offered.includes(way));
  const fix =
    other === undefined
      ? `allow ${used} for the client; ${placeOf(settings.preset, 'client')}`
      : `write clientAuthentication: ${other}, and choose the same for the client; ${placeOf(settings.preset, 'client')}`;
  return [{ severity: 'fault', key: 'clientAuthentication', message: `it does not offer ${used}`, fix }];
}

function scopes(metadata: Metadata, { settings, ways }: InspectedProvider): Objection[] {
  const known = textsOf(metadata['scopes_supported']);
  const place = placeOf(settings.preset, 'scopes');
  return ways.scopes
    .filter((scope) => known && !known.includes(scope))
    .map((scope) => {
      const rest = ways.scopes.filter((one) => known?.includes(one)).join(', ');
      return {
        severity: LISTED_SCOPES.has(scope) ? 'fault' : 'warning',
        key: 'scopes',
        message: `the scope ${quoted(scope)} is asked for, but not among those that it lists`,
        fix: `add the scope there, or write scopes: [${rest}]; ${place}`,
      };
    });
}

/** A warning only: a provider may keep it off the list. That it is guarded, only its administrator can see. */
function freshScope(metadata: Metadata, { settings }: InspectedProvider): Objection[] {
  const known = textsOf(metadata['scopes_supported']);
  const { scope } = settings.freshSignIn ?? {};
  if (scope === undefined || !known || known.includes(scope)) return [];
  const message = `the scope ${quoted(scope)} that proves a fresh sign-in is not among those that it lists`;
  const fix = `add the scope there, with its age; ${placeOf(settings.preset, 'scopes')}`;
  return [{ severity: 'warning', key: 'freshSignIn', message, fix }];
}

/** A warning only: Glewlwyd gives refresh tokens and does not say so. */
function refreshGrant(metadata: Metadata, { settings }: InspectedProvider): Objection[] {
  const offered = textsOf(metadata['grant_types_supported']);
  if (!offered || offered.includes('refresh_token')) return [];
  return [
    {
      severity: 'warning',
      key: '',
      message: 'it does not list the grant type refresh_token; without refresh tokens every sign-in is refused',
      fix: `make sure that the client may have them; ${placeOf(settings.preset, 'grants')}`,
    },
  ];
}

/** Undefined where the provider does not say. */
function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;
}
