import { expect, onTestFinished, test } from 'vitest';
import type { RecordPersonal } from '../audit/record.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { loadPayloads } from '../audit/search/load-payloads.js';
import { SubjectKeys } from '../audit/subject-keys.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway, type GatewayOptions } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

const POLICIES = `
@id("all") @reason("Engineering uses the CRM.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"crm");`;
const SECRET = 'k3y-that-only-the-server-knows';

type Shown = Pick<GatewayOptions, 'capture' | 'settings'>;

async function open(handler: Handler, options: Shown): Promise<OpenGateway> {
  const upstream = await UpstreamServer.modern(handler);
  onTestFinished(() => upstream[Symbol.asyncDispose]());
  const crm = {
    url: upstream.url,
    credential: { kind: 'bearer', secret: 'env:KEY' },
    tools: { get: { effect: 'read' } },
  };
  const environment = { KEY: SECRET };
  const gateway = await OpenGateway.open({ policies: POLICIES, servers: { crm }, environment, ...options });
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

/** Facts and personal part of every record of a call, oldest first. */
async function records({ storage }: OpenGateway): Promise<{ facts: object; personal: RecordPersonal }[]> {
  const rows = await storage.db.selectFrom('audit_records').select('header').orderBy('idx').execute();
  const headers = rows.map(({ header }) => parseHeader(header)!).filter(({ type }) => type === 'tool.call');
  const payloads = await loadPayloads(storage.db, new SubjectKeys(storage), headers, true);
  return headers.map(({ id, facts }) => {
    const payload = payloads.get(id);
    return { facts, personal: payload?.state === 'shown' ? payload.personal : {} };
  });
}

async function call(gateway: OpenGateway, args: object, as = 'alice') {
  const headers = { 'user-agent': 'mcp-sso/1.2.3 (linux x64)' };
  return postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name: 'get', arguments: args }, { as, headers });
}

const echo: Handler = (request, response) => {
  const text = `${request.headers.authorization} ${JSON.stringify(request.message.params?.['arguments'])}`;
  sendResult(response, request, textResult(text));
};

test('unless told, arguments are a keyed hash and results are nothing; who asked, and how, is on record', async () => {
  const gateway = await open(echo, {});
  gateway.identity.signIn = { acr: 'urn:mfa', amr: ['otp'], authTime: 1_000 };
  await call(gateway, { note: 'between us' });
  const [intent, outcome] = await records(gateway);
  expect(intent).toMatchObject({
    facts: {
      acr: 'urn:mfa',
      amr: ['otp'],
      authTime: 1_000,
      protocol: '2026-07-28',
      serverHost: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      transport: 'streamable-http',
      groupsHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      capturesArguments: 'policy',
      capturesResults: 'none',
    },
    personal: {
      issuer: 'https://idp.example',
      subject: 'alice',
      groups: ['idp/engineering'],
      port: expect.any(Number) as number,
      claimedBridge: { version: '1.2.3', system: 'linux x64' },
      userAgent: 'mcp-sso/1.2.3 (linux x64)',
      argumentsHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    },
  });
  expect(Object.entries(intent!.facts)).toEqual(
    expect.arrayContaining([
      ['requestBytes', expect.any(Number)],
      ['decisionMicros', expect.any(Number)],
    ]),
  );
  expect(outcome).toMatchObject({
    facts: { outcome: 'ok', status: 200, redactions: 1, credential: 'crm/bearer', credentialOf: 'company' },
  });
  expect(JSON.stringify([intent, outcome])).not.toContain('between us');
  expect(Object.keys(outcome!.personal)).not.toEqual(expect.arrayContaining(['result', 'resultHash']));
});

test('at level none nothing at all of the arguments is kept, also what policies read', async () => {
  const gateway = await open(echo, { capture: { arguments: 'none' } });
  await call(gateway, { note: 'between us' });
  const [intent] = await records(gateway);
  expect(intent?.personal.argumentsHash).toBeUndefined();
  expect(intent?.personal.policyInput).not.toContain('"args"');
});

test.each([
  ['hash', undefined],
  ['redacted', 'complete'],
  ['full', 'complete'],
])('an injected secret that a server echoes is in no result at level %s', async (results, resultType) => {
  const gateway = await open(echo, { capture: { arguments: 'full', results } });
  await call(gateway, { note: 'between us' });
  const [intent, outcome] = await records(gateway);
  expect(JSON.parse(intent?.personal.arguments ?? '')).toEqual({ note: 'between us' });
  expect(outcome?.personal.resultHash).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify([intent, outcome])).not.toContain(SECRET);
  const { result } = JSON.parse(outcome?.personal.result ?? '{}') as { result?: { resultType: string } };
  expect(result?.resultType).toBe(resultType);
});

test('at level redacted an argument that is named like a secret is masked; a denied call is captured too', async () => {
  const tools = { get: { arguments: 'redacted' } };
  const gateway = await open(echo, { capture: { servers: { crm: { tools } } } });
  await call(gateway, { Password: 'hunter2', user: 'alice' }, 'bob');
  const [denied] = await records(gateway);
  expect(denied).toMatchObject({ facts: { decision: 'deny' } });
  expect(denied?.personal.arguments).toBe('{"Password":"[redacted]","user":"alice"}');
});

test('huge, deep and odd arguments fail no call and are cut', async () => {
  const gateway = await open((request, response) => sendResult(response, request, textResult('x'.repeat(300_000))), {
    capture: { arguments: 'full', results: 'full', maxBytes: 2_048 },
    settings: { nesting: 900 },
  });
  let deep: unknown = 'end';
  for (let level = 0; level < 500; level++) deep = [deep];
  const odd = [{ big: 'y'.repeat(500_000) }, { deep }, { half: '\ud800', n: 1e300 }];
  for (const args of odd) {
    expect(await call(gateway, args)).toMatchObject({ status: 200 });
  }
  const captured = (await records(gateway)).map(({ personal }) => personal);
  expect(captured).toHaveLength(6);
  for (const { arguments: args, result } of captured) {
    expect(Buffer.byteLength(args ?? result ?? '')).toBeLessThanOrEqual(2_048);
  }
  expect(captured.map(({ truncated }) => truncated)).toEqual([true, true, undefined, true, undefined, true]);
});
