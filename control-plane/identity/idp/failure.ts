import { CodedError } from '#shared/errors.js';

/** `refused`: the IdP said no to this person. `unavailable`: it said nothing about the person. */
export type IdpFailure = 'refused' | 'unavailable';

/** The IdP answered about another person than the one that was asked for. */
export class SubjectMismatch extends Error {
  constructor() {
    super('the identity provider answered for another subject');
    this.name = 'SubjectMismatch';
  }
}

type Link = { readonly [key: string]: unknown };

const NOT_ABOUT_THE_PERSON = new Set<unknown>(['invalid_client', 'unauthorized_client', 'temporarily_unavailable']);
const TRY_LATER = new Set([408, 425, 429]);
/** The last two: its keys could not be read (jose). */
const NETWORK_CODES = new Set<unknown>(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC']);
const MAX_DEPTH = 5;

/**
 * Sorts what went wrong at a refresh. Any 4xx counts as a refusal (one IdP answers a used refresh token with an
 * empty 400), except those that are about us or about the load.
 */
export function failureOf(error: unknown): IdpFailure {
  if (error instanceof SubjectMismatch) return 'refused';
  const chain = causesOf(error);
  if (chain.some((link) => NOT_ABOUT_THE_PERSON.has(link['error']))) return 'unavailable';
  const status = statusOf(chain);
  const refused = status !== undefined && status >= 400 && status < 500 && !TRY_LATER.has(status);
  return refused ? 'refused' : 'unavailable';
}

/** Whether the IdP could not be asked at all: the network, a timeout, or its own failure. */
export function isOutage(error: unknown): boolean {
  if (error instanceof CodedError) return error.code === 'idp_unreachable';
  const chain = causesOf(error);
  const status = statusOf(chain);
  if (status !== undefined) return status >= 500 || TRY_LATER.has(status);
  return chain.some((link) => NETWORK_CODES.has(link['code']) || link instanceof TypeError);
}

function statusOf(chain: readonly Link[]): number | undefined {
  return chain.map((link) => link['status']).find((value) => typeof value === 'number');
}

/** The error and its causes; openid-client puts the HTTP response at the end. */
function causesOf(error: unknown): Link[] {
  const chain: Link[] = [];
  let link: unknown = error;
  while (typeof link === 'object' && link !== null && chain.length < MAX_DEPTH) {
    const current = link as Link;
    chain.push(current);
    link = current['cause'];
  }
  return chain;
}
