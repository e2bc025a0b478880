import type { ExportedRecord } from '../exported-record.js';
import type { Sink } from '../sink.js';
import { answerFailure } from '../../delivery/answer-failure.js';
import { bodiesOf } from './bodies.js';
import type { EntraToken } from './entra-token.js';
import type { Exchange } from '../../delivery/send.js';
import { sentinelRow } from './sentinel-row.js';

const MOST = 500;
/** "Maximum size of API call: 1 MB" (learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits), less the brackets. */
const MOST_BYTES = 1_000_000;
const API_VERSION = '2023-01-01';

interface SentinelOptions {
  readonly name: string;
  /** Of the data collection endpoint, or of the rule itself. */
  readonly url: string;
  /** Immutable id of the data collection rule. */
  readonly ruleId: string;
  readonly stream: string;
  readonly format: 'ndjson' | 'ocsf';
  readonly token: EntraToken;
  readonly exchange: Exchange;
}

/** Logs Ingestion API of Azure Monitor (learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview). */
export function sentinelSink({ name, url, ruleId, stream, format, token, exchange }: SentinelOptions): Sink {
  const path = `dataCollectionRules/${ruleId}/streams/${stream}?api-version=${API_VERSION}`;
  const address = `${url.replace(/\/$/, '')}/${path}`;
  const rowOf = (record: ExportedRecord): string => `${JSON.stringify(sentinelRow(record, format))},`;
  const sendRows = async (rows: string, signal: AbortSignal): Promise<void> => {
    const headers = { authorization: `Bearer ${await token.read()}`, 'content-type': 'application/json' };
    const body = `[${rows.slice(0, -1)}]`;
    const { status, retryAfter } = await exchange(address, { method: 'POST', headers, body }, signal);
    if (status >= 200 && status <= 299) return;
    if (status === 401) token.forget();
    throw answerFailure(status, retryAfter, Date.now());
  };
  return {
    name,
    most: MOST,
    async send(records, signal) {
      for (const rows of bodiesOf(records.map(rowOf), MOST_BYTES)) await sendRows(rows, signal);
    },
    /** Only Entra is asked: nothing empty is known to be harmless there. */
    async probe() {
      token.forget();
      await token.read();
    },
  };
}
