import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { PolicyText } from '#shared/api/catalog.js';
import { CodedError } from '#shared/errors.js';
import { fileFault } from '../../system/file-fault.js';

const FOLDER = 'policies';
export const LOCK_FILE = 'mcp-sso.lock.yaml';

/** The policy files of a configuration directory, in the order of their names, as the API takes them; none where it has none. */
export async function listPolicyTexts(directory: string): Promise<PolicyText[]> {
  const [listed, beside] = await Promise.all([names(join(directory, FOLDER)), names(directory)]);
  const policies = listed.filter((name) => /\.(cedar|test\.yaml)$/.test(name)).map((name) => `${FOLDER}/${name}`);
  const files = [...policies, ...beside.filter((name) => name === LOCK_FILE)];
  return Promise.all(files.map(async (file) => ({ file, text: await read(join(directory, file)) })));
}

/** The same; the folder `policies` itself may be named too. Throws `usage` where there are none, `config_invalid` for a file that cannot be read. */
export async function readPolicyTexts(directory: string): Promise<PolicyText[]> {
  const root = basename(resolve(directory)) === FOLDER ? resolve(directory, '..') : directory;
  const files = await listPolicyTexts(root);
  if (files.some(({ file }) => file.startsWith(FOLDER))) return files;
  throw new CodedError('usage', {
    message: `There are no policies in ${join(root, FOLDER)}. Name the directory that holds policies/, or write the first ones: mcp-sso policy init --out ${root}`,
  });
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).toSorted();
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileFault('config_invalid', path, 'read', error);
  }
}
