// npm run bench: sets everything up, measures, prints the table. `-- --json FILE` also writes it, `-- --rounds N` repeats
// each pair so often, `-- --only many,stages` measures parts of it. Runs on Node 20.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { node, prepare, preparePeers, root } from '../../scripts/prepare.mjs';

prepare();
preparePeers();
const { build } = await import('esbuild');
const outdir = join(root, 'dist', 'bench');
const programs = {
  main: 'main',
  load: 'load/load',
  upstream: 'upstream/http',
  'stdio-upstream': 'upstream/stdio',
  'bare-proxy': 'bare-proxy',
  instrumented: 'instrumented/main',
};
await build({
  absWorkingDir: root,
  entryPoints: Object.entries(programs).map(([out, file]) => ({ in: `test/bench/${file}.ts`, out })),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  packages: 'external',
  conditions: ['mcp-sso-source'],
  outExtension: { '.js': '.mjs' },
  plugins: [{ name: 'the built product', setup: (bundler) => bundler.onResolve({ filter: /^\./ }, builtProduct) }],
});
const child = spawn(node, [join(outdir, 'main.mjs'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
// A signal of the terminal reaches both; one to this process alone is handed on. Either way the end of the bench is awaited.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));

/** The control plane's own files are not bundled: what is measured is what `npm run build` made. */
function builtProduct({ path, resolveDir }) {
  const file = resolve(resolveDir, path);
  if (!file.startsWith(join(root, 'control-plane'))) return undefined;
  return { path: file.replace(root, join(root, 'dist')), external: true };
}
