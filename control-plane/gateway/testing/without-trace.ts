import { parseTraceparent } from '../../correlation/trace-context.js';

/** `params` as a server got them, less the trace that the gateway adds to each; throws where it has added none. */
export function withoutTrace(params: Record<string, unknown> | undefined): Record<string, unknown> {
  const { _meta, ...rest } = params ?? {};
  const { traceparent, ...meta } = (_meta ?? {}) as Record<string, unknown>;
  if (parseTraceparent(traceparent) === undefined) throw new Error('no traceparent');
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
}
