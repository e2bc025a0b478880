import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from './ask.js';

async function answered(text: string): Promise<{ agreed: boolean; asked: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(text);
  const agreed = await confirm('End it?', { input, output });
  return { agreed, asked: String(output.read()) };
}

test.each(['y\n', 'Y\n', 'yes\n', ' YES \n'])('%j is a yes', async (text) => {
  expect(await answered(text)).toEqual({ agreed: true, asked: 'End it? [y/N] ' });
});

test.each(['\n', 'n\n', 'yess\n', 'no yes\n', ''])('%j is a no', async (text) => {
  expect((await answered(text)).agreed).toBe(false);
});
