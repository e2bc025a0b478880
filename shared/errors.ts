/** How one error code shows itself on every surface of the product. */
export interface ErrorForm {
  /** HTTP status. */
  readonly http: number;
  /** JSON-RPC error code; our own lie outside the range reserved by JSON-RPC and MCP (-32768 … -32000). */
  readonly jsonRpc: number;
  /** Exit code of the CLI (design: 1 failed, 2 usage, 3 configuration, 4 sign-in, 5 network, 6 denied, 7 store, 8 findings). */
  readonly exit: number;
  /** What a person is told when no better public message is at hand. */
  readonly text: string;
}

/** Every error of the product. The one table: docs, HTTP, JSON-RPC and exit codes are read from here. */
export const ERRORS = {
  // the message itself
  request_unparsable: { http: 400, jsonRpc: -32700, exit: 1, text: 'The request is not valid JSON.' },
  request_invalid: { http: 400, jsonRpc: -32600, exit: 1, text: 'The request is not a valid JSON-RPC message.' },
  params_invalid: { http: 400, jsonRpc: -32602, exit: 1, text: 'The parameters of the request are not valid.' },
  method_unknown: { http: 404, jsonRpc: -32601, exit: 1, text: 'This method is not offered here.' },
  request_state_invalid: {
    http: 400,
    jsonRpc: -32602,
    exit: 1,
    text: 'The state of this request has expired, was used already or belongs to another request. Make the call again from the start.',
  },
  header_mismatch: { http: 400, jsonRpc: -32020, exit: 1, text: 'A header contradicts the body of the request.' },
  protocol_unsupported: { http: 400, jsonRpc: -32022, exit: 1, text: 'This protocol version is not supported.' },
  request_too_large: { http: 413, jsonRpc: -31413, exit: 1, text: 'The request is larger than the limit.' },
  origin_refused: { http: 403, jsonRpc: -31403, exit: 1, text: 'Requests from this origin are not accepted.' },
  rate_limited: {
    http: 429,
    jsonRpc: -31429,
    exit: 1,
    text: 'Too many requests, so this one was refused. Try again in a moment.',
  },

  // who is calling
  sign_in_needed: { http: 401, jsonRpc: -31001, exit: 4, text: 'Sign in first: run `mcp-sso login`.' },
  token_invalid: { http: 401, jsonRpc: -31002, exit: 4, text: 'The access token is not valid here.' },
  dpop_invalid: { http: 401, jsonRpc: -31003, exit: 4, text: 'The DPoP proof is missing or not valid.' },
  session_ended: {
    http: 401,
    jsonRpc: -31004,
    exit: 4,
    text: 'Your session has ended. Sign in again: run `mcp-sso login`.',
  },
  session_unconfirmed: {
    http: 503,
    jsonRpc: -31008,
    exit: 1,
    text: 'Whether your session still holds cannot be checked at the moment, so this was refused. Try again shortly.',
  },
  account_disabled: {
    http: 403,
    jsonRpc: -31009,
    exit: 6,
    text: 'Your account has been disabled, so nobody can sign in with it. Ask your administrator.',
  },
  scope_insufficient: { http: 403, jsonRpc: -31005, exit: 6, text: 'The token lacks the scope that this needs.' },
  sign_in_stale: {
    http: 401,
    jsonRpc: -31007,
    exit: 4,
    text: 'Changes need a sign-in from the last 10 minutes. Sign in again.',
  },
  step_up_needed: {
    http: 401,
    jsonRpc: -31017,
    exit: 4,
    text: 'Company policy wants a new sign-in for this call. Sign in again, then repeat the call.',
  },
  role_missing: { http: 403, jsonRpc: -31006, exit: 6, text: 'Your account does not have the role that this needs.' },

  // what may be done
  policy_denied: { http: 403, jsonRpc: -31010, exit: 6, text: 'Company policy does not permit this.' },
  approval_needed: {
    http: 403,
    jsonRpc: -31018,
    exit: 6,
    text: 'Company policy wants somebody else to approve this call first.',
  },
  policy_failed: {
    http: 503,
    jsonRpc: -31011,
    exit: 1,
    text: 'The policy could not be evaluated, so the call was refused.',
  },
  audit_unavailable: {
    http: 503,
    jsonRpc: -31012,
    exit: 1,
    text: 'The audit log cannot be written, so the call was refused. Try again in a moment; if it stays so, tell your administrator.',
  },
  server_unknown: { http: 404, jsonRpc: -31013, exit: 1, text: 'There is no such MCP server here.' },

  // the catalog of servers, roles and policies
  catalog_stale: {
    http: 409,
    jsonRpc: -31014,
    exit: 1,
    text: 'Another revision has become active meanwhile. Read the active one, and make your change to that.',
  },
  review_stale: {
    http: 409,
    jsonRpc: -31019,
    exit: 1,
    text: 'This definition is not, or no longer, what was shown. Look at it again, and decide about what you see.',
  },
  legal_hold: {
    http: 409,
    jsonRpc: -31409,
    exit: 6,
    text: 'Records of this person are under a legal hold, so nothing of them can be erased. An owner can release it: mcp-sso admin holds.',
  },
  catalog_from_files: {
    http: 409,
    jsonRpc: -31015,
    exit: 1,
    text: 'Servers, roles and policies come from the configuration directory here. Change them there, or set `catalog: { source: api }` and restart.',
  },
  catalog_refused: {
    http: 422,
    jsonRpc: -31016,
    exit: 3,
    text: 'The proposed revision has faults.',
  },

  // the far side
  credential_unavailable: {
    http: 502,
    jsonRpc: -31020,
    exit: 1,
    text: 'The credential for this server is not available, so the call was refused. Tell your administrator.',
  },
  connection_needed: {
    http: 403,
    jsonRpc: -31026,
    exit: 4,
    text: 'This server wants your own account. Connect it once: run `mcp-sso connections`.',
  },
  connection_refused: {
    http: 502,
    jsonRpc: -31027,
    exit: 4,
    text: 'Your connection to this server does not hold any more. Connect it again: run `mcp-sso connections`.',
  },
  upstream_unreachable: {
    http: 502,
    jsonRpc: -31021,
    exit: 1,
    text: 'The MCP server cannot be reached. The call was not made.',
  },
  upstream_refused: {
    http: 502,
    jsonRpc: -31022,
    exit: 1,
    text: 'The MCP server refused the company’s credential. Tell your administrator.',
  },
  upstream_invalid: {
    http: 502,
    jsonRpc: -31023,
    exit: 1,
    text: 'The MCP server answered with something that is not MCP.',
  },
  upstream_timeout: {
    http: 504,
    jsonRpc: -31024,
    exit: 1,
    text: 'The MCP server did not answer in time. It is not known whether the call took effect.',
  },
  outcome_unknown: {
    http: 502,
    jsonRpc: -31025,
    exit: 1,
    text: 'The connection broke after the call was sent. It is not known whether it took effect.',
  },
  question_unanswered: {
    http: 502,
    jsonRpc: -31029,
    exit: 1,
    text: 'The MCP server asked for input and got no answer. The call was not completed.',
  },

  // the company's identity provider
  idp_unreachable: {
    http: 503,
    jsonRpc: -31030,
    exit: 5,
    text: 'The company’s identity provider cannot be reached. Try again in a moment.',
  },
  sign_in_failed: { http: 403, jsonRpc: -31031, exit: 4, text: 'The sign-in did not succeed.' },
  sign_in_expired: {
    http: 400,
    jsonRpc: -31032,
    exit: 4,
    text: 'This sign-in has expired or was already used.',
  },
  device_login_off: {
    http: 403,
    jsonRpc: -31033,
    exit: 4,
    text: 'Device login is switched off here. Sign in through a browser: run `mcp-sso login` on a computer that has one.',
  },

  // our own machine
  usage: { http: 400, jsonRpc: -32602, exit: 2, text: 'The command was used wrongly. Add --help to see an example.' },
  config_invalid: { http: 500, jsonRpc: -31040, exit: 3, text: 'The configuration has faults.' },
  network: {
    http: 502,
    jsonRpc: -31041,
    exit: 5,
    text: 'The control plane cannot be reached. Check the network, or ask your administrator.',
  },
  credential_store: {
    http: 500,
    jsonRpc: -31042,
    exit: 7,
    text: 'The credential store of this computer cannot be used.',
  },
  findings: { http: 500, jsonRpc: -31043, exit: 8, text: 'The check found something.' },
  database_unavailable: {
    http: 503,
    jsonRpc: -31044,
    exit: 1,
    text: 'The database of the control plane cannot be reached, so this was refused. Try again in a moment.',
  },
  not_found: { http: 404, jsonRpc: -31404, exit: 1, text: 'There is nothing here.' },
  shutting_down: {
    http: 503,
    jsonRpc: -31503,
    exit: 1,
    text: 'The control plane is restarting, so this was refused. Try again in a moment.',
  },
  interrupted: { http: 499, jsonRpc: -31499, exit: 130, text: 'Interrupted.' },
  internal: { http: 500, jsonRpc: -32603, exit: 1, text: 'Something went wrong inside mcp-sso.' },
} as const satisfies Record<string, ErrorForm>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorParts {
  /** Said to the person instead of the table's text. Never a secret, a token or an argument value. */
  readonly message?: string;
  /** For the log only; never leaves the process. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** An error with a code of the table. `message` is public, `detail` is not. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, parts: ErrorParts = {}) {
    super(parts.message ?? ERRORS[code].text, { cause: parts.cause });
    this.name = 'CodedError';
    this.code = code;
    this.detail = parts.detail;
  }

  get form(): ErrorForm {
    return ERRORS[this.code];
  }
}

/** The message of any thrown value, for `detail` and operators; never for a client. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any thrown value as a coded error; what we did not foresee is `internal`, its text kept private. */
export function asCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('internal', { detail: errorText(error), cause: error });
}
