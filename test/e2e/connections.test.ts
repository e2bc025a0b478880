import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ERRORS } from '#shared/errors.js';
import { App, LEGACY_CLIENT } from '../../cli/bridge/testing/app.js';
import { MemorySession } from '../../cli/bridge/testing/session.js';
import type { RequestAuthorization } from '../../cli/sign-in/token-source.js';
import { ConnectionsService } from '../../control-plane/credentials/connections/connections.service.js';
import { GatewayService } from '../../control-plane/gateway/gateway.service.js';
import type { ListChange } from '../../control-plane/gateway/lists/list-changes.js';
import { AccountsCompany, type Member } from '../support/accounts-company.js';
import { proof } from '../support/proof.js';

const CALL = { name: 'crm__whoami', arguments: {} };
const WAITING = { timeout: 40_000 };

let company: AccountsCompany;
let alice: Member;
const open: AsyncDisposable[] = [];

beforeAll(async () => {
  company = await AccountsCompany.start();
  alice = await company.signIn('alice');
});
afterAll(() => company[Symbol.asyncDispose]());
beforeEach(() => {
  company.want(undefined);
  return company.forgetConnections();
});
afterEach(async () => {
  for (const client of open.splice(0)) await client[Symbol.asyncDispose]();
});

/** An AI app of somebody's; `onAddress`: it opens addresses that it is asked to open. */
async function app(
  mode: VersionNegotiationMode,
  onAddress?: (url: string) => Promise<unknown>,
  by = alice,
  path = '/mcp',
): Promise<Client> {
  const capabilities = onAddress ? { elicitation: { url: {} } } : {};
  const client = new Client({ name: 'claude-ai', version: '1.4.2' }, { versionNegotiation: { mode }, capabilities });
  if (onAddress) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      await onAddress('url' in params ? params.url : '');
      return { action: 'accept' };
    });
  }
  const fetch = (url: string | URL, init: RequestInit = {}) =>
    by.client.fetch(String(url), by.tokens.access_token, init.method, new Headers(init.headers), init.body as string);
  await client.connect(new StreamableHTTPClientTransport(new URL(company.publicUrl + path), { fetch }));
  open.push({ [Symbol.asyncDispose]: () => client.close() });
  return client;
}

function textOf(result: { readonly content?: unknown }): string {
  return (result.content as { text: string }[]).map(({ text }) => text).join('\n');
}

const addressIn = (text: string): string => /http\S+\/connect\/cnr_[0-9a-f]{32}/.exec(text)?.[0] ?? text;

it.each(['auto', 'legacy'] as const)(
  'an app (%s) that opens addresses: page, consent, and the same call answers; the next one asks for nothing',
  async (mode) => {
    const opened: string[] = [];
    const client = await app(mode, async (url) => {
      opened.push(url);
      const done = await company.connect(url, 'alice');
      expect(done.text).toContain('The call that waited for it goes on by itself.');
    });
    expect(textOf(await client.callTool(CALL, WAITING))).toBe('you are alice-at-crm');
    expect(textOf(await client.callTool(CALL))).toBe('you are alice-at-crm');
    expect(opened).toHaveLength(1);
    expect(company.calls()).toEqual(['whoami', 'whoami']);
    expect((await company.records()).filter((record) => !record.startsWith('list')).slice(-7)).toEqual([
      'connection.request',
      'tool.call deny connection_needed',
      'connection.make',
      'tool.call allow',
      'tool.call',
      'tool.call allow',
      'tool.call',
    ]);
  },
);

it.each(['auto', 'legacy'] as const)(
  'an app (%s) that shows neither is told where to connect; then the same call answers',
  async (mode) => {
    const client = await app(mode);
    const told = await client.callTool(CALL);
    expect(told.isError).toBe(true);
    expect(textOf(told)).toMatch(
      /^Customers \(crm\) lets this call in by your own account there, which is not connected yet\. Company policy permits this call \(policy crm-for-engineering\)\. To connect it, open \S+ and sign in; .* Make the same call again once it is connected; .* Reference: /,
    );
    expect(told._meta).toMatchObject({ 'dev.mcp-sso/connection': { url: addressIn(textOf(told)) } });
    expect(company.calls()).toEqual([]);
    await company.connect(addressIn(textOf(told)), 'alice');
    expect(textOf(await client.callTool(CALL))).toBe('you are alice-at-crm');
  },
);

it.each(['auto', 'legacy'] as const)(
  'an app (%s) that shows progress alone says there where to connect, and goes on',
  async (mode) => {
    const client = await app(mode);
    const shown = Promise.withResolvers<string>();
    const onprogress = ({ message = '' }): void => {
      if (message.includes('/connect/cnr_')) shown.resolve(message);
    };
    const result = client.callTool(CALL, { ...WAITING, onprogress });
    expect(await shown.promise).toContain('which is not connected yet');
    await company.connect(addressIn(await shown.promise), 'alice');
    expect(textOf(await result)).toBe('you are alice-at-crm');
  },
);

it.each(['auto', 'legacy'] as const)(
  'an app (%s) whose server wants more scopes: one more consent, and the same call answers',
  async (mode) => {
    const opened: string[] = [];
    const client = await app(mode, async (url) => {
      opened.push(url);
      await company.connect(url, 'alice');
    });
    await client.callTool(CALL, WAITING);
    company.want('email');
    expect(textOf(await client.callTool(CALL, WAITING))).toBe('you are alice-at-crm');
    expect(new Set(opened).size).toBe(2);
    const [connection] = await company.app.get(ConnectionsService, { strict: false }).list({});
    expect(connection?.scopes).toEqual(expect.arrayContaining(['openid', 'email']));
    expect((await company.records()).filter((record) => !record.startsWith('list')).slice(-7)).toEqual([
      'tool.call allow',
      'tool.call connection_needed',
      'connection.request',
      'tool.call deny connection_needed',
      'connection.make',
      'tool.call allow',
      'tool.call',
    ]);
  },
);

it('a server that wants scopes which nobody can give is asked twice, and the person once', async () => {
  let asked = 0;
  const client = await app('legacy', async (url) => {
    asked += 1;
    await company.connect(url, 'alice');
  });
  await client.callTool(CALL, WAITING);
  company.want('nobody:has');
  company.upstream.seen.length = 0;
  const refused = await client.callTool(CALL, WAITING);
  expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringMatching(/nobody:has.* administrator\./)]);
  expect([asked, company.calls()]).toEqual([2, ['whoami']]);
});

it('who needs an approval too connects first, and nobody is asked to approve before', async () => {
  const approvals = () => company.storage.db.selectFrom('approvals').select('state').execute();
  const call = { name: 'crm__delete', arguments: { id: 7 } };
  const prompts: string[] = [];
  const client = await app('legacy', async (url) => {
    prompts.push(new URL(url).pathname.split('/')[1]!);
    if (prompts.length > 1) throw new Error('the person does not want to wait');
    expect(await approvals()).toEqual([]);
    await company.connect(url, 'alice');
  });
  const plain = await app('legacy');
  expect(textOf(await plain.callTool(call))).toContain('which is not connected yet');
  void client.callTool(call, WAITING).catch(() => undefined);
  await expect.poll(() => prompts, { timeout: 30_000 }).toEqual(['connect', 'approvals']);
  expect(await approvals()).toEqual([{ state: 'open' }]);
  expect(textOf(await plain.callTool(call))).toContain("This call waits for somebody else's approval.");
  expect(company.calls()).toEqual([]);
});

it('two apps that wait at once both go on by one connection; ended, it is asked for again', async () => {
  const both = Promise.withResolvers<string>();
  const opened = new Set<string>();
  let waiting = 0;
  const onAddress = async (url: string): Promise<void> => {
    opened.add(url);
    if ((waiting += 1) === 2) both.resolve(url);
    await new Promise(() => undefined);
  };
  const apps = await Promise.all([app('legacy', onAddress), app('legacy', onAddress)]);
  const results = apps.map((client) => client.callTool(CALL, WAITING));
  await company.connect(await both.promise, 'alice');
  for (const result of await Promise.all(results)) expect(textOf(result)).toBe('you are alice-at-crm');
  expect(opened.size).toBe(1);
  const connections = company.app.get(ConnectionsService, { strict: false });
  const [connection] = await connections.list({});
  await connections.end(connection!.id, { person: connection!.person, reason: 'test' });
  const told = await (await app('legacy')).callTool(CALL);
  expect(textOf(told)).toContain('which is not connected yet');
});

it('whoever refuses on the page is answered at once, and asked anew by the next call', async () => {
  const client = await app('legacy', async (url) => {
    const { browser, page } = await company.visit(url, 'alice');
    expect((await browser.submit(page, { decision: 'refuse' })).text).toContain(
      'You chose not to connect this account',
    );
  });
  const first = await client.callTool(CALL, WAITING);
  expect([first.isError, textOf(first)]).toEqual([true, expect.stringContaining('You chose not to connect')]);
  const told = await (await app('legacy')).callTool(CALL);
  expect(textOf(told)).toContain('which is not connected yet');
});

it('before the connection the instructions say what to tell the person; tools that somebody saw before are listed', async () => {
  const first = await app('legacy');
  const text = `These wait for the person's own connection: crm (Customers). Call a tool of theirs, which asks for it, or tell the person to open ${company.publicUrl}/connect`;
  expect(first.getInstructions()).toContain(text);
  const changes: ListChange[] = [];
  using _listening = company.app.get(GatewayService).changes.onChange((change) => void changes.push(change));
  await company.connect(addressIn(textOf(await first.callTool(CALL))), 'alice');
  const { person_id: person } = await company.storage.db
    .selectFrom('connections')
    .select('person_id')
    .executeTakeFirstOrThrow();
  expect(changes).toContainEqual({ server: undefined, person, lists: ['tools', 'prompts', 'resources'] });
  expect((await first.listTools()).tools.map(({ name }) => name)).toEqual(['crm__whoami']);
  const second = await app('auto', undefined, await company.signIn('bob'));
  expect(second.getInstructions()).toContain(text);
  expect((await second.listTools()).tools.map(({ name, description }) => `${name}: ${description}`)).toEqual([
    'crm__whoami: Says who you are.',
  ]);
});

it('the endpoint of the one server says so too, and hides from nobody what they may use', async () => {
  const client = await app('legacy', undefined, alice, '/mcp/crm');
  expect(client.getInstructions()).toContain("These wait for the person's own connection: crm (Customers).");
  const [discovered] = [await (await app('auto', undefined, alice, '/mcp/crm')).listTools()];
  expect(discovered.tools.map(({ name }) => name)).toEqual((await client.listTools()).tools.map(({ name }) => name));
  await expect(app('legacy', undefined, await company.signIn('carol'), '/mcp/crm')).rejects.toThrow(
    ERRORS.server_unknown.text,
  );
});

it('a person connects and ends a connection on the page, where no call waits', async () => {
  const address = `${company.publicUrl}/connect`;
  const { browser, page } = await company.visit(address, 'alice');
  expect(page.text).toMatch(/You are alice[^]*None yet[^]*Connect Customers \(crm\)/);
  const done = await company.throughAccount(browser, await browser.submit(page, { connect: 'crm' }), 'alice-at-crm');
  expect(done.text).toContain('Your AI apps can use it from now on.');
  const listed = await browser.open(address);
  expect(listed.text).toMatch(/Customers \(crm\)[^]*End this connection/);
  const [, id = ''] = /name="end" value="(con_[0-9a-f]{32})"/.exec(listed.text) ?? [];
  expect((await browser.submit(listed, { end: id })).text).toContain('None yet');
  expect((await company.records()).slice(-2)).toEqual(['connection.make', 'connection.end']);
});

it('a denied person is never asked to connect', async () => {
  const client = await app('legacy', () => Promise.reject(new Error('asked')), await company.signIn('carol'));
  expect(client.getInstructions() ?? '').not.toContain('connection');
  const denied = await client.callTool(CALL);
  expect(textOf(denied)).toContain('Company policy denied this call');
  expect(await company.storage.db.selectFrom('connection_requests').select('id').execute()).toEqual([]);
});

/** Alice's, as `mcp-sso login` leaves it behind. */
class SignedInSession extends MemorySession {
  override async authorize(method: string, url: string): Promise<RequestAuthorization> {
    const { client, tokens } = alice;
    const dpop = await proof(client.keys, { method, url, accessToken: tokens.access_token });
    return { authorization: `DPoP ${tokens.access_token}`, dpop };
  }
}

it('behind the bridge a legacy app shows the address once, and the call goes on when the person is back', async () => {
  const session = new SignedInSession(company.publicUrl);
  const bridged = new App(async () => session, { now: Date.now });
  const params = { ...LEGACY_CLIENT, capabilities: { elicitation: { url: {} } } };
  await bridged.ask({ id: 0, method: 'initialize', params });
  const asked = await bridged.ask({ id: 1, method: 'tools/call', params: CALL });
  const { url } = asked['params'] as { url: string };
  await company.connect(url, 'alice');
  bridged.send({ id: asked['id'], result: { action: 'accept' } });
  expect(await bridged.next()).toMatchObject({ id: 1, result: { content: [{ text: 'you are alice-at-crm' }] } });
  await bridged.quit();
});
