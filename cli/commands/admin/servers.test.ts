import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../context.js';
import { showServer } from './servers.js';

const TOOL = { server: 'files', suggestedEffect: 'read' };

const elsewhere = (tools: object[]) => async (_method: string, path: string) => {
  if (path.includes('/stderr')) throw new CodedError('not_found');
  return { tools, yaml: '' };
};

test('of a server that runs elsewhere the tools are shown, and of one that nobody knows nothing', async () => {
  let out = '';
  const context = { json: false, stdout: (text: string) => void (out += text) } as unknown as CommandContext;
  const known = [{ ...TOOL, tool: 'list', effect: 'write', reviewed: true }];
  await showServer(context, { tz: 'UTC' }, 'files', elsewhere(known));
  expect(out).toBe('TOOL  EFFECT  SUGGESTED  REVIEWED\nlist  write   read       yes\n\n');
  await expect(showServer(context, { tz: 'UTC' }, 'none', elsewhere([]))).rejects.toMatchObject({
    code: 'not_found',
  });
});
