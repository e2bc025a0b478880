import { ERRORS } from '#shared/errors.js';
import type { ListedSecret } from '../credentials/vault/secret-list.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

/** `secret list`: names, versions and dates of the encrypted store. */
export async function secretList(directory: string, json: boolean, terminal: Terminal): Promise<number> {
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const { listStoredSecrets } = await import('../stored-secrets.js');
  const secrets = await listStoredSecrets(verdict.config);
  print(terminal.output, ...(json ? [JSON.stringify({ secrets }, undefined, 2)] : lines(secrets, Date.now())));
  return 0;
}

function lines(secrets: readonly ListedSecret[], now: number): string[] {
  if (secrets.length === 0) return ['The store holds no secret. Next: mcp-sso-control-plane secret set NAME'];
  const width = Math.max(...secrets.map(({ name }) => name.length));
  return secrets.map(({ name, version, createdAt, ...times }) => {
    const used = state(secrets, { name, version, createdAt, ...times }, now);
    return `${name.padEnd(width)}  version ${version}  stored ${day(createdAt)}  ${used}`;
  });
}

function state(
  secrets: readonly ListedSecret[],
  { name, version, expiresAt, retiredAt }: ListedSecret,
  now: number,
): string {
  if (retiredAt !== null) return `retired ${day(retiredAt)}`;
  const newer = secrets.some((other) => other.name === name && other.version > version && other.retiredAt === null);
  if (newer) return 'replaced';
  if (expiresAt === null) return 'in use';
  return expiresAt <= now ? `expired ${day(expiresAt)}` : `in use, expires ${day(expiresAt)}`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
