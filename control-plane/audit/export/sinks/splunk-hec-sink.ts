import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ExportedRecord } from '../exported-record.js';
import { ocsfEvent } from '../formats/ocsf/event.js';
import type { Sink } from '../sink.js';
import { answerContent } from '../../delivery/answer-content.js';
import { answerFailure } from '../../delivery/answer-failure.js';
import { bodiesOf } from './bodies.js';
import { onlyTaken, type Exchange } from '../../delivery/send.js';

const MOST = 500;
/** What every release of Splunk takes in one request. */
const MOST_BYTES = 1_000_000;

/** "Possible error codes" of the collector's documentation; a token is judged before. */
const noData = z.object({ code: z.literal(5) });

const compress = promisify(gzip);

interface SplunkHecOptions {
  readonly name: string;
  /** Origin of the HTTP Event Collector. */
  readonly url: string;
  readonly index?: string | undefined;
  readonly sourcetype: string;
  /** Of the control plane. */
  readonly host: string;
  readonly format: 'ndjson' | 'ocsf';
  readonly gzip: boolean;
  /** Read at each batch, so that a new one needs no restart. */
  readonly token: () => Promise<string>;
  readonly exchange: Exchange;
}

/** Splunk's HTTP Event Collector, `/services/collector/event`: the record's id and index are fields of each event. */
export function splunkHecSink({ name, url, token, exchange, gzip: isGzip, ...about }: SplunkHecOptions): Sink {
  const address = `${url.replace(/\/$/, '')}/services/collector/event`;
  const send = onlyTaken(exchange);
  const authorization = async () => `Splunk ${await token()}`;
  return {
    name,
    most: MOST,
    async send(records, signal) {
      const headers = {
        authorization: await authorization(),
        'content-type': 'application/json',
        ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
      };
      for (const text of bodiesOf(
        records.map((record) => JSON.stringify(eventOf(record, about))),
        MOST_BYTES,
      )) {
        const body = isGzip ? await compress(text) : text;
        await send(address, { method: 'POST', headers, body }, signal);
      }
    },
    /** An empty request: a collector that knows the token says that there is no data. */
    async probe(signal) {
      const headers = { authorization: await authorization() };
      const { status, text, retryAfter } = await exchange(address, { method: 'POST', headers }, signal);
      if (answerContent(noData, text)) return;
      throw answerFailure(status, retryAfter, Date.now());
    },
  };
}

function eventOf(
  record: ExportedRecord,
  { index, sourcetype, host, format }: Pick<SplunkHecOptions, 'index' | 'sourcetype' | 'host' | 'format'>,
): object {
  return {
    time: record.header.ts / 1000,
    host,
    source: 'mcp-sso',
    sourcetype,
    ...(index === undefined ? {} : { index }),
    event: format === 'ocsf' ? ocsfEvent(record) : record,
    fields: { record_id: record.header.id, record_index: record.idx },
  };
}
