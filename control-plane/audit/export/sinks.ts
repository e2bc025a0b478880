import { resolve } from 'node:path';
import type { SinkSettings } from '../../config/export-settings.js';
import type { LoadedConfig } from '../../config/settings.js';
import { objectStorageOf, webhookOf } from '../delivery/destinations.js';
import type { Sink } from './sink.js';
import { deliverySecret } from '../delivery/delivery-secret.js';
import { fileSink } from './sinks/file-sink.js';
import { objectStorageSink } from './sinks/object-storage-sink.js';
import { sender } from '../delivery/send.js';
import { splunkHecSink } from './sinks/splunk-hec-sink.js';
import { syslogSink } from './sinks/syslog-sink.js';
import { webhookSink } from './sinks/webhook-sink.js';
import { withoutCaptured } from './without-captured.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every sink of `audit.export`. */
export function sinksOf(outside: Outside): Sink[] {
  return Object.entries(outside.settings.audit.export).map(([name, settings]) => {
    const sink = sinkOf(name, settings, outside);
    return settings.captured ? sink : withoutArgumentsAndResults(sink);
  });
}

function sinkOf(name: string, settings: SinkSettings, outside: Outside): Sink {
  const read = (reference: string) => async () => deliverySecret(reference, outside);
  if (settings.kind === 'file')
    return fileSink({ name, path: resolve(outside.directory, settings.path), format: settings.format });
  if (settings.kind === 'webhook')
    return webhookSink({ name, format: settings.format, webhook: webhookOf(settings, outside) });
  if (settings.kind === 'object-storage') {
    const { format, everySeconds } = settings;
    return objectStorageSink({ name, format, everySeconds, storage: objectStorageOf(settings, outside) });
  }
  const ca = settings.ca === undefined ? undefined : read(settings.ca);
  const host = new URL(outside.settings.publicUrl).hostname;
  if (settings.kind === 'syslog') return syslogSink({ name, url: settings.url, host, format: settings.format, ca });
  const { url, index, gzip, format, token } = settings;
  const sourcetype = settings.sourcetype ?? `mcp-sso:audit:${format}`;
  return splunkHecSink({ name, url, index, gzip, host, sourcetype, format, token: read(token), send: sender(ca) });
}

/** Arguments and results leave only where the settings say so. */
function withoutArgumentsAndResults(sink: Sink): Sink {
  return { ...sink, send: async (records, signal) => sink.send(records.map(withoutCaptured), signal) };
}
