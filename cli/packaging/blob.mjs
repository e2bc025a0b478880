import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SENTINEL = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** `SeaFlags::kUseCodeCache` of Node 24 (src/node_sea.h). The flags are the second 32-bit word of the blob. */
const USES_CODE_CACHE = 4;
const FLAGS_AT = 4;

/**
 * Makes the blob of Node's own recipe for a single executable application, in a folder where `main` and the files of
 * `assets` (name → path) are. Returns its path. No option, variable or file can add to the arguments of Node:
 *
 * - `execArgvExtension: none`: NODE_OPTIONS and --node-options name no code to load.
 * - `--openssl-config`: OPENSSL_CONF, and the path that was compiled into Node, name no library to load.
 * - a code cache of nothing: see `withoutCompileCache`.
 * - `--no-warnings`: Node would report that this cache is unusable.
 */
export function makeBlob({ folder, main, assets, os }) {
  const config = {
    // Relative, because the path becomes part of the blob.
    main,
    output: 'sea.blob',
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    execArgv: ['--use-system-ca', `--openssl-config=${os === 'windows' ? 'NUL' : '/dev/null'}`, '--no-warnings'],
    execArgvExtension: 'none',
    assets,
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config));
  execFileSync(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: folder, stdio: 'pipe' });
  const file = join(folder, 'sea.blob');
  writeFileSync(file, withoutCompileCache(readFileSync(file), readFileSync(join(folder, main))));
  return file;
}

/**
 * Node takes the compiled form of the main script from the folder that NODE_COMPILE_CACHE names, and checks little more
 * of it than lengths: whoever sets that variable would have code of theirs run. It does not look there where the blob
 * brings a code cache. Ours is eight empty bytes, which V8 rejects on every platform, and so compiles our script.
 */
function withoutCompileCache(blob, main) {
  const start = blob.indexOf(main);
  if (start < 8 || blob.readBigUInt64LE(start - 8) !== BigInt(main.length)) {
    throw new Error('The blob is not laid out as Node 24 does it.');
  }
  const end = start + main.length;
  const cache = Buffer.alloc(16);
  cache.writeBigUInt64LE(8n);
  const sealed = Buffer.concat([blob.subarray(0, end), cache, blob.subarray(end)]);
  sealed.writeUInt32LE(sealed.readUInt32LE(FLAGS_AT) | USES_CODE_CACHE, FLAGS_AT);
  return sealed;
}

/** In a process of its own, because postject prints warnings about sections that Node's binary is known to have. */
export function injectBlob(root, executable, blob, os) {
  const postject = createRequire(join(root, 'package.json')).resolve('postject/dist/cli.js');
  const segment = os === 'macos' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  const args = [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', SENTINEL, ...segment];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The blob could not be injected: ${stderr}`);
}
