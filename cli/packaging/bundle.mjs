import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';

/** Which nothing is written to: it makes the names of the parts the same wherever the sources lie. */
const NOWHERE = 'dist/program';

/**
 * Bundles the CLI into a folder, as CommonJS files: one that V8 compiles at every start, and parts which it loads when a verb
 * needs them, because compiling all takes longer than Node's own start. Resolves to the name of the first, those of the
 * parts, and the packages whose code is in them, as folders below the root (`node_modules/zod`). The same sources give the
 * same bytes, wherever they lie.
 */
export async function bundleProgram(root, folder, version) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outdir: join(root, NOWHERE),
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    // Only modules can be split; `asCommonJs` makes of them what an executable can run.
    format: 'esm',
    conditions: ['mcp-sso-source'],
    // The views are a module of their own, which cli/ui/open-screen.ts loads.
    external: ['@napi-rs/keyring', '*/views.js'],
    // Its CommonJS build requires its own files by a name that no bundler can follow.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    define: { MCP_SSO_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) writeFileSync(join(folder, basename(path)), await asCommonJs(text));
  copyFileSync(new URL('load-parts.cjs', import.meta.url), join(folder, 'load-parts.cjs'));
  const parts = outputFiles.map(({ path }) => basename(path)).toSorted((a, b) => (a < b ? -1 : 1));
  return { main: 'load-parts.cjs', parts, packages: packagesOf(metafile) };
}

async function asCommonJs(module) {
  const { code } = await transform(module, {
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    // A part is loaded by `require`: the executable's own import() knows built-in modules only.
    supported: { 'dynamic-import': false },
    // `open` looks beside its own file for an xdg-open of its own, and uses the system's where it has no file.
    logOverride: { 'empty-import-meta': 'silent' },
    logLevel: 'warning',
  });
  return code;
}

/**
 * Bundles what people see in a terminal into one ES module in a folder: ink waits at its top level, which CommonJS can't.
 * Resolves to its name and its packages, as above. It imports built-in modules only.
 */
export async function bundleViews(root, folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/ui/views.tsx'],
    outfile: join(folder, 'views.mjs'),
    bundle: true,
    minify: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    conditions: ['mcp-sso-source'],
    jsx: 'automatic',
    // CommonJS packages in it ask for built-in modules by this name.
    banner: { js: 'const require = (name) => process.getBuiltinModule(name);' },
    // No developer's tools: with them ink would connect to a port of this computer.
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    alias: { 'react-devtools-core': './cli/packaging/no-developer-tools.mjs' },
    logLevel: 'warning',
  });
  return { views: 'views.mjs', packages: packagesOf(metafile) };
}

/** The packages of which bytes are in the output: what was tree-shaken away is not in the product. */
function packagesOf({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
    .filter((found) => found !== undefined);
  return [...new Set(folders)].toSorted();
}
