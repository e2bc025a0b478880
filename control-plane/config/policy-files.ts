import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '#shared/errors.js';
import type { Fault, PolicyFile } from './settings.js';

const FOLDER = 'policies';
/** The accepted definitions of tools, exported and committed. */
export const LOCK_FILE = 'mcp-sso.lock.yaml';

/**
 * Every `policies/*.cedar` and `policies/*.test.yaml`, in the order of their names, and `mcp-sso.lock.yaml` where there is one. A missing
 * folder is no policy: nothing is permitted.
 */
export async function readPolicyFiles(directory: string): Promise<{ policyFiles: PolicyFile[]; faults: Fault[] }> {
  const listed = await listPolicies(join(directory, FOLDER));
  if ('fault' in listed) return { policyFiles: [], faults: [listed.fault] };
  const names = [
    ...listed.names.map((name) => `${FOLDER}/${name}`),
    ...(existsSync(join(directory, LOCK_FILE)) ? [LOCK_FILE] : []),
  ];
  const read = await Promise.all(names.map((name) => readPolicy(directory, name)));
  return {
    policyFiles: read.filter((one) => 'text' in one),
    faults: read.filter((one) => 'message' in one),
  };
}

async function listPolicies(folder: string): Promise<{ names: string[] } | { fault: Fault }> {
  try {
    const names = await readdir(folder);
    return { names: names.filter((name) => /\.(cedar|test\.yaml)$/.test(name)).toSorted() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { names: [] };
    return { fault: unreadable(FOLDER, error) };
  }
}

async function readPolicy(directory: string, file: string): Promise<PolicyFile | Fault> {
  try {
    return { file, text: await readFile(join(directory, file), 'utf8') };
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): Fault {
  const message = `cannot be read (${errorText(error)})`;
  return { file, line: 1, column: 1, key: '', message, fix: 'correct its permissions, or remove it' };
}
