import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../demo/stack/root.js';

/** Ids that no account of a test machine has. */
const PEOPLE = { alice: 61_001, bob: 61_002, carol: 61_003 } as const;
export type PersonName = keyof typeof PEOPLE;
export const PROGRAM = '/usr/local/bin/mcp-sso';

/** Builds the executable, which takes its time; once for each suite. */
export function packageExecutable(): string {
  const script = join(ROOT, 'cli/packaging/executable.mjs');
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
}

/**
 * A machine with accounts of its own, root and the executable at its usual place, inside bubblewrap: `/etc/passwd`, the home
 * folders and the places of login hooks are its own, all else is this computer's. Needs root, as its processes change their ids.
 */
export class AccountsMachine implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'accounts-machine-'));
  readonly #executable: string;

  constructor(executable: string) {
    this.#executable = executable;
    chmodSync(this.#folder, 0o755);
    const rows = Object.entries(PEOPLE).map(([name, id]) => `${name}:x:${id}:${id}::/home/${name}:/bin/bash`);
    const others = ['root:x:0:0::/root:/bin/bash', 'web:x:61009:61009::/home/web:/usr/sbin/nologin'];
    this.write('etc/passwd', `${[...others, ...rows].join('\n')}\n`);
    for (const folder of ['etc/profile.d', 'etc/xdg', 'srv', 'home/web'])
      mkdirSync(this.path(folder), { recursive: true });
    for (const [name, id] of Object.entries(PEOPLE)) {
      mkdirSync(this.path(`home/${name}`), { mode: 0o700 });
      chownSync(this.path(`home/${name}`), id, id);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Where a file of the machine is on this computer. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Runs a line of shell there as root, or as a person with their ids alone. */
  run(line: string, person?: PersonName): { status: number | null; stdout: string; stderr: string } {
    const shell =
      person === undefined
        ? ['/bin/sh', '-c', line]
        : [
            '/usr/bin/setpriv',
            `--reuid=${PEOPLE[person]}`,
            `--regid=${PEOPLE[person]}`,
            '--clear-groups',
            '/bin/sh',
            '-c',
            line,
          ];
    const env = { HOME: `/${person === undefined ? 'root' : `home/${person}`}`, PATH: '/usr/local/bin:/usr/bin:/bin' };
    const { status, stdout, stderr } = spawnSync('bwrap', [...this.#mounts(), ...shell], {
      encoding: 'utf8',
      env,
      input: '',
      timeout: 50_000,
    });
    return { status, stdout, stderr };
  }

  #mounts(): string[] {
    const own = ['home', 'srv', 'etc/profile.d', 'etc/xdg', 'etc/passwd'].flatMap((path) => [
      '--bind',
      this.path(path),
      `/${path}`,
    ]);
    const program = ['--tmpfs', dirname(PROGRAM), '--ro-bind', this.#executable, PROGRAM];
    const system = ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc', '--tmpfs', '/root'];
    return [...system, ...own, ...program, '--cap-add', 'ALL', '--unshare-pid', '--die-with-parent'];
  }
}
