import { FRESH_SIGN_IN } from '#shared/api/paths.js';
import { problemSchema, type Problem } from '#shared/api/problem.js';
import { CodedError, ERRORS, type ErrorCode } from '#shared/errors.js';
import type { HttpReply } from '../system/http.js';
import { printable } from '../system/printable.js';

/** What a new sign-in would have to bring: another scope (RFC 6750 §3.1), or a younger age in seconds (RFC 9470 §3). */
export type Demand = { readonly kind: 'scope' } | { readonly kind: 'fresh'; readonly maxAge: number };

const MAX_AGE = /\bmax_age="?(\d{1,9})\b/;

/** Undefined where no sign-in would help. */
export function demandOf(reply: HttpReply): Demand | undefined {
  if (reply.status !== 401 && reply.status !== 403) return undefined;
  const code = problemIn(reply)?.code;
  if (code === 'scope_insufficient') return { kind: 'scope' };
  if (code !== 'sign_in_stale') return undefined;
  const [, seconds] = MAX_AGE.exec(reply.headers['www-authenticate'] ?? '') ?? [];
  return { kind: 'fresh', maxAge: seconds === undefined ? FRESH_SIGN_IN : Number(seconds) };
}

/** The parsed JSON of a 200. Throws CodedError with the server's code and detail, or `network` for what is not the API's. */
export function contentOf(reply: HttpReply): unknown {
  if (reply.status !== 200) throw refusal(reply);
  try {
    return JSON.parse(reply.body);
  } catch {
    throw unexpected(reply.status);
  }
}

function refusal(reply: HttpReply): CodedError {
  const problem = problemIn(reply);
  if (!problem) return unexpected(reply.status);
  const { code, detail } = problem;
  return new CodedError(isErrorCode(code) ? code : 'internal', { message: printable(detail) });
}

function problemIn({ body }: HttpReply): Problem | undefined {
  try {
    return problemSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function unexpected(status: number): CodedError {
  return new CodedError('network', {
    message: `The control plane answered with ${status} and no explanation. Check that its address is right.`,
  });
}
