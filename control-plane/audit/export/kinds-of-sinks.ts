import { resolve } from 'node:path';
import type { SinkSettings } from '../../config/export-settings.js';
import type { Environment } from '../../config/secret-reference.js';
import { objectStorageOf, webhookOf } from '../delivery/destinations.js';
import type { Sink } from './sink.js';
import { elasticSink } from './sinks/elastic-sink.js';
import { EntraToken } from './sinks/entra-token.js';
import { fileSink } from './sinks/file-sink.js';
import { objectStorageSink } from './sinks/object-storage-sink.js';
import { otlpSink } from './sinks/otlp-sink.js';
import { exchanger, sender } from '../delivery/send.js';
import { sentinelSink } from './sinks/sentinel-sink.js';
import { splunkHecSink } from './sinks/splunk-hec-sink.js';
import { syslogSink } from './sinks/syslog-sink.js';
import { webhookSink } from './sinks/webhook-sink.js';

type Secret = () => Promise<string>;

/** Where a sink stands. */
export interface SinkPlace {
  /** Of the settings, `audit.export.NAME`. */
  readonly name: string;
  /** Paths of the settings are relative to it. */
  readonly directory: string;
  readonly environment: Environment;
  /** Of the control plane. */
  readonly host: string;
  /** What `env:` or `file:` names, read at each batch, so that a new one needs no restart. */
  readonly secret: (reference: string) => Secret;
  readonly optional: (reference: string | undefined) => Secret | undefined;
}

type Kind = SinkSettings['kind'];
type SettingsOf<K extends Kind> = Extract<SinkSettings, { readonly kind: K }>;

/** How each kind of sink is made: the table that `sinks.ts` looks them up in. */
export const kindsOfSinks: { readonly [K in Kind]: (settings: SettingsOf<K>, place: SinkPlace) => Sink } = {
  file: ({ path, format }, { name, directory }) => fileSink({ name, path: resolve(directory, path), format }),
  syslog: ({ url, ca, format }, { name, host, optional }) => syslogSink({ name, url, host, format, ca: optional(ca) }),
  'splunk-hec': ({ url, index, gzip, ca, format, token, sourcetype = `mcp-sso:audit:${format}` }, place) => {
    const { name, host, secret, optional } = place;
    const exchange = exchanger(optional(ca));
    return splunkHecSink({ name, url, index, gzip, host, sourcetype, format, token: secret(token), exchange });
  },
  webhook: ({ format, ...webhook }, place) =>
    webhookSink({ name: place.name, format, webhook: webhookOf(webhook, place) }),
  'object-storage': ({ format, everySeconds, ...storage }, place) =>
    objectStorageSink({ name: place.name, format, everySeconds, storage: objectStorageOf(storage, place) }),
  elastic: ({ url, dataStream, format, apiKey, ca }, { name, secret, optional }) =>
    elasticSink({ name, url, dataStream, format, apiKey: secret(apiKey), send: sender(optional(ca)) }),
  sentinel: ({ url, ruleId, stream, format, clientSecret, ...entra }, { name, secret }) => {
    const token = new EntraToken({ ...entra, clientSecret: secret(clientSecret) });
    return sentinelSink({ name, url, ruleId, stream, format, token, exchange: exchanger() });
  },
  otlp: ({ url, headers, format, ca }, { name, host, secret, optional }) =>
    otlpSink({ name, url, host, format, headers: valuesOf(headers, secret), send: sender(optional(ca)) }),
};

function valuesOf(references: Readonly<Record<string, string>>, secret: SinkPlace['secret']) {
  return async (): Promise<Readonly<Record<string, string>>> => {
    const read = Object.entries(references).map(async ([header, reference]) => [header, await secret(reference)()]);
    return Object.fromEntries(await Promise.all(read)) as Record<string, string>;
  };
}
