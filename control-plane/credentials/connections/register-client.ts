import { z } from 'zod';
import { errorText } from '#shared/errors.js';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { AuthorizationServer } from './discovery/authorization-server.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';

/** RFC 6749 appendix A.1 and A.2. */
const VISIBLE = /^[\x20-\x7e]+$/;

/** A time as it may be written; JSON has numbers that are infinite for us, and zod takes those for none. */
const time = z.custom<number | string>(
  (said) => typeof said === 'number' || (typeof said === 'string' && /^\d{1,20}$/.test(said)),
  'client_secret_expires_at is no time',
);

/** RFC 7591 §3.2.1. Each message goes to an admin: what it is about, never the value. */
const responseSchema = z.object({
  client_id: z.string('client_id is no text').max(2_048, 'client_id is too long').regex(VISIBLE, 'client_id is no id'),
  client_secret: z
    .string('client_secret is no text')
    .max(4_096, 'client_secret is too long')
    .regex(VISIBLE, 'client_secret is no secret')
    .nullish(),
  /** Seconds since 1970; 0 for never. Some write it as a text. */
  client_secret_expires_at: time.nullish(),
  token_endpoint_auth_method: z.string('token_endpoint_auth_method is no text').nullish(),
  redirect_uris: z.array(z.string(), 'redirect_uris is no list of addresses').nullish(),
});
type Answer = z.output<typeof responseSchema>;

export interface Registration {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly method: string;
  /** Epoch milliseconds; null for never. */
  readonly expiresAt: number | null;
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'none'];
/** Seconds, ten years: nobody means more, and some mean milliseconds. */
const LONGEST = 10 * 365 * 86_400;

/** Registers us as a client that sends people with a browser (RFC 7591). Throws DiscoveryFault. */
export async function registerClient(
  fetch: GuardedFetch,
  server: AuthorizationServer,
  redirectUri: string,
): Promise<Registration> {
  const taken = server.token_endpoint_auth_methods_supported ?? METHODS;
  const method = METHODS.find((known) => taken.includes(known)) ?? 'client_secret_basic';
  const answer = await asked(fetch, server, {
    client_name: 'mcp-sso',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  });
  const { client_secret: secret, redirect_uris: redirects } = answer;
  // Left out by some, and then as we wrote it: the authorization server compares it in any case.
  if (redirects && !redirects.includes(redirectUri)) throw notAsAsked(server, 'redirect_uris lacks our address');
  const proof = answer.token_endpoint_auth_method ?? (secret ? method : 'none');
  if (!METHODS.includes(proof)) throw notAsAsked(server, 'token_endpoint_auth_method is one that we do not have');
  return {
    clientId: answer.client_id,
    clientSecret: secret ?? null,
    method: proof,
    expiresAt: secretEnd(server, answer, Date.now()),
  };
}

/** Epoch milliseconds, whole and at most ten years away; null for never. */
function secretEnd(
  server: AuthorizationServer,
  { client_secret: secret, client_secret_expires_at: said }: Answer,
  now: number,
): number | null {
  const end = Math.floor(Number(said ?? 0));
  if (!secret || end === 0) return null;
  const seconds = Math.floor(now / 1000);
  // Who kept it would register us again for everybody who connects.
  if (!(end > seconds)) throw notAsAsked(server, 'client_secret_expires_at is over already');
  return Math.min(end, seconds + LONGEST) * 1000;
}

async function asked(
  fetch: GuardedFetch,
  server: AuthorizationServer,
  metadata: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const { registration_endpoint: endpoint = '', reach } = server;
  try {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(metadata), reach });
    if (answer.status === 201 || answer.status === 200) return registrationIn(server, await answer.text());
    throw new DiscoveryFault(
      `${endpoint} does not register us: HTTP ${answer.status}`,
      SET_CLIENT,
      answer.status >= 500,
    );
  } catch (error) {
    if (error instanceof DiscoveryFault) throw error;
    throw new DiscoveryFault(`${endpoint} does not register us: ${errorText(error)}`, SET_CLIENT, true, {
      cause: error,
    });
  }
}

/** What it answered may hold the secret, and so does what a parser says of it: none of it goes into an error. */
function registrationIn(server: AuthorizationServer, text: string): Answer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw notAsAsked(server, 'its answer is no JSON');
  }
  const { data, error } = responseSchema.safeParse(answer);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw notAsAsked(server, issue?.path.length === 1 ? issue.message : 'its answer is no registration');
}

function notAsAsked({ registration_endpoint: endpoint }: AuthorizationServer, reason: string): DiscoveryFault {
  return new DiscoveryFault(`${endpoint} does not register us as it should: ${reason}`, SET_CLIENT);
}

const SET_CLIENT = 'register a client there by hand, and set clientId and clientSecret of the credential';
