import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '#shared/errors.js';
import type { Fault, PolicyFile } from './settings.js';

const FOLDER = 'policies';

/** Every `policies/*.cedar`, in the order of their names. A missing folder is no policy: nothing is permitted. */
export async function readPolicyFiles(directory: string): Promise<{ policyFiles: PolicyFile[]; faults: Fault[] }> {
  const listed = await listPolicies(join(directory, FOLDER));
  if ('fault' in listed) return { policyFiles: [], faults: [listed.fault] };
  const read = await Promise.all(listed.names.map((name) => readPolicy(directory, `${FOLDER}/${name}`)));
  return {
    policyFiles: read.filter((one) => 'text' in one),
    faults: read.filter((one) => 'message' in one),
  };
}

async function listPolicies(folder: string): Promise<{ names: string[] } | { fault: Fault }> {
  try {
    const names = await readdir(folder);
    return { names: names.filter((name) => name.endsWith('.cedar')).toSorted() };
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
