import { postWebhook, type Webhook } from '../../delivery/post-webhook.js';
import type { Sink } from '../sink.js';
import { recordPortions } from './record-portions.js';

const MOST = 500;
/** What a usual web server takes in one request. */
const MOST_BYTES = 1_000_000;
const NDJSON = 'application/x-ndjson';

interface WebhookOptions {
  readonly name: string;
  readonly format: 'ndjson' | 'ocsf';
  readonly webhook: Webhook;
}

/** Tells one address, signed, one record a line. The id of a request names its first and last record, at each attempt the same. */
export function webhookSink({ name, format, webhook }: WebhookOptions): Sink {
  return {
    name,
    most: MOST,
    async send(records, signal) {
      for (const { first, last, lines } of recordPortions(records, format, MOST_BYTES)) {
        const id = `records_${first.header.id}_${last.header.id}`;
        await postWebhook(webhook, { id, contentType: NDJSON, body: lines }, signal);
      }
    },
  };
}
