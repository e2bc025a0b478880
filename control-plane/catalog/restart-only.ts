import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../config/settings.js';

const FOLLOWED = new Set<string>(['servers', 'roles']);

/** The keys of `mcp-sso.yaml` that differ and are read at the start only. */
export function restartOnly(running: Settings, changed: Settings): string[] {
  const before = new Map<string, unknown>(Object.entries(running));
  return Object.entries(changed)
    .filter(([key, value]) => !FOLLOWED.has(key) && !isDeepStrictEqual(before.get(key), value))
    .map(([key]) => key);
}
