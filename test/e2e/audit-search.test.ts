import { auditPageSchema } from '#shared/api/audit.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { challenges } from '../support/challenge.js';
import { credentials, send } from '../support/http.js';
import { signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const CLAUDE = { name: 'claude-ai', version: '1.4.2' };
let dave: Laptop;
let alice: Laptop;

async function signedIn(person: string): Promise<Laptop> {
  const laptop = new Laptop(person, stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  return laptop;
}

const search = (laptop: Laptop, ...words: string[]) => laptop.run('audit', 'search', ...words);

async function entries(...words: string[]) {
  const { code, stdout, stderr } = await search(dave, ...words, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return auditPageSchema.parse(JSON.parse(stdout)).entries;
}

beforeAll(async () => {
  [alice, dave] = [await signedIn('alice'), await signedIn('dave')];
  const claude = await BridgeSession.connect(alice, { app: CLAUDE });
  await claude.call('crm__list_customers');
  await claude.call('everything__get-env');
  await claude.close();
  const cursor = await BridgeSession.connect(alice, { app: { name: 'cursor-vscode', version: '2.1.0' } });
  await cursor.call('crm__get_customer', { id: 'c-1' });
  await cursor.close();
});

describe('mcp-sso audit search', () => {
  it('answers who used Claude to reach the CRM today', async () => {
    const found = await entries('--client', 'claude', '--server', 'crm', '--since', 'today');
    const calls = found.filter(({ type }) => type === 'tool.call');
    expect(calls.map(({ person, target, decision, outcome }) => [person?.email, target, decision, outcome])).toEqual([
      ['alice@demo.example', 'list_customers', 'allow', 'ok'],
    ]);
    expect(calls[0]?.client).toEqual({ id: 'mcp-bridge', claimedName: 'claude-ai', claimedVersion: '1.4.2' });
  });

  it('understands “last tuesday” in the asker’s time zone, and finds nothing of today there', async () => {
    const found = await entries(
      '--client',
      'claude',
      '--server',
      'crm',
      '--since',
      'last tuesday',
      '--until',
      'last wednesday',
      '--tz',
      'Europe/Berlin',
    );
    expect(found).toEqual([]);
  });

  it('filters by person, tool and decision', async () => {
    const denied = await entries('--user', 'alice@demo.example', '--decision', 'deny', '--since', 'today');
    expect(denied.map(({ target, policies }) => [target, policies])).toEqual([['get-env', []]]);
    const byTool = await entries('--tool', 'get_customer', '--since', 'today');
    expect(byTool.map(({ client }) => client?.claimedName)).toEqual(['cursor-vscode']);
  });

  it('shows in print that a client’s name is its own claim', async () => {
    const { code, stdout } = await search(dave, '--client', 'claude', '--since', 'today');
    expect(code).toBe(0);
    expect(stdout).toContain('claude-ai');
    expect(stdout).toMatch(/claim/i);
  });

  it('is itself recorded', async () => {
    const reads = await entries('--user', 'dave@demo.example', '--since', 'today');
    expect(reads.map(({ type }) => type)).toContain('audit.read');
  });

  it('is refused to alice, who lacks the role', async () => {
    const { code, stderr, stdout } = await search(alice, '--since', 'today');
    expect(code).toBe(6);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/role/);
  });

  it('is refused to alice over HTTP as well, with a token for the admin API', async () => {
    const own = await signInAsAuditor(stack(), 'alice');
    const url = `${stack().addresses.publicUrl}/api/v1/audit`;
    const answer = await send(url, { headers: await credentials(own, 'GET', url) });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 403, code: 'role_missing' });
  });

  it('needs a token at all', async () => {
    const answer = await send(`${stack().addresses.publicUrl}/api/v1/audit`);
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/api', 'audit:read', { bearer: '', dpop: '' }));
  });
});

describe('mcp-sso audit verify', () => {
  it('holds', async () => {
    expect(await dave.run('audit', 'verify')).toMatchObject({ code: 0 });
  });
});
