import { CodedError, type ErrorCode } from '#shared/errors.js';

/** Errors whose own text fits a call that was never made, and what is said instead. Of the others, the text says enough. */
const BROKEN_OFF: ReadonlyMap<ErrorCode, string | undefined> = new Map([
  ['session_ended', 'Your session ended while the call was under way.'],
  ['session_unconfirmed', 'While the call was under way, it could not be checked whether your session still holds.'],
  ['idp_unreachable', 'While the call was under way, the company’s identity provider could not be asked about you.'],
  ['shutting_down', 'The control plane was stopped while the call was under way.'],
  ['upstream_invalid', undefined],
  ['internal', undefined],
]);

/** What is known of a call that may have reached its server: no error may read as if it had not been made. */
export function afterSending(error: CodedError): CodedError {
  const { code, message, detail, cause } = error;
  if (!BROKEN_OFF.has(code)) return error;
  return new CodedError(code, {
    message: `${BROKEN_OFF.get(code) ?? message} It is not known whether it took effect.`,
    ...(detail === undefined ? {} : { detail }),
    cause,
  });
}

/** Once a server has asked for input it knows of the call, so nobody can say any more that it was not made. */
export function afterFirstRound(error: CodedError): CodedError {
  if (error.code !== 'upstream_unreachable') return error;
  return new CodedError('outcome_unknown', {
    message:
      'The MCP server asked for input and could not be reached with it. It is not known whether the call took effect.',
    detail: error.detail ?? error.message,
    cause: error,
  });
}
