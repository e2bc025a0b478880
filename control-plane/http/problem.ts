import { HttpException } from '@nestjs/common';
import type { Problem } from '#shared/api/problem.js';
import { asCoded, CodedError, errorText, type ErrorCode } from '#shared/errors.js';

/** Any thrown value as a coded error: what the frameworks throw by HTTP status, what nobody foresaw as `internal`. */
export function codedErrorOf(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const code = isUnparsable(thrown) ? 'request_unparsable' : codeOfStatus(statusOf(thrown));
  return code === undefined ? asCoded(thrown) : new CodedError(code, { detail: detailOf(thrown), cause: thrown });
}

/** The frameworks name the address that nobody answers, and what follows its `?` may be a token or a code. */
function detailOf(thrown: unknown): string {
  return errorText(thrown).replace(/\?.*$/su, '?…');
}

/** The public body (RFC 9457, with our code); the private detail stays behind. */
export function problemOf(error: CodedError): Problem {
  return { status: error.form.http, code: error.code, detail: error.message };
}

/** Fastify's error for a body that is no JSON; Nest wraps it and keeps it as the cause. */
function isUnparsable(thrown: unknown): boolean {
  const error = thrown instanceof HttpException ? thrown.cause : thrown;
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_INVALID_JSON_BODY';
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const carriesStatus = thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number';
  return carriesStatus ? Number(thrown.statusCode) : undefined;
}

function codeOfStatus(status: number | undefined): ErrorCode | undefined {
  if (status === undefined) return undefined;
  const known: Readonly<Record<number, ErrorCode>> = {
    401: 'sign_in_needed',
    403: 'role_missing',
    404: 'not_found',
    413: 'request_too_large',
    429: 'rate_limited',
    503: 'shutting_down',
  };
  return known[status] ?? (status >= 400 && status < 500 ? 'params_invalid' : undefined);
}
