import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { shortLine } from '../../identity/clients/short-line.js';
import { redactText } from '../redaction.js';

const MAX_CODE = 64;
const MAX_DESCRIPTION = 160;
/** A run of this length is rather a token than a word. */
const TOKEN_LIKE = /\S{24,}/g;

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

async function answerOf(error: unknown): Promise<Said | undefined> {
  if (error instanceof oidc.ResponseBodyError) return { error: error.error, description: error.error_description };
  if (!(error instanceof oidc.WWWAuthenticateChallengeError)) return undefined;
  // A refused client gets a challenge and the same body (RFC 6749 §5.2), which openid-client leaves unread.
  const body = (await error.response.json().catch(() => undefined)) as Record<string, unknown> | null | undefined;
  return { error: body?.['error'], description: body?.['error_description'] };
}

/** Only texts of the libraries and codes of the network: no part of an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof oidc.WWWAuthenticateChallengeError) return `it answered with ${error.status}`;
  if (!(error instanceof Error)) return 'an unknown failure';
  const { cause } = error;
  if (cause instanceof Response) return `it answered with ${cause.status}`;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `${error.message}${code}`;
}
