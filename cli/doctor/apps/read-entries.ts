import { readFileSync, statSync } from 'node:fs';
import { CodedError, errorText } from '#shared/errors.js';
import { z } from 'zod';
import { entryIn } from '../../apps/entry-text.js';
import { installedConfigs, type AppConfig } from '../../apps/registry.js';
import type { Machine } from '../../apps/machine.js';

/** Bytes. */
const SIZE_LIMIT = 64 * 1024 * 1024;

const entrySchema = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.unknown()).default({}),
});
export type Entry = z.output<typeof entrySchema>;

/** What the config of an app says of us. */
export type ReadEntry =
  | { readonly config: AppConfig; readonly kind: 'entry'; readonly entry: Entry }
  | { readonly config: AppConfig; readonly kind: 'none' | 'invalid' }
  | { readonly config: AppConfig; readonly kind: 'unreadable'; readonly problem: string };

/** Our entries in all apps that are found here, in the order in which apps are listed. */
export function readEntries(machine: Machine): ReadEntry[] {
  return installedConfigs(machine).map((config) => readOne(config, machine));
}

function readOne(config: AppConfig, machine: Machine): ReadEntry {
  if (!machine.exists(config.file)) return { config, kind: 'none' };
  try {
    const { size } = statSync(config.file);
    if (size > SIZE_LIMIT) return { config, kind: 'unreadable', problem: 'it is too large' };
    const value = entryIn(readFileSync(config.file, 'utf8'), config);
    if (value === undefined) return { config, kind: 'none' };
    const { data: entry } = entrySchema.safeParse(value);
    return entry ? { config, kind: 'entry', entry } : { config, kind: 'invalid' };
  } catch (error) {
    const system = (error as NodeJS.ErrnoException).code;
    const problem = error instanceof CodedError ? (error.detail ?? error.message) : (system ?? errorText(error));
    return { config, kind: 'unreadable', problem };
  }
}
