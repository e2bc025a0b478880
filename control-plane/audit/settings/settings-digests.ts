import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Keyed hashes (HMAC-SHA256, hex) of what each top-level key of `mcp-sso.yaml` is, defaults included; no value can be read from one. */
export type SettingsDigests = Readonly<Record<string, string>>;

export interface SettingsChange {
  /** Over all of them, then and now. */
  readonly before: string;
  readonly after: string;
  /** Names of the keys that differ, sorted. */
  readonly keys: readonly string[];
}

/** Made anew by the catalog, which has records of its own. */
const OF_THE_CATALOG = new Set(['servers', 'roles']);

export function digestSettings(settings: object, key: Buffer): SettingsDigests {
  const digests = Object.entries(settings)
    .filter(([name, value]) => value !== undefined && !OF_THE_CATALOG.has(name))
    .map(([name, value]) => [name, keyedHash(key, { [name]: value as unknown })] as const);
  return Object.fromEntries(digests);
}

/** Undefined where nothing differs. */
export function settingsChange(
  before: SettingsDigests,
  after: SettingsDigests,
  key: Buffer,
): SettingsChange | undefined {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .toSorted();
  return keys.length === 0 ? undefined : { before: keyedHash(key, before), after: keyedHash(key, after), keys };
}

function keyedHash(key: Buffer, value: unknown): string {
  return createHmac('sha256', key)
    .update(canonicalize(value) ?? '')
    .digest('hex');
}
