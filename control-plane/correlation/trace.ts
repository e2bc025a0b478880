import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { META, TRACE_META } from '#shared/mcp/meta.js';
import type { RecordFacts } from '../audit/record.js';
import { formatTraceparent, parseTraceparent, parseTracestate } from './trace-context.js';

/** Where one request stands in a trace (W3C Trace Context): its own span, and the one that asked for it. */
export interface Trace {
  readonly trace: string;
  readonly span: string;
  readonly parentSpan: string | undefined;
  /** The trace of the HTTP request, where the message itself belongs to another. */
  readonly linkedTrace: string | undefined;
  readonly linkedSpan: string | undefined;
  readonly flags: number;
  readonly state: string | undefined;
}

/** A new trace has a random id and nobody has asked that it be sampled. */
const NEW_FLAGS = 0b10;

/**
 * The message's own context is the parent (MCP 2026-07-28, `_meta`; SEP-414), and that of the HTTP request where it has
 * none. What is malformed counts as absent: no call fails for it.
 */
export function continueTrace(meta: JsonObject, headers: IncomingHttpHeaders): Trace {
  const own = parseTraceparent(meta[TRACE_META.traceparent]);
  const carrier = parseTraceparent(headers['traceparent']);
  const parent = own ?? carrier;
  const linked = carrier && carrier.traceId !== parent?.traceId ? carrier : undefined;
  const state = own ? meta[TRACE_META.tracestate] : headers['tracestate'];
  return {
    trace: parent?.traceId ?? randomBytes(16).toString('hex'),
    span: randomBytes(8).toString('hex'),
    parentSpan: parent?.parentId,
    linkedTrace: linked?.traceId,
    linkedSpan: linked?.parentId,
    flags: parent?.flags ?? NEW_FLAGS,
    state: parent && parseTracestate(state),
  };
}

const SAMPLED = 0b01;

/** The same for those who come after us, where we export our part of it (W3C Trace Context §3.2.2.3.1). */
export function sampled(trace: Trace): Trace {
  return { ...trace, flags: trace.flags | SAMPLED };
}

export function traceFacts({ trace, span, parentSpan, linkedTrace }: Trace): RecordFacts {
  return {
    trace,
    span,
    ...(parentSpan === undefined ? {} : { parentSpan }),
    ...(linkedTrace === undefined ? {} : { linkedTrace }),
  };
}

/**
 * `_meta` as a server gets it: our span is the parent. `baggage` is for whoever is on the client's side of us, and so is
 * what the client says of its agents under our own key; all else stays as it is.
 */
export function metaForServer(meta: JsonObject, { trace, span, flags, state }: Trace): JsonObject {
  const {
    [TRACE_META.traceparent]: _parent,
    [TRACE_META.tracestate]: _state,
    [TRACE_META.baggage]: _baggage,
    [META.chain]: _chain,
    ...rest
  } = meta;
  return {
    ...rest,
    [TRACE_META.traceparent]: formatTraceparent({ traceId: trace, parentId: span, flags }),
    ...(state === undefined ? {} : { [TRACE_META.tracestate]: state }),
  };
}
