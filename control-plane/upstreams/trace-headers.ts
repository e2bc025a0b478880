import { isObject } from '#shared/mcp/json-rpc.js';
import { TRACE_META } from '#shared/mcp/meta.js';

/** A request is traced by whatever stands in front of the server too: what its `_meta` says, as HTTP says it (W3C Trace Context). */
export function traceHeaders({ params }: { readonly params?: unknown }): Record<string, string> {
  const meta = isObject(params) ? params['_meta'] : undefined;
  if (!isObject(meta)) return {};
  const { [TRACE_META.traceparent]: parent, [TRACE_META.tracestate]: state } = meta;
  if (typeof parent !== 'string') return {};
  return { traceparent: parent, ...(typeof state === 'string' ? { tracestate: state } : {}) };
}
