import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CodedError } from '#shared/errors.js';
import type { Terminal } from './terminal.js';

const MAX_BYTES = 65_536;

/** A secret from a pipe (without its last line break) or typed unseen; never from argv, which every process can read. */
export async function readSecret(name: string, terminal: Terminal): Promise<string> {
  const value = terminal.input.isTTY ? await typed(name, terminal) : await piped(terminal.input);
  if (value !== '') return value;
  throw new CodedError('usage', {
    message: `The value is empty. Pipe it in: mcp-sso-control-plane secret set ${name} < FILE`,
  });
}

async function piped(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) throw new CodedError('usage', { message: 'The value is larger than 64 KiB.' });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

async function typed(name: string, terminal: Terminal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal.input, output: unseen, terminal: true });
  const interrupt = new AbortController();
  lines.on('SIGINT', () => interrupt.abort());
  terminal.errors.write(`Value of ${name} (not shown): `);
  try {
    return await lines.question('', { signal: interrupt.signal });
  } catch (cause) {
    throw new CodedError('interrupted', { cause });
  } finally {
    lines.close();
    terminal.errors.write('\n');
  }
}
