// npm run bench: sets everything up, measures, prints the table. `-- --json FILE` also writes it. Runs on Node 20.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node, prepare, root } from '../../scripts/prepare.mjs';

prepare();
const { build } = await import('esbuild');
const outdir = join(root, 'node_modules', '.cache', 'mcp-sso-bench');
await build({
  absWorkingDir: root,
  entryPoints: ['main', 'load', 'upstream', 'bare-proxy'].map((name) => `test/bench/${name}.ts`),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  packages: 'external',
  conditions: ['mcp-sso-source'],
  outExtension: { '.js': '.mjs' },
});
const { status } = spawnSync(node, [join(outdir, 'main.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
