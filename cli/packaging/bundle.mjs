import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the CLI into one CommonJS file in a folder. Resolves to its name there and the packages whose code is in it,
 * as folders below the root (`node_modules/zod`). The same sources give the same bytes, wherever they lie.
 */
export async function bundleProgram(root, folder, version) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outfile: join(folder, 'main.cjs'),
    bundle: true,
    minify: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    conditions: ['mcp-sso-source'],
    external: ['@napi-rs/keyring'],
    // Its CommonJS build requires its own files by a name that no bundler can follow.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    define: { MCP_SSO_VERSION: JSON.stringify(version) },
    // `open` looks beside its own file for an xdg-open of its own, and uses the system's where it has no file.
    logOverride: { 'empty-import-meta': 'silent' },
    logLevel: 'warning',
  });
  return { main: 'main.cjs', packages: packagesOf(metafile) };
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
