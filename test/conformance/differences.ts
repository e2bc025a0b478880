import type { Requirements } from './suite.js';

/** A check that comes out otherwise through the product, and why that is right. */
interface Accepted {
  readonly requirements: Requirements;
  readonly check: string;
  readonly because: string;
}

const ANSWERED_AS_JSON =
  'Where there is nothing to say before the answer, the gateway sends JSON instead of a stream, as the standard lets it. ' +
  'The suite then makes a note in place of the check.';
const NO_HEADERS_ON_STDIO =
  'A message over stdio has no headers: the bridge makes them from the arguments, so there can be no wrong one to refuse.';

export const GATEWAY: readonly Accepted[] = [
  'server-sse-multiple-streams server-sse-streams-functional ServerSSEStreamsFunctional',
  'server-sse-polling server-sse-priming-event ServerSendsPrimingEvent',
  'server-sse-polling server-sse-retry-field ServerSendsRetryField',
].map((check) => ({ requirements: '2025-11-25', check, because: ANSWERED_AS_JSON }));

export const BRIDGE: readonly Accepted[] = [
  'sep-2243-server-reject-invalid-param-chars ServerRejectsInvalidBase64Chars',
  'sep-2243-server-reject-invalid-param-chars ServerRejectsInvalidBase64Padding',
  'sep-2243-server-reject-param-mismatch ServerRejectsInvalidBase64CharsErrorCode',
  'sep-2243-server-reject-param-mismatch ServerRejectsInvalidBase64PaddingErrorCode',
  'sep-2243-server-reject-param-mismatch ServerRejectsMissingCustomHeaderErrorCode',
  'sep-2243-server-validate-param-match ServerRejectsMissingCustomHeader',
].map((check) => ({
  requirements: '2026-07-28',
  check: `http-custom-header-server-validation ${check}`,
  because: NO_HEADERS_ON_STDIO,
}));
