import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExplainedCall } from '#shared/api/explain.js';
import type { Replay } from '#shared/api/replay.js';
import { AuditService } from '../audit/audit.service.js';
import type { NewRecord } from '../audit/record.js';
import { PolicyService } from '../policy/policy.service.js';
import { recordInput } from '../policy/recorded-input.js';
import { inputOf } from '../policy/testing/inputs.js';
import { Company, type SignedIn } from './testing/company.js';

const SCOPE = 'openid self audit:read policies:read policies:write';
const NEW_POLICIES = [
  {
    file: 'policies/crm.cedar',
    text: `
@id("writers") @reason("Sales may write.")
permit(principal in Mcp::Group::"corp/sales", action in Mcp::Action::"write", resource in Mcp::Server::"crm");`,
  },
];

let company: Company;
let author: SignedIn;
let alice: SignedIn;
let denied: string;
beforeAll(async () => {
  company = await Company.start({
    servers: {
      crm: { url: 'http://127.0.0.1:9/mcp', tools: { list: { effect: 'read' }, save: { effect: 'write' } } },
    },
  });
  author = await company.administer('author', { scope: SCOPE });
  alice = await company.administer('alice', { scope: SCOPE });
  await write('list', 'allow', ['readers']);
  await write('list', 'allow', ['readers']);
  denied = await write('save', 'deny', []);
  await write('save', 'deny', [], null);
});
afterAll(() => company[Symbol.asyncDispose]());

/** A call of alice's as the gateway records it. */
async function write(
  name: string,
  decision: 'allow' | 'deny',
  policies: readonly string[],
  policyInput: string | null = inputText(name),
): Promise<string> {
  const record: NewRecord = {
    type: 'tool.call',
    phase: 'event',
    subject: alice.person,
    facts: { person: alice.person, server: 'crm', target: name, decision, policies },
    personal: {
      reason: decision === 'deny' ? 'No policy permits the tool “save” on the server “crm”.' : 'Sales may read.',
      ...(policyInput === null ? {} : { policyInput }),
    },
  };
  return (await company.system.app.get(AuditService, { strict: false }).write(record)).id;
}

function inputText(name: string): string {
  const person = { id: alice.person, groups: ['corp/sales'] };
  const effect = name === 'list' ? 'read' : 'write';
  return recordInput(inputOf({ person, server: 'crm', target: { kind: 'tool', name, effect } }), [], [])!;
}

async function replay(who: SignedIn, body: object): Promise<Replay> {
  const started = await who.ask('POST', '/api/v1/policies/replay', {}, body);
  expect(started).toMatchObject({ status: 200 });
  let found = started.body as Replay;
  while (found.state === 'running') {
    found = (await who.ask('GET', `/api/v1/policies/replay/${found.id}`)).body as Replay;
  }
  return found;
}

test('a replay says who would lose what and who would gain what, and what nobody can say', async () => {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const found = await replay(author, { policies: NEW_POLICIES, since });
  const who = { id: alice.person, email: 'alice@corp.test' };
  expect(found).toMatchObject({
    state: 'done',
    calls: 4,
    replayed: 4,
    unchanged: 0,
    unknown: { unrecorded: 1, erased: 0, unreadable: 0, arguments: 0, failed: 0 },
    losses: [{ person: who, server: 'crm', target: 'list', before: 'allow', after: 'deny', policies: [], calls: 2 }],
    gains: [{ person: who, target: 'save', before: 'deny', after: 'allow', policies: ['writers'], samples: [denied] }],
    more: 0,
  });
  const { body } = await (
    await company.administer('auditor', { scope: SCOPE })
  ).ask('GET', '/api/v1/audit?type=policy.replay');
  expect(body).toMatchObject({ entries: [{ person: { email: 'author@corp.test' } }] });
});

test('policies with faults are refused, and nobody without a role replays or reads what others found', async () => {
  const since = new Date(0).toISOString();
  const faulty = [{ file: 'policies/a.cedar', text: 'permit(principal, action, resource in Mcp::Server::"x");' }];
  const refused = await author.ask('POST', '/api/v1/policies/replay', {}, { policies: faulty, since });
  expect(refused.body).toMatchObject({
    code: 'config_invalid',
    detail: expect.stringContaining('a.cedar:1') as string,
  });
  for (const name of ['admin', 'approver', 'helpdesk', 'bob']) {
    const who = await company.administer(name, { scope: SCOPE });
    for (const [method, path] of [
      ['POST', ''],
      ['GET', '/018f0000-0000-7000-8000-000000000000'],
      ['DELETE', '/018f0000-0000-7000-8000-000000000000'],
    ] as const) {
      const answer = await who.ask(
        method,
        `/api/v1/policies/replay${path}`,
        {},
        method === 'POST' ? { policies: [], since } : undefined,
      );
      expect(answer).toMatchObject({ status: 403, body: { code: 'role_missing' } });
    }
  }
});

test('the person sees the sentence of their own denial, others nothing of it', async () => {
  const ask = (who: SignedIn) => who.ask('POST', '/api/v1/policies/explain', {}, { reference: denied });
  const sentence = 'No policy permits the tool “save” on the server “crm”.';
  expect((await ask(alice)).body).toMatchObject({ reference: denied, outcome: 'deny', sentence, details: null });
  const bob = await company.administer('bob', { scope: SCOPE });
  expect(await ask(bob)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const question = { person: alice.person, server: 'crm', name: 'list' };
  expect(await bob.ask('POST', '/api/v1/policies/explain', {}, question)).toMatchObject({ status: 403 });
  expect(await alice.ask('POST', '/api/v1/policies/explain', {}, question)).toMatchObject({ status: 403 });
  const helpdesk = await company.administer('helpdesk', { scope: SCOPE });
  expect((await ask(helpdesk)).body).toMatchObject({ sentence, details: null });
});

test('authors see what a decision was made of, and a question about somebody is answered', async () => {
  const { body } = await author.ask('POST', '/api/v1/policies/explain', {}, { reference: denied });
  expect((body as ExplainedCall).details).toMatchObject({ policies: [], groups: ['corp/sales'], effect: 'write' });
  const question = { person: 'alice@corp.test', server: 'crm', name: 'save', args: { note: 'between us' } };
  const asked = await author.ask('POST', '/api/v1/policies/explain', {}, question);
  expect(asked).toMatchObject({ status: 200, body: { outcome: 'deny', details: { revision: 1 } } });
  const late = { ...question, at: '2999-01-01T00:00:00Z' };
  expect(await author.ask('POST', '/api/v1/policies/explain', {}, late)).toMatchObject({ status: 400 });
});

test('a candidate is compared with what was decided, and changes nothing', async () => {
  const path = '/api/v1/policies/candidate';
  expect(await author.ask('GET', path)).toMatchObject({ status: 404 });
  expect(await alice.ask('POST', path, {}, { policies: NEW_POLICIES })).toMatchObject({ status: 403 });
  const started = await author.ask('POST', path, {}, { policies: NEW_POLICIES, message: 'sales may write' });
  expect(started).toMatchObject({ status: 200, body: { message: 'sales may write', endedAt: null, differences: [] } });
  const policy = company.system.app.get(PolicyService, { strict: false });
  const person = { id: alice.person, groups: ['corp/sales'] };
  const input = inputOf({ person, server: 'crm', target: { kind: 'tool', name: 'save', effect: 'write' } });
  for (const record of ['ref-1', 'ref-2']) policy.decided({ record, input, readings: [], outcome: 'deny' });
  policy.decided({ record: 'ref-3', input, readings: [], outcome: 'allow' });
  expect((await author.ask('GET', path)).body).toMatchObject({
    compared: 3,
    dropped: 0,
    fault: null,
    differences: [
      { person: { id: alice.person }, target: 'save', live: 'deny', candidate: 'allow', calls: 2, last: 'ref-2' },
    ],
  });
  expect((await author.ask('DELETE', path)).body).toMatchObject({ endedAt: expect.any(String) as string });
  policy.decided({ record: 'ref-4', input, readings: [], outcome: 'deny' });
  expect((await author.ask('GET', path)).body).toMatchObject({ compared: 3, differences: [{ calls: 2 }] });
});
