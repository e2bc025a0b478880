import { createRequire } from 'node:module';
import { isSea } from 'node:sea';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Set by the packaging step; absent when run from the built files. */
declare const MCP_SSO_VERSION: string | undefined;

/** Program and leading arguments that start this CLI again: the executable alone, or node with main.js. */
export function selfCommand(): readonly [string, ...string[]] {
  return isSea() ? [process.execPath] : [process.execPath, process.argv[1] ?? ''];
}

export function version(): string {
  if (typeof MCP_SSO_VERSION === 'string') return MCP_SSO_VERSION;
  const require = createRequire(import.meta.url);
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest: unknown = require(join(folder, 'package.json'));
      if (isOurs(manifest)) return manifest.version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

function isOurs(manifest: unknown): manifest is { version: string } {
  return (manifest as { name?: unknown }).name === 'mcp-sso';
}
