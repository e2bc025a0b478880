import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../demo/stack/root.js';

const PEERS = join(ROOT, 'test', 'peers', 'node_modules');

/** Other people's programs, as `test/peers` installs them. */
export const PROGRAMS = {
  'mcp-proxy': join(PEERS, 'mcp-proxy', 'dist', 'bin', 'mcp-proxy.mjs'),
  supergateway: join(PEERS, 'supergateway', 'dist', 'index.js'),
  'mcp-hub': join(PEERS, 'mcp-hub', 'dist', 'cli.js'),
  'mcp-remote': join(PEERS, 'mcp-remote', 'dist', 'proxy.js'),
} as const;

/** Why a program cannot be measured; undefined where it is there. */
export function absenceOf(name: keyof typeof PROGRAMS): string | undefined {
  return existsSync(PROGRAMS[name])
    ? undefined
    : `${name} is not installed; run: npm ci --ignore-scripts --prefix test/peers`;
}
