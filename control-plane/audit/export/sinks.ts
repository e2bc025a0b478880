import { resolve } from 'node:path';
import type { SinkSettings } from '../../config/export-settings.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { Sink } from './sink.js';
import { fileSink } from './sinks/file-sink.js';
import { withoutCaptured } from './without-captured.js';

export type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every sink of `audit.export`. */
export function sinksOf(outside: Outside): Sink[] {
  return Object.entries(outside.settings.audit.export).map(([name, settings]) => {
    const sink = sinkOf(name, settings, outside);
    return settings.captured ? sink : withoutArgumentsAndResults(sink);
  });
}

function sinkOf(name: string, settings: SinkSettings, { directory }: Outside): Sink {
  return fileSink({ name, path: resolve(directory, settings.path), format: settings.format });
}

/** Arguments and results leave only where the settings say so. */
function withoutArgumentsAndResults(sink: Sink): Sink {
  return { ...sink, send: async (records, signal) => sink.send(records.map(withoutCaptured), signal) };
}
