import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText } from '#shared/errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a secret lies. `secret:` names an entry of our own encrypted store, which only `credentials` opens. */
export type SecretReference =
  | { readonly source: 'env'; readonly name: string }
  | { readonly source: 'file'; readonly path: string }
  | { readonly source: 'secret'; readonly name: string };

export type OuterReference = Exclude<SecretReference, { source: 'secret' }>;

/** A reference that yields nothing: what is wrong and what to do, both fit to print. */
export class SecretUnreadable extends Error {
  constructor(
    message: string,
    readonly fix: string,
    readonly reason: 'absent' | 'unusable' = 'unusable',
  ) {
    super(message);
    this.name = 'SecretUnreadable';
  }
}

const MAX_BYTES = 65_536;

/** `env:NAME`, `file:PATH` or `secret:NAME`; undefined for anything else. */
export function parseSecretReference(text: string): SecretReference | undefined {
  const [, source, rest] = /^(env|file|secret):(.+)$/s.exec(text) ?? [];
  if (rest === undefined) return undefined;
  if (source === 'file') return { source, path: rest };
  return source === 'env' ? { source, name: rest } : { source: 'secret', name: rest };
}

/** The bytes behind `env:` or `file:` (relative to the configuration directory), never empty. Throws SecretUnreadable. */
export async function resolveSecret(
  reference: OuterReference,
  directory: string,
  environment: Environment,
  options: { readonly private?: boolean } = {},
): Promise<string> {
  const value =
    reference.source === 'env'
      ? fromEnvironment(reference.name, environment)
      : await fromFile(resolve(directory, reference.path), reference.path, options.private ?? false);
  if (value !== '') return value;
  throw new SecretUnreadable(`${nameOf(reference)} is empty`, 'put the secret there');
}

function nameOf(reference: OuterReference): string {
  return reference.source === 'env'
    ? `the environment variable ${reference.name}`
    : `the secret file ${reference.path}`;
}

function fromEnvironment(name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined) return value;
  throw new SecretUnreadable(
    `the environment variable ${name} is not set`,
    `set ${name} for the process that runs mcp-sso-control-plane`,
    'absent',
  );
}

async function fromFile(path: string, shown: string, mustBePrivate: boolean): Promise<string> {
  try {
    await using file = await open(path);
    const { mode, size } = await file.stat();
    if (mustBePrivate && process.platform !== 'win32' && (mode & 0o007) !== 0) {
      throw new SecretUnreadable(`every user of this machine may open ${shown}`, `run: chmod 600 ${shellQuoted(path)}`);
    }
    if (size > MAX_BYTES) {
      throw new SecretUnreadable(
        `the secret file ${shown} is larger than 64 KiB`,
        'name the file that holds the secret only',
      );
    }
    return (await file.readFile('utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof SecretUnreadable) throw error;
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new SecretUnreadable(
      absent ? `there is no file ${shown}` : `the secret file ${shown} cannot be read (${errorText(error)})`,
      absent
        ? 'create it with the secret as its only content, or correct the path'
        : 'correct the path or its permissions',
      absent ? 'absent' : 'unusable',
    );
  }
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
