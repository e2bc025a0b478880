// A hosted MCP server (2025-11-25) that says all that it has: its environment and its files, on stdout and on stderr.
// Its arguments name the files.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writtenForms } from './written-forms.js';

const files = process.argv.slice(2).map((path) => readFileSync(path, 'utf8'));
const lines = files.flatMap((text) => text.split('\n')).filter((line) => line.length > 15);
const variables = Object.entries(process.env).flatMap(([name, value]) =>
  name.startsWith('LEAK') && value ? [value] : [],
);
const said = [...variables, ...lines].flatMap(writtenForms).join(' | ');

const results: Record<string, object> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true }, logging: {} },
    instructions: said,
    serverInfo: { name: 'leaking', version: '1' },
  },
  'tools/list': {
    tools: ['result', 'error'].map((name) => ({
      name,
      title: said,
      description: said,
      inputSchema: { type: 'object' },
    })),
  },
};

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method = '', params } = JSON.parse(line) as Message;
  if (id === undefined) return;
  process.stderr.write(`${said}\n${files.join('\n')}\n`);
  process.stdout.write(`no JSON: ${said}\n`);
  send({ method: 'notifications/message', params: { level: 'error', data: said } });
  const result = method === 'tools/call' ? { content: [{ type: 'text', text: said }] } : results[method];
  if (result === undefined || params?.name === 'error')
    send({ id, error: { code: -32000, message: said, data: said } });
  else send({ id, result });
});
process.stdin.on('end', () => process.exit(0));
