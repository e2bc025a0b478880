import { z } from 'zod';
import type { ExportedRecord } from '../exported-record.js';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';
import type { Sink } from '../sink.js';
import { answerContent } from '../../delivery/answer-content.js';
import { portionsOf } from './bodies.js';
import { elasticDocument } from './elastic-document.js';
import { refusedDocument, type BulkItem } from './elastic-refusal.js';
import type { Send } from '../../delivery/send.js';

const MOST = 500;
/** Far below `http.max_content_length`, 100 MB unless a cluster says otherwise. */
const MOST_BYTES = 5_000_000;
/** All that is read of the answer. */
const FILTER = ['status', 'error.type', 'failure_store'].map((name) => `items.create.${name}`).join(',');

const bulkItem: z.ZodType<BulkItem> = z.object({
  status: z.int(),
  error: z.object({ type: z.string() }).optional(),
  failure_store: z.string().optional(),
});
const bulkAnswer = z.object({ items: z.array(z.object({ create: bulkItem })) });
const privileges = z.object({ has_all_requested: z.boolean() });

interface ElasticOptions {
  readonly name: string;
  /** Of the cluster. */
  readonly url: string;
  readonly dataStream: string;
  readonly format: 'ndjson' | 'ocsf';
  /** As Elasticsearch gives it out: base64 of id and key. */
  readonly apiKey: () => Promise<string>;
  readonly send: Send;
}

/**
 * Elasticsearch, `POST /DATA-STREAM/_bulk` (elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk). Each record is
 * created under its own id: one that is there already is taken.
 */
export function elasticSink({ name, url, dataStream, format, apiKey, send }: ElasticOptions): Sink {
  const base = url.replace(/\/$/, '');
  const address = `${base}/${dataStream}/_bulk?filter_path=${FILTER}`;
  const headersFor = async (type: string) => ({ authorization: `ApiKey ${await apiKey()}`, 'content-type': type });
  return {
    name,
    most: MOST,
    async send(records, signal) {
      const headers = await headersFor('application/x-ndjson');
      for (const { items, body } of portionsOf(records, (record) => operation(record, format), MOST_BYTES)) {
        const { text } = await send(address, { method: 'POST', headers, body }, signal);
        const answers = answerContent(bulkAnswer, text)?.items.map(({ create }) => create);
        const refusal = refusedDocument(items, answers, dataStream);
        if (refusal) throw refusal;
      }
    },
    /** Has privileges: elastic.co/docs/api/doc/elasticsearch/operation/operation-security-has-privileges. */
    async probe(signal) {
      const headers = await headersFor('application/json');
      const body = JSON.stringify({ index: [{ names: [dataStream], privileges: ['create_doc'] }] });
      const { text } = await send(`${base}/_security/user/_has_privileges`, { method: 'POST', headers, body }, signal);
      if (answerContent(privileges, text)?.has_all_requested === true) return;
      throw new DeliveryFailure(`its key may not create documents in the data stream ${dataStream}`);
    },
  };
}

/** Two lines: what to do, and the document. */
function operation(record: ExportedRecord, format: 'ndjson' | 'ocsf'): string {
  const action = { create: { _id: record.header.id } };
  return `${JSON.stringify(action)}\n${JSON.stringify(elasticDocument(record, format))}\n`;
}
