// Builds the CLI as one self-contained executable for this platform: dist/mcp-sso-<version>-<os>-<arch>.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { platform, arch } = process;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const os = { win32: 'windows', darwin: 'macos' }[platform] ?? platform;
const suffix = platform === 'win32' ? '.exe' : '';
const SENTINEL = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** The stock Node binary of this platform, from the registry's per-platform package. */
function nodeBinary() {
  for (const name of [`node-${platform === 'win32' ? 'win' : platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    const file = join(root, 'node_modules', name, 'bin', `node${suffix}`);
    if (existsSync(file)) return file;
  }
  throw new Error(`There is no Node package for ${platform}-${arch}. Run npm ci on a supported platform.`);
}

/** The native keychain module of this platform. */
function keyringAddon() {
  const variant = { linux: '-gnu', win32: '-msvc' }[platform] ?? '';
  const triple = `${platform}-${arch}${variant}`;
  return createRequire(join(root, 'package.json')).resolve(`@napi-rs/keyring-${triple}/keyring.${triple}.node`);
}

/** Runs a tool if this machine has it; says whether it is there. */
function runIfThere(program, args) {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error?.code === 'ENOENT') return false;
  if (error ?? status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
  return true;
}

async function bundle(file) {
  await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outfile: file,
    bundle: true,
    minify: true,
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
}

/** Node's own recipe for a single executable application. No option, variable or file can add to its arguments. */
function preparationBlob(node, folder, main) {
  const output = join(folder, 'sea.blob');
  const config = join(folder, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({
      main,
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: false,
      execArgv: ['--use-system-ca'],
      execArgvExtension: 'none',
      assets: { 'keyring.node': keyringAddon() },
    }),
  );
  const { status, stderr } = spawnSync(node, ['--experimental-sea-config', config], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The blob could not be made: ${stderr}`);
  return output;
}

/** In a process of its own, because postject prints warnings about sections that Node's binary is known to have. */
function injectBlob(executable, blob) {
  const postject = createRequire(join(root, 'package.json')).resolve('postject/dist/cli.js');
  const segment = platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  const args = [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', SENTINEL, ...segment];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The blob could not be injected: ${stderr}`);
}

async function makeExecutable(folder) {
  const node = nodeBinary();
  const main = join(folder, 'main.cjs');
  await bundle(main);
  const executable = join(folder, `mcp-sso${suffix}`);
  copyFileSync(node, executable);
  chmodSync(executable, 0o755);
  // Before injecting: stripping afterwards makes it crash.
  if (platform === 'linux') runIfThere('strip', [executable]);
  if (platform === 'darwin') runIfThere('codesign', ['--remove-signature', executable]);
  injectBlob(executable, preparationBlob(node, folder, main));
  if (platform === 'darwin') runIfThere('codesign', ['--sign', '-', executable]);
  return executable;
}

const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });
const folder = mkdtempSync(join(dist, '.package-'));
try {
  const target = join(dist, `mcp-sso-${version}-${os}-${arch}${suffix}`);
  renameSync(await makeExecutable(folder), target);
  console.log(target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
