import { dirname, resolve } from 'node:path';
import { CodedError } from '#shared/errors.js';
import { isolationOf } from '../../config/hosted-settings.js';
import { programPath } from '../../config/program-path.js';
import type { HostedSettings, LoadedConfig } from '../../config/settings.js';
import { systemUser } from '../../config/system-user.js';
import type { Access } from '../upstream-request.js';
import { sandboxed } from './sandbox.js';

/** A process to be started, and all that it gets. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment; nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** File descriptors from 3 on: what is written into each before it is closed, or `held` until the process ends. */
  readonly pipes: readonly ({ readonly content: string } | 'held')[];
}

type Surroundings = Pick<LoadedConfig, 'directory' | 'environment'>;

const PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Ends the whole process group when descriptor 3 closes, which the kernel does with the control plane's own end,
 * however that comes about. Then becomes the program.
 */
const WATCHED = '{ read -r _ <&3; kill -KILL 0; } </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"';

/** How a hosted server is started. Throws `upstream_unreachable` where something that it needs is not there. */
export async function launchOf(
  settings: HostedSettings,
  access: Pick<Access, 'environment' | 'files'>,
  around: Surroundings,
): Promise<Launch> {
  const [name = '', ...args] = settings.command;
  const program = await found(name, around);
  const isolation = isolationOf(settings.isolation);
  const bounded = [...(await limiter(settings.memoryMiB, around))];
  if (isolation.kind === 'bubblewrap') {
    const paths = (texts: readonly string[]): string[] => texts.map((text) => resolve(around.directory, text));
    const { read, write, network } = settings;
    const box = sandboxed({
      program,
      args,
      read: paths(read),
      write: paths(write),
      network: network === 'host',
      files: access.files,
    });
    const words = [...bounded, await found('bwrap', around), ...box.args];
    return { ...commandOf(words), env: environmentOf(program, '/tmp', access), cwd: '/', pipes: box.pipes };
  }
  const user = isolation.kind === 'user' ? await asUser(isolation.name, around) : [];
  const words = ['/bin/sh', '-c', WATCHED, 'sh', ...user, ...bounded, program, ...args];
  return { ...commandOf(words), env: environmentOf(program, '/nonexistent', access), cwd: '/', pipes: ['held'] };
}

function commandOf([program = '', ...args]: readonly string[]): Pick<Launch, 'program' | 'args'> {
  return { program, args };
}

function environmentOf(program: string, home: string, access: Pick<Access, 'environment'>): Launch['env'] {
  return { PATH: `${dirname(program)}:${PATH}`, HOME: home, LANG: 'C.UTF-8', ...access.environment };
}

/** util-linux is part of every Debian; elsewhere there is no such limit. */
async function limiter(memoryMiB: number, around: Surroundings): Promise<string[]> {
  const prlimit = await programPath('prlimit', around.directory, around.environment);
  return prlimit === undefined ? [] : [prlimit, `--data=${memoryMiB * 1024 * 1024}`, '--core=0'];
}

async function asUser(name: string, around: Surroundings): Promise<string[]> {
  const user = await systemUser(name);
  if (user === undefined || user.uid === 0) throw missing(`the user ${name}`);
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'];
  return [await found('setpriv', around), ...identity, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}

async function found(name: string, around: Surroundings): Promise<string> {
  const path = await programPath(name, around.directory, around.environment);
  if (path === undefined) throw missing(`the program ${name}`);
  return path;
}

function missing(what: string): CodedError {
  return new CodedError('upstream_unreachable', { detail: `${what} is not there; run: mcp-sso-control-plane check` });
}
