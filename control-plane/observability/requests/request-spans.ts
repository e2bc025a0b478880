import { randomBytes } from 'node:crypto';
import { isServerFault } from './failure.js';
import type { ObservedRequest, TimedStep } from './observed-request.js';
import { clientAttributes, serverAttributes, type Attributes } from './span-attributes.js';

/** One span, before any library of OpenTelemetry is asked. Times are epoch milliseconds with fractions. */
export interface SpanData {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  /** 32 and 16 lower-case hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
  readonly link: { readonly traceId: string; readonly spanId: string } | undefined;
}

/**
 * The spans of one request: the one that its audit records and its server know, and one for each step below it. A `tracestate`
 * goes on to the server and not to the collector: it is the client's own text.
 */
export function spansOf(request: ObservedRequest, newSpanId = randomSpanId): SpanData[] {
  const { trace, startedAt, endedAt, failure } = request;
  if (trace === undefined) return [];
  const whole: SpanData = {
    name: nameOf(request),
    kind: 'server',
    traceId: trace.trace,
    spanId: trace.span,
    parentSpanId: trace.parentSpan,
    startedAt,
    endedAt,
    attributes: serverAttributes(request),
    isError: failure !== undefined && isServerFault(failure),
    link:
      trace.linkedTrace === undefined || trace.linkedSpan === undefined
        ? undefined
        : { traceId: trace.linkedTrace, spanId: trace.linkedSpan },
  };
  const steps = request.steps.map((step) => ({
    ...whole,
    ...stepOf(request, step),
    spanId: newSpanId(),
    parentSpanId: trace.span,
    link: undefined,
  }));
  return [whole, ...steps];
}

type Step = Pick<SpanData, 'name' | 'kind' | 'startedAt' | 'endedAt' | 'attributes' | 'isError'>;

function stepOf(request: ObservedRequest, { name, startedAt, endedAt, failed }: TimedStep): Step {
  const times = { startedAt, endedAt };
  if (name === 'upstream') {
    const isError = request.upstreamFailure !== undefined;
    return { ...times, name: nameOf(request), kind: 'client', attributes: clientAttributes(request), isError };
  }
  const attributes = { ...aboutStep(request, name), ...(failed === undefined ? {} : { 'error.type': failed }) };
  return { ...times, name, kind: 'internal', attributes, isError: failed !== undefined };
}

function aboutStep({ decision, policies, record }: ObservedRequest, name: TimedStep['name']): Attributes {
  if (name === 'policy decision' && decision !== undefined) {
    return { 'mcp_sso.decision': decision, 'mcp_sso.policy.ids': policies ?? [] };
  }
  const isAudit = name === 'audit intent' || name === 'audit outcome';
  return isAudit && record !== undefined ? { 'mcp_sso.audit.record': record } : {};
}

/** `{mcp.method.name} {target}`; a target that is not of few values is left out. */
function nameOf({ method, target }: ObservedRequest): string {
  return target === undefined ? method : `${method} ${target.name}`;
}

function randomSpanId(): string {
  return randomBytes(8).toString('hex');
}
