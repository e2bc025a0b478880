import { z } from 'zod';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';
import type { Sink } from '../sink.js';
import { answerContent } from '../../delivery/answer-content.js';
import { logRecord } from './otlp-log-record.js';
import type { Send } from '../../delivery/send.js';

const MOST = 500;
/** What the same batch will not change. */
const SLOWLY_MS = 60_000;
const PATH = '/v1/logs';

/** `ExportLogsServiceResponse`; an int64 is a text in JSON, and some write a number. */
const exportAnswer = z.object({
  partialSuccess: z.object({ rejectedLogRecords: z.coerce.number().default(0) }).nullish(),
});

interface OtlpOptions {
  readonly name: string;
  /** As `OTEL_EXPORTER_OTLP_ENDPOINT`: `/v1/logs` is added where it is not there. */
  readonly url: string;
  /** Of the control plane. */
  readonly host: string;
  readonly format: 'ndjson' | 'ocsf';
  /** Read at each batch. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly send: Send;
}

/**
 * OTLP/HTTP 1.x with JSON (opentelemetry.io/docs/specs/otlp/#otlphttp). Where a receiver rejects some records, OTLP would have
 * them dropped; an audit log has none to drop, so the batch stays where it is and comes again, slowly.
 */
export function otlpSink({ name, url, host, format, headers, send }: OtlpOptions): Sink {
  const base = url.replace(/\/$/, '');
  const address = base.endsWith(PATH) ? base : `${base}${PATH}`;
  const resource = { attributes: [attribute('service.name', 'mcp-sso'), attribute('host.name', host)] };
  const exportRecords = async (resourceLogs: readonly object[], signal: AbortSignal): Promise<number> => {
    const all = { ...(await headers()), 'content-type': 'application/json' };
    const { text } = await send(
      address,
      { method: 'POST', headers: all, body: JSON.stringify({ resourceLogs }) },
      signal,
    );
    return answerContent(exportAnswer, text)?.partialSuccess?.rejectedLogRecords ?? 0;
  };
  return {
    name,
    most: MOST,
    async send(records, signal) {
      const logRecords = records.map((record) => logRecord(record, format));
      const scopeLogs = [{ scope: { name: 'mcp-sso.audit' }, logRecords }];
      const rejected = await exportRecords([{ resource, scopeLogs }], signal);
      if (rejected === 0) return;
      throw new DeliveryFailure(`it rejected ${rejected} of ${records.length} records`, { retryAfterMs: SLOWLY_MS });
    },
    /** "If the server receives an empty request … the server SHOULD respond with success." */
    async probe(signal) {
      await exportRecords([], signal);
    },
  };
}

function attribute(key: string, text: string): object {
  return { key, value: { stringValue: text } };
}
