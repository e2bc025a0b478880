import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles an entry as the product is bundled, and returns the file to run with Node. */
export async function bundle(contents: string): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), 'mcp-sso-bridge-')), 'bridge.cjs');
  await build({
    stdin: { contents, resolveDir: join(import.meta.dirname, '..'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    conditions: ['mcp-sso-source'],
    external: ['@napi-rs/keyring', '*/views.js'],
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    define: { MCP_SSO_VERSION: '"0.1.0"' },
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return outfile;
}

/**
 * The bridge of a person at the control plane `ORIGIN`: signed in with `TOKEN`, or signed in by SIGUSR2 as if by
 * another process.
 */
export const MEMORY_BRIDGE = `
  import { openLog } from './log.js';
  import { serve } from './serve.js';
  import { MemorySession } from './testing/session.js';

  const session = new MemorySession(process.env.ORIGIN, process.env.TOKEN);
  process.on('SIGUSR2', () => session.signInElsewhere('good'));
  void serve({
    stdin: process.stdin,
    stdout: process.stdout,
    signals: process,
    parent: () => process.ppid,
    openSession: async () => session,
    version: '0.1.0',
    env: process.env,
    log: openLog({}, (text) => process.stderr.write(text)),
    now: Date.now,
  }).then((code) => { process.exitCode = code; });
`;

/** The bridge as `mcp-sso bridge` starts it, with nothing but an empty home. */
export const PRODUCT_BRIDGE = `
  import { runBridge } from './index.js';

  const { HOME } = process.env;
  void runBridge({}, {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    env: process.env,
    json: false,
    interactive: false,
    openBrowser: true,
    now: () => new Date(),
    paths: { config: HOME + '/config', state: HOME + '/state', cache: HOME + '/cache' },
  }).then((code) => { process.exitCode = code; });
`;
