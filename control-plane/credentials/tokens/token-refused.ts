import * as oidc from 'openid-client';
import { isObject } from '#shared/mcp/json-rpc.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { shortLine } from '../../identity/clients/short-line.js';
import { redactText } from '../redaction.js';

const MAX_CODE = 64;
const MAX_DESCRIPTION = 160;
/** A run of this length is rather a token than a word. */
const TOKEN_LIKE = /\S{40,}/g;

/** No token, and why; the text is for operators, holds no secret and is bounded. */
export class TokenRefused extends Error {
  constructor(
    message: string,
    /** What the authorization server said (RFC 6749 §5.2); undefined where it said nothing that we understand. */
    readonly error?: string,
  ) {
    super(message);
    this.name = 'TokenRefused';
  }
}

/**
 * What went wrong between us and an authorization server.
 * @param host of the endpoint that was asked.
 * @param secrets what it may have been sent, and may send back.
 */
export async function tokenRefused(error: unknown, host: string, secrets: readonly string[]): Promise<Error> {
  if (error instanceof SecretUnreadable || error instanceof TokenRefused) return error;
  const said = await answerOf(error);
  const code = shortLine(said?.error, MAX_CODE);
  if (code !== null) {
    const masked = (text: string): string => redactText(secrets, text).replaceAll(TOKEN_LIKE, '[…]');
    const description = shortLine(said?.description, MAX_DESCRIPTION);
    const more = description === null ? '' : ` (${masked(description)})`;
    return new TokenRefused(`${host} refused: ${masked(code)}${more}`, masked(code));
  }
  return new TokenRefused(`${host} gave no token: ${reasonOf(error)}`);
}

interface Said {
  readonly error: unknown;
  readonly description: unknown;
}

async function answerOf(thrown: unknown): Promise<Said | undefined> {
  if (thrown instanceof oidc.ResponseBodyError) return { error: thrown.error, description: thrown.error_description };
  if (!(thrown instanceof oidc.WWWAuthenticateChallengeError)) return undefined;
  // A refused client gets a challenge and the same body (RFC 6749 §5.2), which openid-client leaves unread.
  const body: unknown = await thrown.response.json().catch(() => undefined);
  return isObject(body) ? { error: body['error'], description: body['error_description'] } : undefined;
}

/** Only texts of libraries and the network: no part of an answer, as a parser of JSON would give it. */
function reasonOf(error: unknown): string {
  if (error instanceof oidc.WWWAuthenticateChallengeError) return `it answered with ${error.status}`;
  if (!(error instanceof Error)) return 'an unknown failure';
  const { cause } = error;
  if (cause instanceof Response) return `it answered with ${cause.status}`;
  // What openid-client knows nothing about is what `fetch` threw.
  const isOfFetch = error instanceof oidc.ClientError && error.code === undefined && cause instanceof Error;
  return shortLine(isOfFetch ? cause.message : error.message, MAX_DESCRIPTION) ?? 'an unknown failure';
}
