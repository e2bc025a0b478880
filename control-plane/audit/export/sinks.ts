import { resolve } from 'node:path';
import type { LoadedConfig } from '../../config/settings.js';
import type { Sink } from './sink.js';
import { fileSink } from './sinks/file-sink.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory'>;

/** Every sink of `audit.export`. */
export function sinksOf({ settings, directory }: Outside): Sink[] {
  return Object.entries(settings.audit.export).map(([name, { path }]) =>
    fileSink({ name, path: resolve(directory, path) }),
  );
}
