import { FRESH_SIGN_IN } from '#shared/api/paths.js';
import { STEP_UP_ERROR, stepUpParameters } from '#shared/api/step-up.js';
import type { CodedError, ErrorCode } from '#shared/errors.js';
import { StepUpNeeded } from './step-up.js';

const BEARER_ERRORS: Partial<Record<ErrorCode, string>> = {
  token_invalid: 'invalid_token',
  session_ended: 'invalid_token',
  scope_insufficient: 'insufficient_scope',
  sign_in_stale: STEP_UP_ERROR,
  step_up_needed: STEP_UP_ERROR,
};
const DPOP_ERRORS: Partial<Record<ErrorCode, string>> = { ...BEARER_ERRORS, dpop_invalid: 'invalid_dpop_proof' };

/** `WWW-Authenticate` values for a 401 or 403: RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3, RFC 9728 §5.1. One line per scheme. */
export function challenge(error: CodedError | undefined, resourceMetadataUrl: string, scope: string): string[] {
  const demand = demandParameters(error);
  // Our authorization server takes `max_age` and `acr_values` with the scope of OpenID Connect only.
  const scopes = demand.length === 0 ? scope : `openid ${scope}`;
  const place = [...demand, `resource_metadata="${resourceMetadataUrl}"`, `scope="${scopes}"`];
  return [
    `Bearer ${[...errorParameters(error, BEARER_ERRORS), ...place].join(', ')}`,
    `DPoP ${['algs="ES256"', ...errorParameters(error, DPOP_ERRORS), ...place].join(', ')}`,
  ];
}

function errorParameters(error: CodedError | undefined, names: Partial<Record<ErrorCode, string>>): string[] {
  const name = error && names[error.code];
  return name === undefined ? [] : [`error="${name}"`, `error_description="${quotable(error?.message ?? '')}"`];
}

function demandParameters(error: CodedError | undefined): string[] {
  if (error instanceof StepUpNeeded) return stepUpParameters(error.demand);
  return error?.code === 'sign_in_stale' ? stepUpParameters({ maxAge: FRESH_SIGN_IN }) : [];
}

/** RFC 6750 §3 permits printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replaceAll('’', "'").replaceAll(/[^\x20-\x7e]|["\\`]/g, '');
}
