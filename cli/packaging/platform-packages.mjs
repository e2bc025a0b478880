import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const DOWNLOADS = join('dist', '.platform-packages');

/**
 * The folder of a package that the lock file names: from node_modules, or, where npm left it out as one of another
 * platform, from the registry. What comes from there is what the lock file says, to the byte, or it is an error.
 */
export function platformPackage(root, name) {
  const installed = join(root, 'node_modules', name);
  if (existsSync(join(installed, 'package.json'))) return installed;
  const { version, integrity } = lockEntry(root, name);
  const downloads = join(root, DOWNLOADS);
  const folder = join(downloads, `${name.replace('/', '-')}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(downloads, { recursive: true });
  const temporary = mkdtempSync(join(downloads, '.download-'));
  try {
    const tarball = download(`${name}@${version}`, temporary);
    requireIntegrity(readFileSync(tarball), integrity, `${name}@${version}`);
    execFileSync('tar', ['-xzf', tarball, '-C', temporary], { stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(join(temporary, 'package'), folder);
    return folder;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What the lock file says of a package: `{version, integrity}`. */
export function lockEntry(root, name) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry?.integrity) throw new Error(`package-lock.json does not name ${name} with its integrity.`);
  return entry;
}

function download(spec, folder) {
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const [program, ...first] = npm;
  const args = [...first, 'pack', spec, '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const said = JSON.parse(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  const [packed] = Object.values(said);
  return join(folder, packed.filename);
}

/** Throws unless the bytes have the hash that an `integrity` of a lock file (sha512) names. */
export function requireIntegrity(bytes, integrity, what) {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found === integrity) return;
  throw new Error(`${what} from the registry is not what package-lock.json names: ${found}, not ${integrity}.`);
}
