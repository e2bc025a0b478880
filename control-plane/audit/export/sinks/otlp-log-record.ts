import type { ExportedRecord } from '../exported-record.js';
import { ocsfEvent } from '../formats/ocsf/event.js';
import { statusOf } from '../formats/ocsf/status.js';
import { anyValue, keyValues, type KeyValue } from './otlp-any-value.js';
import { attributesOf } from './otlp-attributes.js';

/** `severity_id` of OCSF as a severity number of the log data model, and its short name. */
const SEVERITIES: Readonly<Record<number, readonly [number: number, text: string]>> = {
  2: [13, 'WARN'],
  4: [17, 'ERROR'],
};
const INFO = [9, 'INFO'] as const;

/** `LogRecord` of the log data model (opentelemetry.io/docs/specs/otel/logs/data-model). */
interface LogRecord {
  /** 64-bit integers are texts in JSON. */
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: object;
  readonly attributes: readonly KeyValue[];
  /** Hexadecimal digits in JSON, not base64. */
  readonly traceId?: string;
  readonly spanId?: string;
}

/** One record; its body is the whole of it, or the event of OCSF. */
export function logRecord(record: ExportedRecord, format: 'ndjson' | 'ocsf'): LogRecord {
  const { ts, type, facts } = record.header;
  const [severityNumber, severityText] = SEVERITIES[statusOf(record).severity_id] ?? INFO;
  const { trace, span } = facts;
  const time = String(BigInt(ts) * 1_000_000n);
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    eventName: `mcp_sso.${type}`,
    body: anyValue(format === 'ocsf' ? ocsfEvent(record) : record),
    attributes: keyValues(attributesOf(record)),
    ...(typeof trace === 'string' ? { traceId: trace } : {}),
    ...(typeof span === 'string' ? { spanId: span } : {}),
  };
}
