import type { Requirements } from './requirements.js';

/** A check that comes out otherwise through the product, and why that is right. */
export interface Accepted {
  readonly requirements: Requirements;
  readonly check: string;
  /** Accepted only where the check is not made: one that fails counts. */
  readonly through?: 'not made';
  readonly because: string;
}

const LEGACY = '2025-11-25';
const STREAMS = 'server-sse-multiple-streams server-sse-streams-functional ServerSSEStreamsFunctional';
const PRIMING = 'server-sse-polling server-sse-priming-event ServerSendsPrimingEvent';
const RETRY = 'server-sse-polling server-sse-retry-field ServerSendsRetryField';

const ANSWERED_AS_JSON =
  'Where there is nothing to say before the answer, the gateway sends JSON instead of a stream, as the standard lets it. ' +
  'The suite then makes a note in place of the check.';
const NO_HEADERS_ON_STDIO =
  'A message over stdio has no headers: the bridge makes them from the arguments, so there can be no wrong one to refuse.';

const POLLING = 'server-sse-polling incoming-sse-event IncomingSseEvent';
const HELD_BACK =
  'The suite calls test_reconnection, which the server does not list: the gateway holds it back in a result, as JSON, before anything streams.';

const UNLISTED: readonly Accepted[] = [
  'tasks-capability-negotiation sep-2663-server-rejects-undeclared-client TasksToolsCallWithoutExtensionSync',
  'tasks-dispatch-and-envelope sep-2663-legacy-task-param-ignored TasksLegacyTaskParamIgnored',
  'tasks-dispatch-and-envelope tasks-immediate-result-shortcut TasksImmediateResultShortcut',
  'tasks-dispatch-and-envelope tasks-result-type-complete-on-non-task-responses TasksResultTypeCompleteOnNonTaskResponses',
  'tasks-lifecycle tasks-sync-tool-call TasksSyncToolCall',
].map((check) => ({
  requirements: '2026-07-28',
  check,
  because:
    'The suite calls a tool that the server does not list: the gateway holds it back in a result, the server answers with an error.',
}));

/** The broker, against the SDK's own client. */
const MODERN = '2026-07-28';

const ASKED_ONCE =
  'The server refuses the same scope again and again. The SDK sends the person to it up to three times; the gateway asks ' +
  'for no consent to what the connection has already, and refuses the call with the reason.';
const SECOND_CONSENT = [
  'authorization-request AuthorizationRequest',
  'pkce-code-challenge-sent PKCE Code Challenge',
  'pkce-s256-method-used PKCE S256 Method',
];
const SECOND_TOKEN = [
  'token-request TokenRequest',
  'pkce-code-verifier-sent PKCE Code Verifier',
  'pkce-verifier-matches-challenge PKCE Verifier Validation',
];
/** All that a second and a third way of the same person through the authorization server would be judged by. */
const RETRIED = [
  ...SECOND_CONSENT.flatMap((check) => [`${check} 2`, `${check} 3`]),
  ...SECOND_TOKEN.map((check) => `${check} 2`),
];

export const BROKER: readonly Accepted[] = [
  ...([LEGACY, MODERN] as const).map((requirements) => ({
    requirements,
    check: 'auth/basic-cimd cimd-client-id-used Client ID Metadata Document Usage',
    because:
      'The suite knows one client id. Ours is the address at which a control plane publishes its document, which the suite takes for none.',
  })),
  ...([LEGACY, MODERN] as const).flatMap((requirements) =>
    RETRIED.map((check) => ({
      requirements,
      check: `auth/scope-retry-limit ${check}`,
      through: 'not made' as const,
      because: ASKED_ONCE,
    })),
  ),
  {
    requirements: MODERN,
    check: 'auth/offline-access-scope sep-2207-offline-access-requested Client requests offline_access scope',
    because:
      'The broker asks for offline_access where the server offers it, and the SDK does not: a connection is to last.',
  },
  {
    requirements: MODERN,
    check: 'auth/resource-mismatch authorization-server-metadata AuthorizationServerMetadata',
    because:
      'The broker stops at metadata that is for another resource, before it asks the authorization server that it names.',
  },
];

export const GATEWAY: readonly Accepted[] = [
  ...[STREAMS, PRIMING, RETRY].map((check) => ({ requirements: LEGACY, check, because: ANSWERED_AS_JSON }) as const),
  ...UNLISTED,
];

/** In front of a server that speaks only the older revision. */
export const LEGACY_GATEWAY: readonly Accepted[] = [
  { requirements: LEGACY, check: STREAMS, because: ANSWERED_AS_JSON },
  ...[PRIMING, RETRY].map((check) => ({ requirements: LEGACY, check, because: HELD_BACK }) as const),
];

export const EVERYTHING: readonly Accepted[] = [
  ...LEGACY_GATEWAY,
  { requirements: LEGACY, check: POLLING, because: HELD_BACK },
  {
    requirements: LEGACY,
    check: 'dns-rebinding-protection localhost-host-rebinding-rejected DNSRebindingRejected',
    because: 'server-everything takes any Host and Origin; the gateway does not.',
  },
  {
    requirements: LEGACY,
    check: 'server-session-lifecycle server-session-terminated-returns-404 SessionTerminatedReturns404',
    because:
      'server-everything answers 400 to the id of a session that has ended, and the gateway 404, as the standard says.',
  },
];

export const BRIDGE: readonly Accepted[] = [
  ...UNLISTED,
  { requirements: LEGACY, check: POLLING, because: HELD_BACK },
  ...[
    'sep-2243-server-reject-invalid-param-chars ServerRejectsInvalidBase64Chars',
    'sep-2243-server-reject-invalid-param-chars ServerRejectsInvalidBase64Padding',
    'sep-2243-server-reject-param-mismatch ServerRejectsInvalidBase64CharsErrorCode',
    'sep-2243-server-reject-param-mismatch ServerRejectsInvalidBase64PaddingErrorCode',
    'sep-2243-server-reject-param-mismatch ServerRejectsMissingCustomHeaderErrorCode',
    'sep-2243-server-validate-param-match ServerRejectsMissingCustomHeader',
  ].map((check) => ({
    requirements: '2026-07-28' as const,
    check: `http-custom-header-server-validation ${check}`,
    because: NO_HEADERS_ON_STDIO,
  })),
];
