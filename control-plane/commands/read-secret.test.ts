import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readSecret } from './read-secret.js';
import type { Terminal } from './terminal.js';

class Keyboard extends PassThrough {
  readonly isTTY = true;
  setRawMode(): this {
    return this;
  }
}

function terminalWith(input: Terminal['input']) {
  const output = new PassThrough();
  const errors = new PassThrough();
  return {
    terminal: { input, output, errors, environment: {} },
    shownText: () => String(output.read() ?? '') + String(errors.read() ?? ''),
  };
}

const piped = (...chunks: string[]) => terminalWith(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))).terminal;

test('exactly one line break is taken off a piped value', async () => {
  expect(await readSecret('crm', piped('s3c', 'ret\n'))).toBe('s3cret');
  expect(await readSecret('crm', piped('s3cret\r\n'))).toBe('s3cret');
  expect(await readSecret('crm', piped('two\nlines\n\n'))).toBe('two\nlines\n');
  expect(await readSecret('crm', piped(' spaces stay '))).toBe(' spaces stay ');
});

test('an empty and an oversized value are refused', async () => {
  await expect(readSecret('crm', piped('\n'))).rejects.toThrow(
    'The value is empty. Pipe it in: mcp-sso-control-plane secret set crm < FILE',
  );
  await expect(readSecret('crm', piped('x'.repeat(65_537)))).rejects.toThrow('The value is larger than 64 KiB.');
});

test('a typed value is not echoed', async () => {
  const input = new Keyboard();
  const { terminal, shownText } = terminalWith(input);
  const reading = readSecret('crm', terminal);
  input.write('s3cret\r');
  expect(await reading).toBe('s3cret');
  expect(shownText()).toBe('Value of crm (not shown): \n');
});

test('Ctrl-C at the prompt ends it', async () => {
  const input = new Keyboard();
  const reading = readSecret('crm', terminalWith(input).terminal);
  input.write('half\u0003');
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
});
