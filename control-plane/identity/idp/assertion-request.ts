import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { IdpToken } from './idp-tokens.js';

/** For whom an identity assertion is to be made. */
export interface AssertionAim {
  /** The issuer of the authorization server that is to take it. */
  readonly audience: string;
  /** The MCP server that the token is to be for (RFC 8707); undefined where the assertion names none. */
  readonly resource: string | undefined;
  readonly scopes: readonly string[];
  /** Ourselves at that authorization server. */
  readonly clientId: string;
}

/** What a token endpoint answered (RFC 8693 §2.2.1). */
interface Answer {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number | undefined;
  readonly [parameter: string]: unknown;
}

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const ASSUMED_S = 60;

/** The request of draft-ietf-oauth-identity-assertion-authz-grant §4.3 (RFC 8693 §2.1). */
export function assertionRequest(
  idToken: string,
  { audience, resource, scopes }: AssertionAim,
): Record<string, string> {
  return {
    requested_token_type: ID_JAG,
    audience,
    ...(resource === undefined ? {} : { resource }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    subject_token: idToken,
    subject_token_type: ID_TOKEN,
  };
}

/**
 * The assertion of the answer, `now` in epoch milliseconds. Its signature is for the one who takes it.
 * @param subject who it must speak of; undefined where the IdP names people differently to everyone.
 * @throws Error saying what is wrong with it; no values of it.
 */
export function assertionOf(
  answer: Answer,
  { audience, resource, clientId }: AssertionAim,
  subject: string | undefined,
  now: number,
): IdpToken {
  if (answer['issued_token_type'] !== ID_JAG) throw new Error('it gave a token of another type than id-jag');
  if (answer.token_type.toLowerCase() !== 'n_a') throw new Error('the token_type of the assertion is not N_A');
  const { typ } = decodeProtectedHeader(answer.access_token);
  if (typ?.toLowerCase().replace(/^application\//, '') !== 'oauth-id-jag+jwt') {
    throw new Error('the typ of the assertion is not oauth-id-jag+jwt');
  }
  const claims = decodeJwt(answer.access_token);
  if (![claims.aud].flat().includes(audience)) throw new Error('the assertion is for another authorization server');
  if (claims['client_id'] !== clientId)
    throw new Error('the assertion is for another client_id than that of the settings');
  const named = claims['resource'];
  if (resource !== undefined && named !== undefined && ![named].flat().includes(resource)) {
    throw new Error('the assertion is for another resource');
  }
  if (subject !== undefined && claims.sub !== subject) throw new Error('the assertion speaks of another person');
  const expiresAt = claims.exp === undefined ? now + (answer.expires_in ?? ASSUMED_S) * 1000 : claims.exp * 1000;
  if (expiresAt <= now) throw new Error('the assertion has expired');
  return { value: answer.access_token, expiresAt };
}
