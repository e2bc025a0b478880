import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Failure, ObservedRequest } from './requests/observed-request.js';

/** Seconds (semantic conventions of MCP, metrics: `ExplicitBucketBoundaries`). */
const DURATION_BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** Tools and prompts with times of their own; of more, the server's alone are kept. */
const MAX_TARGETS = 1_000;
const NO_COUNTS = { calls: 0, streams: 0 };

const OPERATION_LABELS = [
  'mcp_method_name',
  'mcp_sso_server',
  'gen_ai_tool_name',
  'gen_ai_prompt_name',
  'error_type',
] as const;
type OperationLabels = Partial<Record<(typeof OPERATION_LABELS)[number], string>>;

/**
 * Requests of MCP. Servers are those of the catalog, tools and prompts those that their servers have listed: no label holds
 * a word of a client. Names of the first three: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md#metrics
 */
export class RequestMetrics {
  readonly #serverDuration: Histogram<keyof OperationLabels>;
  readonly #clientDuration: Histogram<keyof OperationLabels>;
  readonly #sessionDuration: Histogram<'mcp_protocol_version'>;
  readonly #decisions: Counter<'server' | 'decision'>;
  readonly #refusals: Counter<'code'>;
  readonly #upstreamErrors: Counter<'server' | 'error'>;
  readonly #targets = new Set<string>();
  #counts: () => typeof NO_COUNTS = () => NO_COUNTS;

  constructor(registry: Registry) {
    const registers = [registry];
    const durations = { labelNames: OPERATION_LABELS, buckets: DURATION_BUCKETS, registers };
    this.#serverDuration = new Histogram({
      name: 'mcp_server_operation_duration_seconds',
      help: 'MCP requests of clients, from their first byte until the answer was sent.',
      ...durations,
    });
    this.#clientDuration = new Histogram({
      name: 'mcp_client_operation_duration_seconds',
      help: 'Calls at MCP servers, from sending until the answer had come.',
      ...durations,
    });
    this.#sessionDuration = new Histogram({
      name: 'mcp_server_session_duration_seconds',
      help: 'MCP sessions of older clients that the client has ended.',
      labelNames: ['mcp_protocol_version'],
      buckets: [...DURATION_BUCKETS, 1_800, 7_200, 43_200],
      registers,
    });
    this.#decisions = new Counter({
      name: 'mcp_sso_calls_total',
      help: 'Calls that were decided about, by server (none where it does not exist) and decision.',
      labelNames: ['server', 'decision'],
      registers,
    });
    this.#refusals = new Counter({
      name: 'mcp_sso_refusals_total',
      help: 'MCP requests that were refused before anybody was identified, by error code; they are on no record.',
      labelNames: ['code'],
      registers,
    });
    this.#upstreamErrors = new Counter({
      name: 'mcp_sso_upstream_errors_total',
      help: 'Calls that failed at or on the way to their MCP server, by server and error.',
      labelNames: ['server', 'error'],
      registers,
    });
    const counts = (): typeof NO_COUNTS => this.#counts();
    const underWay = {
      name: 'mcp_sso_calls_under_way',
      help: 'MCP requests that are being answered, without streams.',
    };
    const open = { name: 'mcp_sso_streams_open', help: 'Streams on which clients listen.' };
    registry.registerMetric(gaugeOf(underWay, () => counts().calls));
    registry.registerMetric(gaugeOf(open, () => counts().streams));
  }

  /** Asked at each look. */
  watch(counts: () => typeof NO_COUNTS): void {
    this.#counts = counts;
  }

  answered(request: ObservedRequest): void {
    const labels = this.#labelsOf(request);
    const seconds = (request.endedAt - request.startedAt) / 1_000;
    this.#serverDuration.observe(withError(labels, request.failure), seconds);
    const { decision, server = '', upstreamFailure } = request;
    if (decision !== undefined) this.#decisions.inc({ server, decision });
    const called = request.upstreamSeconds;
    if (called === undefined) return;
    this.#clientDuration.observe(withError(labels, upstreamFailure), called);
    if (upstreamFailure) this.#upstreamErrors.inc({ server, error: upstreamFailure.type });
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  sessionEnded(protocolVersion: string, milliseconds: number): void {
    this.#sessionDuration.observe({ mcp_protocol_version: protocolVersion }, milliseconds / 1_000);
  }

  #labelsOf({ method, server, target }: ObservedRequest): OperationLabels {
    const labels = { mcp_method_name: method, ...(server === undefined ? {} : { mcp_sso_server: server }) };
    if (target === undefined || !this.#isCounted(`${server} ${target.kind} ${target.name}`)) return labels;
    const name = target.kind === 'tool' ? 'gen_ai_tool_name' : 'gen_ai_prompt_name';
    return { ...labels, [name]: target.name };
  }

  #isCounted(target: string): boolean {
    if (this.#targets.size < MAX_TARGETS) this.#targets.add(target);
    return this.#targets.has(target);
  }
}

function withError(labels: OperationLabels, failure: Failure | undefined): OperationLabels {
  return failure === undefined ? labels : { ...labels, error_type: failure.type };
}

function gaugeOf(named: { readonly name: string; readonly help: string }, read: () => number): Gauge {
  return new Gauge({
    ...named,
    registers: [],
    collect() {
      this.set(read());
    },
  });
}
