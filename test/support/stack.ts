import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Stack, type StackOptions } from '../../demo/stack/stack.js';

/** The demo company with logs at debug level, for the tests of one file; stopped and removed after them. */
export function useStack(options: () => Promise<Partial<StackOptions>> = async () => ({})): () => Stack {
  let stack: Stack | undefined;
  let folder: string | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-test-'));
    stack = await Stack.start({ folder, logLevel: 'debug', ...(await options()) });
  });
  afterAll(async () => {
    await stack?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (!stack) throw new Error('The stack is not running.');
    return stack;
  };
}
