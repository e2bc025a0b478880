import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPolicyFiles } from './policy-files.js';
import type { Fault, PolicyFile } from './settings.js';

export const SETTINGS_FILE = 'mcp-sso.yaml';

/** What a configuration directory holds, as it was read at one moment and before it is judged. */
export interface DirectoryTexts {
  /** Of `mcp-sso.yaml`; undefined where it cannot be read. */
  readonly settings: string | undefined;
  readonly policyFiles: readonly PolicyFile[];
  /** Of policy files that cannot be read. */
  readonly faults: readonly Fault[];
}

/** `directory` is absolute. Never throws for what is missing or unreadable. */
export async function readDirectory(directory: string): Promise<DirectoryTexts> {
  const [settings, { policyFiles, faults }] = await Promise.all([
    readFile(join(directory, SETTINGS_FILE), 'utf8').catch(() => undefined),
    readPolicyFiles(directory),
  ]);
  return { settings, policyFiles, faults };
}
