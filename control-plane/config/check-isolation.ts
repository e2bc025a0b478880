import { ISOLATION, isolationOf } from './hosted-settings.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';
import { sandboxObjection } from './sandbox-program.js';
import type { Surroundings } from './surroundings.js';
import { systemUser } from './system-user.js';

const BUBBLEWRAP_ONLY = ['read', 'write', 'files'] as const;

/** Whether a hosted server can be isolated as its settings say, and whether these promise no more than that. */
export async function isolationFindings(at: KeyPath, server: object, around: Surroundings): Promise<Finding[]> {
  const text = valueAt(server, ['isolation']) ?? 'bubblewrap';
  if (typeof text !== 'string' || !ISOLATION.test(text)) return [];
  const isolation = isolationOf(text);
  const objection =
    isolation.kind === 'bubblewrap'
      ? await sandboxObjection(around.directory, around.environment)
      : isolation.kind === 'user'
        ? await userObjection(isolation.name)
        : undefined;
  return [
    ...(objection ? [{ path: [...at, 'isolation'], at: 'value' as const, ...objection }] : []),
    ...(isolation.kind === 'bubblewrap' ? [] : brokenPromises(at, server, isolation.kind)),
  ];
}

async function userObjection(name: string): Promise<Pick<Finding, 'message' | 'fix'> | undefined> {
  if (process.getuid?.() !== 0) {
    const fix = 'write bubblewrap, which needs no root';
    return { message: 'only root can run a program as another user', fix };
  }
  const user = await systemUser(name);
  if (user === undefined) {
    return { message: `there is no user ${name} on this machine`, fix: `run: useradd --system ${name}` };
  }
  if (user.uid !== 0) return undefined;
  return { message: 'root is no isolation', fix: 'name a user that owns nothing else, or write bubblewrap' };
}

/** What only a sandbox can keep must not be written down where there is none. */
function brokenPromises(at: KeyPath, server: object, kind: string): Finding[] {
  const promises = BUBBLEWRAP_ONLY.filter((key) => key in server).map((key): Finding => {
    const fix = key === 'files' ? 'use env, or isolation: bubblewrap' : 'remove it, or use isolation: bubblewrap';
    return { path: [...at, key], at: 'key', message: `isolation: ${kind} cannot keep to this`, fix };
  });
  if (valueAt(server, ['network']) === 'host') return promises;
  const message = `isolation: ${kind} cannot keep a server from the network`;
  return [...promises, { path: [...at, 'network'], at: 'value', message, fix: 'write network: host to accept it' }];
}
