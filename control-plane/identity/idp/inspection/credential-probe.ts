import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { SecretUnreadable } from '../../../config/secret-reference.js';
import { boundedBody } from '../../assertions/bounded-json.js';
import { clientAuthentication, type ClientCredential } from '../client-authentication.js';
import { placeOf } from './console-places.js';
import { quoted, type InspectedProvider, type Metadata, type Objection } from './objection.js';
import { silenceOf } from './silence.js';

/** A code that no provider has made: what is said of it tells whether we were known first. */
const NO_CODE = 'mcp-sso-check';
/** `invalid_code` is Glewlwyd's word. */
const ABOUT_THE_CODE = new Set(['invalid_grant', 'invalid_code']);
const ABOUT_US = new Set(['invalid_client', 'unauthorized_client']);
/** Words that may be shown (RFC 6749 §5.2); any other text could be our secret, come back. */
const OTHER_WORDS = new Set([
  'invalid_request',
  'invalid_scope',
  'unsupported_grant_type',
  'redirect_uri_mismatch',
  'server_error',
  'temporarily_unavailable',
]);

const NO_KEY_FIX = 'write it as PEM (PKCS #8) or JWK, RSA or EC';

export interface Probe extends InspectedProvider {
  readonly credential: ClientCredential;
  readonly redirectUri: string;
}

interface Answer {
  readonly status: number;
  readonly error: string | undefined;
}

/** Shows the client credentials at `address`, the token endpoint, with a code that is none. */
export async function credentialObjections(
  address: URL,
  metadata: Metadata,
  probe: Probe,
  timeoutMs: number,
): Promise<Objection[]> {
  try {
    return judged(await ask(address, metadata, probe, timeoutMs), probe);
  } catch (error) {
    if (error instanceof SecretUnreadable) return [fault(probe, error.message, error.fix)];
    if (error instanceof CodedError) return [fault(probe, 'no private key', NO_KEY_FIX)];
    const { reason, fix = 'let this machine reach it' } = silenceOf(error);
    return [{ severity: 'fault', key: '', message: `its token endpoint cannot be asked: ${reason}`, fix }];
  }
}

async function ask(address: URL, metadata: Metadata, probe: Probe, timeoutMs: number): Promise<Answer> {
  const { settings, credential, ways, redirectUri } = probe;
  const headers = new Headers({ accept: 'application/json' });
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: NO_CODE,
    redirect_uri: redirectUri,
    code_verifier: oidc.randomPKCECodeVerifier(),
  });
  const authenticate = await clientAuthentication(credential, ways);
  const server = { ...metadata, issuer: settings.issuer, token_endpoint: address.href };
  // A signed assertion takes a moment, which the type does not say.
  const authenticated: unknown = authenticate(server, { client_id: settings.clientId }, body, headers);
  await authenticated;
  const options = { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) } as const;
  const response = await fetch(address, { method: 'POST', body, headers, ...options });
  const text = response.body === null ? '' : (await boundedBody(response.body)).toString('utf8');
  return { status: response.status, error: errorIn(text) };
}

function errorIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) && typeof answer['error'] === 'string' ? answer['error'] : undefined;
  } catch {
    return undefined;
  }
}

function judged({ status, error = '' }: Answer, probe: Probe): Objection[] {
  if (ABOUT_THE_CODE.has(error)) return [];
  const { settings } = probe;
  const place = placeOf(settings.preset, 'client');
  const said = ABOUT_US.has(error) || OTHER_WORDS.has(error) ? `${status} ${error}` : String(status);
  if (status !== 401 && !ABOUT_US.has(error)) {
    return [
      {
        severity: 'warning',
        key: keyOf(probe),
        message: `could not tell whether it accepts our credentials: a made-up code was answered with ${said}`,
        fix: `sign in once to be sure; ${place}`,
      },
    ];
  }
  const { clientId, clientSecret, privateKey } = settings;
  const what =
    privateKey === undefined
      ? `put the secret of the client ${quoted(clientId)} behind ${clientSecret}`
      : `register the public half of this key for the client ${quoted(clientId)}`;
  // RFC 6749 §5.2 means the grant by it, and Glewlwyd the secret.
  const grant = error === 'unauthorized_client' ? ', or allow it the authorization code grant' : '';
  const fix = `${what}, or correct clientId${grant}; ${place}`;
  return [fault(probe, `it does not accept our credentials (${said})`, fix)];
}

function fault(probe: Probe, message: string, fix: string): Objection {
  return { severity: 'fault', key: keyOf(probe), message, fix };
}

function keyOf({ settings }: Probe): 'privateKey' | 'clientSecret' {
  return settings.privateKey === undefined ? 'clientSecret' : 'privateKey';
}
