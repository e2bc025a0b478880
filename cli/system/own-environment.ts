import { spawnSync } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Common, and without a hold: nothing reads the first, and the executable is made so that Node ignores the second. */
const HARMLESS = new Set(['NODE_ENV', 'NODE_OPTIONS']);

/**
 * The environment without what steers Node or OpenSSL: certificates that are not checked or trusted besides those of the
 * computer, files written and internals shown. Undefined where there is nothing of it, which is the common case.
 * `SSL_CERT_FILE` and `SSL_CERT_DIR` stay: they say where a Linux system keeps its certificates.
 */
export function cleanEnvironment(env: Environment): Record<string, string> | undefined {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const clean = entries.filter(([name]) => !steersRuntime(name.toUpperCase()));
  return clean.length === entries.length ? undefined : Object.fromEntries(clean);
}

function steersRuntime(name: string): boolean {
  if (HARMLESS.has(name)) return false;
  return /^(NODE|OPENSSL)_|^(SSLKEYLOGFILE|WATCH_REPORT_DEPENDENCIES)$/.test(name);
}

/**
 * Starts this executable again, with the arguments of the command line and another environment: Node has read the old one
 * before our first line. (All that remains is one file of NODE_V8_COVERAGE: which functions ran until here.) The same process goes on where the system has that; on Windows a second one does, and this one
 * ends with its code.
 */
export function startAgain(args: readonly string[], env: Record<string, string>): never {
  // By inode on Linux: an upgrade may just now have put another file in this one's place.
  const file = process.platform === 'linux' ? '/proc/self/exe' : process.execPath;
  if (process.platform !== 'win32') process.execve?.(file, [process.execPath, ...args], env);
  const { status, error } = spawnSync(process.execPath, args, { env, stdio: 'inherit', windowsHide: true });
  if (error) throw error;
  process.exit(status ?? 1);
}
