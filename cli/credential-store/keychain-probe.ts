import { spawn } from 'node:child_process';
import { loadKeyring, type Keyring } from './keyring-addon.js';

export const SERVICE = 'mcp-sso';
const CANARY = 'canary';
const PATIENCE = 2_000;

/** What the keychain of this session is good for. */
export type ProbeResult = 'usable' | 'missing' | 'locked' | 'hanging';

/** Exit codes of the probing process; anything else counts as missing. */
const CODES = { usable: 0, missing: 10, locked: 11 } as const;

export function entry(keyring: Keyring, account: string): InstanceType<Keyring['AsyncEntry']> {
  // Unpinned, the module falls back to the kernel's keyutils in silence, which forgets at reboot.
  return new keyring.AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
}

/**
 * Runs in a process of its own: connecting to a hanging secret service blocks the whole process, not just a promise.
 * Reads and writes only a canary without value, because a locked keychain answers reads with "nothing there".
 */
async function probe(load: () => Promise<Keyring>): Promise<number> {
  let canary: InstanceType<Keyring['AsyncEntry']>;
  try {
    canary = entry(await load(), CANARY);
  } catch {
    return CODES.missing;
  }
  try {
    if ((await canary.getPassword()) === null) await canary.setPassword(CANARY);
    return CODES.usable;
  } catch {
    return CODES.locked;
  }
}

export function probeThisSession(cacheFolder: string): Promise<number> {
  return probe(() => loadKeyring(cacheFolder));
}

/** Starts `command` to run `probe` and waits at most `patience` ms for its verdict: 2 s unless told. */
export function askProbe(command: readonly [string, ...string[]], patience = PATIENCE): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore', windowsHide: true });
  const kill = (): void => void child.kill('SIGKILL');
  // The bridge may have to end before the keychain answers; a hanging probe would stay behind.
  process.once('exit', kill);
  const timer = setTimeout(() => {
    kill();
    resolve('hanging');
  }, patience);
  child.once('error', () => resolve('missing'));
  child.once('exit', (code) => {
    resolve(code === CODES.usable ? 'usable' : code === CODES.locked ? 'locked' : 'missing');
  });
  return promise.finally(() => {
    clearTimeout(timer);
    process.off('exit', kill);
  });
}
