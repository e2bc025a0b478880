import type { LoadedConfig } from '../../config/settings.js';
import { kindsOfSinks, type SinkPlace } from './kinds-of-sinks.js';
import type { Sink } from './sink.js';
import { deliverySecret } from '../delivery/delivery-secret.js';
import { withoutCaptured } from './without-captured.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every sink of `audit.export`. */
export function sinksOf(outside: Outside): Sink[] {
  const { settings, directory, environment } = outside;
  const host = new URL(settings.publicUrl).hostname;
  const secret = (reference: string) => async () => deliverySecret(reference, outside);
  const optional: SinkPlace['optional'] = (reference) => (reference === undefined ? undefined : secret(reference));
  return Object.entries(settings.audit.export).map(([name, settingsOfSink]) => {
    const place: SinkPlace = { name, directory, environment, host, secret, optional };
    const make = kindsOfSinks[settingsOfSink.kind];
    const sink = make(settingsOfSink as never, place);
    return settingsOfSink.captured ? sink : withoutArgumentsAndResults(sink);
  });
}

/** Arguments and results leave only where the settings say so. */
function withoutArgumentsAndResults(sink: Sink): Sink {
  return { ...sink, send: async (records, signal) => sink.send(records.map(withoutCaptured), signal) };
}
