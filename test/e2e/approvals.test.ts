import { Client, type CallToolResult, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { ListedApproval } from '#shared/api/approvals.js';
import { Browser } from '../../demo/walk/browser.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm } from '../support/crm-log.js';
import { connectClient } from '../support/mcp.js';
import { signIn, signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

const POLICIES = `
@id("environment-for-engineering") @reason("Engineering may look at the environment.")
permit (principal in Mcp::Group::"demo/engineering", action == Mcp::Action::"everything/get-env", resource);

@id("destroying-needs-a-lead") @reason("Destroying needs a second person.") @require_approval("demo/leads")
forbid (principal, action in [Mcp::Action::"destroy"], resource);

@id("adding-needs-a-lead") @reason("Adding customers needs a second person.") @require_approval("demo/leads")
forbid (principal, action == Mcp::Action::"crm/add_customer", resource);
`;
const ADD = 'crm__add_customer';
const WAITING = { timeout: 120_000 };
const stack = useStack(async () => ({ more: { servers: '', policies: POLICIES } }));
const open: Client[] = [];
let alice: Laptop;
let bob: Laptop;

beforeAll(async () => {
  await stack().changePerson('alice', { groups: ['engineering', 'leads'] });
  await stack().changePerson('bob', { groups: ['leads'] });
  [alice, bob] = [new Laptop('alice', stack().folder), new Laptop('bob', stack().folder)];
  await Promise.all([alice, bob].map((laptop) => laptop.login(stack().addresses.publicUrl)));
});
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

/** An AI app of alice's over her own bridge; `onAddress`: it opens addresses that it is asked to open. */
async function app(mode: VersionNegotiationMode, onAddress?: (url: string) => void): Promise<Client> {
  const capabilities = onAddress ? { elicitation: { url: {} } } : {};
  const client = new Client({ name: 'claude-ai', version: '1.4.2' }, { versionNegotiation: { mode }, capabilities });
  if (onAddress) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      onAddress('url' in params ? params.url : '');
      // The person is not back from the browser yet.
      return new Promise<never>(() => undefined);
    });
  }
  await client.connect(new StdioClientTransport({ ...alice.commandLine(['bridge']), cwd: alice.elsewhere }));
  open.push(client);
  return client;
}

/** Makes the call once; resolves with what it waits for, while it does. */
async function held(client: Client, name: string, args: Record<string, unknown>) {
  const { promise: told, resolve, reject } = Promise.withResolvers<string>();
  const result = client.callTool(
    { name, arguments: args },
    { ...WAITING, onprogress: ({ message = '' }) => message.includes('apr_') && resolve(message) },
  );
  // An answer before any progress is one that waited for nobody.
  result.then((answer) => reject(new Error(textOf(answer))), reject);
  const said = await told;
  return { result, said, id: idIn(said) };
}

async function decide(by: Laptop, verdict: 'approve' | 'refuse', id: string, ...more: string[]) {
  return by.run('approvals', verdict, id, '--json', ...more);
}

function idIn(text: string): string {
  const [id] = /apr_[0-9a-f]{32}/.exec(text) ?? [];
  if (id === undefined) throw new Error(`No approval is named: ${text}`);
  return id;
}

function textOf({ content }: CallToolResult): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}

it('a destroying call waits at the bridge, through a restart, for somebody else; approved, it goes on by itself', async () => {
  const { result, said, id } = await held(await app('legacy'), 'everything__get-env', {});
  const address = `${stack().addresses.publicUrl}/approvals/${id}`;
  expect(said).toContain('Company policy (policy destroying-needs-a-lead): Destroying needs a second person.');
  expect(said).toContain(`Ask somebody of demo/leads to approve it at ${address}.`);

  const own = await decide(alice, 'approve', id);
  expect({ code: own.code, stderr: own.stderr }).toMatchObject({ code: 6, stderr: expect.stringMatching(/own/) });
  expect(await stack().stopControlPlane()).toBe('exit code 0');
  await stack().startControlPlane();
  const listed = JSON.parse((await bob.run('approvals', 'list', '--json')).stdout) as { approvals: ListedApproval[] };
  expect(listed.approvals).toMatchObject([{ id, state: 'open', mine: true, server: 'everything', target: 'get-env' }]);
  expect(await decide(bob, 'approve', id)).toMatchObject({ code: 0 });
  expect(textOf(await result)).toContain('PATH');

  const records = await searchAudit(stack(), await signInAsAuditor(stack()), { limit: '100' });
  const calls = records.filter(({ type, target }) => type === 'tool.call' && target === 'get-env');
  const by = (wanted: string) => calls.filter(({ decision }) => decision === wanted);
  expect([by('deny').length, by('allow').length]).toEqual([1, 1]);
  const decided = records.filter(({ type }) => type === 'approval.decide');
  expect(decided.map(({ decision }) => decision)).toEqual(['allow']);
});

it('an app that opens addresses shows the page, and the call goes on when somebody approves it there', async () => {
  const shown = Promise.withResolvers<string>();
  const client = await app('legacy', shown.resolve);
  const before = callsAtCrm(stack()).length;
  const result = client.callTool({ name: ADD, arguments: { name: 'Page Ltd', city: 'Bern' } }, WAITING);
  const browser = new Browser();
  const first = await browser.open(await shown.promise);
  const page = await signInAs(browser, first.links[0]?.url ?? '', 'bob');
  expect(page.text).toContain('This call was approved');
  expect(textOf(await result)).toContain('Page Ltd');
  expect(callsAtCrm(stack()).slice(before)).toEqual(['add_customer']);
});

it('a refusal ends the call, and says why', async () => {
  const { result, id } = await held(await app('legacy'), ADD, { name: 'Refused Ltd', city: 'Bern' });
  expect(await decide(bob, 'refuse', id, '--reason', 'Not this one.')).toMatchObject({ code: 0 });
  const answer = await result;
  expect(answer.isError).toBe(true);
  expect(textOf(answer)).toContain('Somebody who can approve this call refused it: “Not this one.”');
});

it('an app of 2026-07-28 behind the bridge comes back by itself', async () => {
  const { result, id } = await held(await app('auto'), ADD, { name: 'Modern Ltd', city: 'Bern' });
  expect(await decide(bob, 'approve', id)).toMatchObject({ code: 0 });
  expect(textOf(await result)).toContain('Modern Ltd');
});

it('a client that can neither wait nor ask is told who can approve; asked again, the call goes through, once', async () => {
  const client = await connectClient(`${stack().addresses.publicUrl}/mcp`, await signIn(stack(), 'alice'), 'legacy');
  open.push(client);
  const call = { name: ADD, arguments: { name: 'Again Ltd', city: 'Bern' } };
  const before = callsAtCrm(stack()).length;
  const told = await client.callTool(call);
  expect(told.isError).toBe(true);
  expect(textOf(told)).toMatch(
    /Ask somebody of demo\/leads .* Make the same call again once it is approved; .* Reference: /,
  );
  expect(await decide(bob, 'approve', idIn(textOf(told)))).toMatchObject({ code: 0 });
  expect(textOf(await client.callTool(call))).toContain('Again Ltd');
  expect(textOf(await client.callTool(call))).toContain('Make the same call again once it is approved');
  expect(callsAtCrm(stack()).slice(before)).toEqual(['add_customer']);
});
