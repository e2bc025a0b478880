import type { Trace } from '../../correlation/trace.js';

/** What is timed of a request, in the order of `gateway/call/index.ts`. */
export type StepName = 'identify' | 'policy decision' | 'audit intent' | 'credential' | 'upstream' | 'audit outcome';

/** Times are epoch milliseconds with fractions. */
export interface TimedStep {
  readonly name: StepName;
  readonly startedAt: number;
  readonly endedAt: number;
  /** It threw: our error code. */
  readonly failed?: string;
}

/** How a request or a call ended badly; words of closed lists only. */
export interface Failure {
  /** `error.type`: the JSON-RPC code, `tool_error`, or our error code where no answer came. */
  readonly type: string;
  /** `rpc.response.status_code`: the JSON-RPC code, where one was returned. */
  readonly status?: string;
  /** Our error code (`shared/errors.ts`), where it is ours. */
  readonly code?: string;
}

/** Where a call went. */
export interface ObservedUpstream {
  readonly transport: 'tcp' | 'pipe';
  /** Host name and port of the server's settings. */
  readonly address?: string;
  readonly port?: number;
}

/**
 * What is known of one MCP request once it was answered: plain data, of which spans and metrics are made. It holds no
 * argument, no result, nobody's name, and no word that a client could choose freely but the bounded `requestId`.
 */
export interface ObservedRequest {
  /** A method of MCP, or `_OTHER`. */
  readonly method: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly steps: readonly TimedStep[];
  /** Absent where it was refused before its trace was read. */
  readonly trace?: Trace;
  readonly protocolVersion?: string;
  /** Of an older client's MCP session. */
  readonly sessionId?: string;
  readonly requestId?: string;
  /** `1.1` or `2`. */
  readonly httpVersion?: string;
  readonly clientAddress?: string;
  /** Id of a server in the catalog. */
  readonly server?: string;
  /** A tool or prompt that its server has listed. */
  readonly target?: { readonly kind: 'tool' | 'prompt'; readonly name: string };
  readonly decision?: 'allow' | 'deny';
  readonly policies?: readonly string[];
  /** Id of the audit record of the decision. */
  readonly record?: string;
  readonly upstream?: ObservedUpstream;
  /** How long the server took; absent where nothing was sent. */
  readonly upstreamSeconds?: number;
  /** Of the server's answer, or of none. */
  readonly upstreamFailure?: Failure;
  /** Of the answer to the client. */
  readonly failure?: Failure;
}
