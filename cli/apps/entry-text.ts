import type { ServerEntry } from './config-text/entry-slot.js';
import { jsonEntryIn, withJsonEntry } from './config-text/json-entry.js';
import { tomlEntryIn, withTomlEntry } from './config-text/toml-entry.js';
import type { AppConfig } from './registry.js';

/** The name of our entry in every app. */
export const ENTRY_NAME = 'mcp-sso';

/** Text of an app's config with our entry set, or removed where `entry` is undefined. Throws CodedError config_invalid. */
export function withEntry(text: string, { app, file }: AppConfig, entry: ServerEntry | undefined): string {
  const slot = { file, key: app.key, name: ENTRY_NAME };
  const shaped = entry && app.typed ? { type: 'stdio' as const, ...entry } : entry;
  return app.format === 'toml'
    ? withTomlEntry(text, slot, shaped)
    : withJsonEntry(text, slot, app.format === 'jsonc', shaped);
}

/** Our entry as an app's config has it; undefined where there is none. Throws CodedError config_invalid. */
export function entryIn(text: string, { app, file }: AppConfig): unknown {
  const slot = { file, key: app.key, name: ENTRY_NAME };
  return app.format === 'toml' ? tomlEntryIn(text, slot) : jsonEntryIn(text, slot, app.format === 'jsonc');
}
