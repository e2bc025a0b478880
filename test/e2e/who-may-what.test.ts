import { META } from '#shared/mcp/meta.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm, receivedByCrm } from '../support/crm-log.js';
import { credentials } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const PEOPLE = ['alice', 'bob', 'carol', 'dave'] as const;
type Name = (typeof PEOPLE)[number];

const people = new Map<Name, SignedIn>();
let auditor: SignedIn;

beforeAll(async () => {
  for (const name of PEOPLE) people.set(name, await signIn(stack(), name));
  auditor = await signInAsAuditor(stack());
});

interface Result {
  readonly isError?: boolean;
  readonly content?: readonly { readonly text: string }[];
  readonly tools?: readonly { readonly name: string }[];
  readonly resources?: readonly { readonly uri: string }[];
  readonly prompts?: readonly { readonly name: string }[];
  readonly cacheScope?: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

async function ask(name: Name, path: string, method: string, params: Record<string, unknown> = {}) {
  const person = people.get(name);
  if (!person) throw new Error(`${name} is not signed in.`);
  const url = stack().addresses.publicUrl + path;
  const answer = await sendMcp(url, await credentials(person, 'POST', url), method, params);
  expect(answer.status).toBe(200);
  return messageOf(answer.text);
}

/** The JSON-RPC response in a JSON body or in the last event of a stream. */
function messageOf(text: string): {
  result?: Result;
  error?: { code: number; message: string; data?: { reference?: string } };
} {
  const data = text.startsWith('{')
    ? text
    : (text
        .match(/^data: (.*)$/gm)
        ?.at(-1)
        ?.slice('data: '.length) ?? '{}');
  return JSON.parse(data) as ReturnType<typeof messageOf>;
}

const call = (name: Name, path: string, tool: string, args: object = {}) =>
  ask(name, path, 'tools/call', { name: tool, arguments: args });

const CRM_READS = ['debug_dump', 'get_customer', 'list_customers', 'whoami'];
const EVERYTHING_READS = [
  'echo',
  'get-annotated-message',
  'get-resource-links',
  'get-resource-reference',
  'get-structured-content',
  'get-sum',
  'get-tiny-image',
  'trigger-long-running-operation',
];
const FILES_READS = ['get_file_info', 'list_directory', 'read_text_file', 'search_files'];
const prefixed = (server: string, names: readonly string[]): string[] => names.map((name) => `${server}__${name}`);

describe('a list shows what the person may call, and nothing else', () => {
  it.each<[Name, string[]]>([
    [
      'alice',
      [
        ...prefixed('crm', [...CRM_READS, 'add_customer', 'delete_customer']),
        ...prefixed('everything', EVERYTHING_READS),
        ...prefixed('files', FILES_READS),
      ],
    ],
    ['bob', prefixed('crm', CRM_READS)],
    ['carol', prefixed('everything', EVERYTHING_READS)],
    ['dave', []],
  ])('%s at /mcp', async (name, tools) => {
    const { result } = await ask(name, '/mcp', 'tools/list');
    expect(result?.tools?.map((tool) => tool.name).toSorted()).toEqual(tools.toSorted());
    expect(result?.cacheScope).toBe('private');
  });

  it.each<[Name, string[]]>([
    ['alice', [...CRM_READS, 'add_customer', 'delete_customer']],
    ['bob', CRM_READS],
    ['carol', []],
    ['dave', []],
  ])('%s at /mcp/crm', async (name, tools) => {
    const { result } = await ask(name, '/mcp/crm', 'tools/list');
    expect((result?.tools ?? []).map((tool) => tool.name).toSorted()).toEqual(tools.toSorted());
  });

  it('resources and prompts of a server are for those who may read it', async () => {
    expect((await ask('bob', '/mcp', 'resources/list')).result?.resources?.map(({ uri }) => uri)).toEqual([
      'mcp.crm+crm://customers',
    ]);
    expect((await ask('bob', '/mcp', 'prompts/list')).result?.prompts?.map(({ name }) => name)).toEqual(['crm__visit']);
    const carols = await ask('carol', '/mcp', 'resources/list');
    expect(carols.result?.resources?.filter(({ uri }) => uri.startsWith('mcp.crm'))).toEqual([]);
    expect((await ask('dave', '/mcp', 'resources/list')).result?.resources).toEqual([]);
  });
});

describe('a call that policy allows', () => {
  it.each<[Name, string, string, object, string]>([
    ['alice', '/mcp', 'crm__list_customers', {}, 'Nordwind'],
    ['alice', '/mcp', 'crm__add_customer', { name: 'Contoso', city: 'Ghent' }, 'Contoso'],
    ['alice', '/mcp/crm', 'get_customer', { id: 'c-4' }, 'Contoso'],
    ['alice', '/mcp', 'everything__echo', { message: 'hello' }, 'hello'],
    ['bob', '/mcp', 'crm__get_customer', { id: 'c-2' }, 'Fabrikam'],
    ['bob', '/mcp/crm', 'list_customers', {}, 'Tailspin'],
    ['carol', '/mcp', 'everything__get-sum', { a: 19, b: 23 }, '42'],
    ['carol', '/mcp/everything', 'echo', { message: 'hello' }, 'hello'],
  ])('%s at %s calls %s', async (name, path, tool, args, text) => {
    const { result } = await call(name, path, tool, args);
    expect(result?.isError ?? false).toBe(false);
    expect(result?.content?.[0]?.text).toContain(text);
  });

  it('arrives with the company’s credential and without any of the person', async () => {
    const { result } = await call('alice', '/mcp', 'crm__whoami');
    const { headers } = JSON.parse(result?.content?.[0]?.text ?? '{}') as { headers: string[] };
    expect(headers.filter((header) => !header.startsWith('mcp-'))).toEqual(['x-api-key']);
  });

  it('reads a resource and gets a prompt', async () => {
    const read = await ask('bob', '/mcp', 'resources/read', { uri: 'mcp.crm+crm://customers' });
    expect(JSON.stringify(read.result)).toContain('Nordwind');
    const prompt = await ask('bob', '/mcp/crm', 'prompts/get', { name: 'visit', arguments: { customer: 'c-1' } });
    expect(JSON.stringify(prompt.result)).toContain('c-1');
  });
});

async function expectRecorded(name: Name, reference: string, about: { target: string; policies: string[] }) {
  const [entry] = await searchAudit(stack(), auditor, { id: reference });
  expect(entry).toMatchObject({ type: 'tool.call', decision: 'deny', ...about });
  expect(entry?.person?.email).toBe(`${name}@demo.example`);
  expect(entry?.client).toEqual({ id: 'mcp-bridge', claimedName: 'claude-ai', claimedVersion: '1.4.2' });
}

describe('a call that policy does not allow', () => {
  it.each<[Name, string, string, string, string[]]>([
    ['bob', '/mcp', 'crm__add_customer', 'add_customer', []],
    ['bob', '/mcp/crm', 'add_customer', 'add_customer', []],
    ['bob', '/mcp', 'everything__echo', 'echo', []],
    ['dave', '/mcp', 'crm__list_customers', 'list_customers', []],
    ['dave', '/mcp/crm', 'list_customers', 'list_customers', []],
    ['carol', '/mcp', 'crm__list_customers', 'list_customers', ['no-contractors-in-crm']],
    ['carol', '/mcp/crm', 'get_customer', 'get_customer', ['no-contractors-in-crm']],
    ['carol', '/mcp', 'everything__get-env', 'get-env', []],
    ['alice', '/mcp', 'everything__get-env', 'get-env', []],
  ])(
    '%s at %s calling %s: a result that says why, an audit row, and nothing upstream',
    async (name, path, tool, target, policies) => {
      const before = callsAtCrm(stack()).length;
      const { result } = await call(name, path, tool);
      expect(result?.isError).toBe(true);
      const reference = String(result?._meta?.[META.reference]);
      const text = result?.content?.[0]?.text ?? '';
      expect(text).toContain(`Reference: ${reference}.`);
      expect(text).toContain(
        policies.length > 0 ? `(policy ${policies.join(', ')})` : `No policy permits the tool “${target}”`,
      );
      await expectRecorded(name, reference, { target, policies });
      expect(callsAtCrm(stack())).toHaveLength(before);
    },
  );

  it('of a tool that its server does not list is held back, whatever policies permit', async () => {
    const { result } = await call('alice', '/mcp', 'crm__no_such_tool');
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toContain(
      'The tool “no_such_tool” on the server “crm” is held back: nobody has accepted its definition yet, which is new, changed or not in the list of the server.',
    );
    await expectRecorded('alice', String(result?._meta?.[META.reference]), { target: 'no_such_tool', policies: [] });
  });

  it('of a server that nobody configured is answered as such, and recorded too', async () => {
    const { error } = await call('dave', '/mcp', 'nowhere__x');
    expect(error?.message).toBe('There is no such MCP server here.');
    await expectRecorded('dave', String(error?.data?.reference), { target: 'x', policies: [] });
  });

  it('is the same for reading a resource and getting a prompt', async () => {
    const read = await ask('carol', '/mcp', 'resources/read', { uri: 'mcp.crm+crm://customers' });
    const prompt = await ask('carol', '/mcp/crm', 'prompts/get', { name: 'visit', arguments: { customer: 'c-1' } });
    expect(read.error?.message ?? '').toContain('Contractors have no access to customer data.');
    expect(prompt.error?.message ?? '').toContain('Contractors have no access to customer data.');
    const rows = await searchAudit(stack(), auditor, { decision: 'deny', server: 'crm', user: 'carol@demo.example' });
    expect(rows.map(({ type }) => type)).toEqual(expect.arrayContaining(['resource.read', 'prompt.get']));
    expect(receivedByCrm(stack()).filter(({ method }) => method === 'resources/read')).toHaveLength(1);
    expect(receivedByCrm(stack()).filter(({ method }) => method === 'prompts/get')).toHaveLength(1);
  });
});

it('what reached the CRM is what was allowed', () => {
  expect(new Set(callsAtCrm(stack()))).toEqual(new Set(['list_customers', 'add_customer', 'get_customer', 'whoami']));
  expect(callsAtCrm(stack())).toHaveLength(6);
});
