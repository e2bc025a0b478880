import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { modernHeaders } from '#shared/mcp/headers.js';
import { modernRequest, postModern, postRaw } from './testing/mcp-post.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';

const POLICIES = `
@id("engineering") @reason("Engineering uses the CRM.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"crm");
@id("engineering-dead") @reason("Engineering uses the dead server.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"dead");
@id("engineering-keyless") @reason("Engineering uses the keyless server.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"keyless");
@id("no-carol") @reason("Carol has left the project.")
forbid(principal == Mcp::User::"usr_carol", action in Mcp::Action::"destroy", resource in Mcp::Server::"crm");
@id("sales-reads") @reason("Sales reads the CRM.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
`;

onEachEngine((engine) => {
  let upstream: UpstreamServer;
  let database: TestDatabase;
  let gateway: OpenGateway;
  let recordsAtCall: string[] = [];

  beforeAll(async () => {
    upstream = await UpstreamServer.modern(async (request, response) => {
      const { method, params } = request.message;
      if (method !== 'tools/call') {
        sendJson(response, 404, { jsonrpc: '2.0', id: request.message.id, error: { code: -32601, message: 'no' } });
        return;
      }
      recordsAtCall = await gateway.records();
      if (params?.['name'] === 'fails') sendResult(response, request, { ...textResult('sorry'), isError: true });
      else if (params?.['name'] === 'refuses') {
        sendJson(response, 400, { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'bad', data: { x: 1 } } });
      } else sendResult(response, request, textResult(`did ${String(params?.['name'])}`));
    });
    const credential = { kind: 'header', name: 'x-api-key', secret: 'env:CRM_KEY' };
    database = await TestDatabase.create(engine);
    gateway = await OpenGateway.open({
      database: database.location,
      policies: POLICIES,
      servers: {
        crm: { url: upstream.url, credential, tools: { get: { effect: 'read' }, delete: { effect: 'destroy' } } },
        dead: { url: 'http://127.0.0.1:1/mcp' },
        keyless: { url: upstream.url, credential: { ...credential, secret: 'env:NOT_SET' } },
      },
      environment: { CRM_KEY: 'crm-key-0123456789' },
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    upstream.seen.length = 0;
  });

  const call = (name: string, as = 'alice', server = 'crm') =>
    postModern(`${gateway.url}/mcp/${server}`, 'tools/call', { name }, { as });

  test('an allowed call arrives with the credential and without anything of the client’s own', async () => {
    const posted = await postModern(
      `${gateway.url}/mcp/crm`,
      'tools/call',
      { name: 'get', arguments: { a: 1 } },
      {
        id: 'x',
        headers: {
          cookie: 'c=1',
          'x-forwarded-for': '6.6.6.6',
          'x-api-key': 'forged',
          dpop: 'p',
          'mcp-param-region': 'eu',
        },
      },
    );
    expect(posted.message).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: { resultType: 'complete', content: [{ type: 'text', text: 'did get' }] },
    });
    const { headers } = upstream.calls().at(-1)!;
    expect(headers).toMatchObject({
      'x-api-key': 'crm-key-0123456789',
      'mcp-name': 'get',
      'mcp-method': 'tools/call',
      'mcp-protocol-version': '2026-07-28',
      'mcp-param-region': 'eu',
      'accept-encoding': 'identity',
    });
    expect(Object.keys(headers).filter((name) => /authorization|cookie|forwarded|dpop|origin/.test(name))).toEqual([]);
  });

  test('the intent is durable before the upstream hears of the call, and the outcome after it', async () => {
    await call('get');
    expect(recordsAtCall.at(-1)).toBe('tool.call intent crm get allow');
    expect((await gateway.records()).slice(-2)).toEqual([
      'tool.call intent crm get allow',
      'tool.call outcome crm get ok',
    ]);
    const { entries } = await gateway.audit.search({ limit: 1 }, { payloads: true });
    expect(entries[0]).toMatchObject({
      type: 'tool.call',
      server: 'crm',
      target: 'get',
      policies: ['engineering'],
      credential: 'crm/header',
      outcome: 'ok',
      client: { id: 'mcp-bridge', claimedName: 'Test Client', claimedVersion: '1.0' },
    });
  });

  test('a denied call is a result that says who decided and why; nothing reaches the upstream', async () => {
    const { status, message } = await call('delete', 'bob');
    expect(status).toBe(200);
    expect(message.result?.isError).toBe(true);
    const meta = message.result?.['_meta'] as Record<string, string> | undefined;
    const reference = meta?.['dev.mcp-sso/reference'];
    expect(message.result?.content?.[0]?.text).toContain(`Reference: ${reference}.`);
    expect(message.result?.content?.[0]?.text).toContain('Company policy denied this call');
    expect(upstream.seen).toEqual([]);
    expect((await gateway.records()).at(-1)).toBe('tool.call event crm delete deny');
    const { entries } = await gateway.audit.search({ limit: 10, id: reference! }, { payloads: true });
    expect(entries.map(({ decision, person }) => [decision, person?.id])).toEqual([['deny', 'usr_bob']]);
  });

  test('a server that nobody configured does not exist, whatever its name', async () => {
    const missing = await call('get', 'carol', 'nope');
    const odd = await call('get', 'carol', 'No%20Server');
    const unprefixed = await postModern(`${gateway.url}/mcp`, 'tools/call', { name: 'get' }, { as: 'carol' });
    for (const { status, message } of [missing, odd, unprefixed]) {
      expect(status).toBe(200);
      expect(message.error).toEqual({
        code: -31013,
        message: 'There is no such MCP server here.',
        data: { code: 'server_unknown', reference: expect.any(String) },
      });
    }
    expect(upstream.seen).toEqual([]);
    expect((await gateway.records()).slice(-3)).toEqual([
      'tool.call event nope get deny',
      'tool.call event No Server get deny',
      'tool.call event  get deny',
    ]);
  });

  test('whoever may use nothing of a server still learns that no policy permits it', async () => {
    const hidden = await call('get', 'carol');
    const aggregated = await postModern(`${gateway.url}/mcp`, 'tools/call', { name: 'crm__get' }, { as: 'carol' });
    for (const { message } of [hidden, aggregated]) {
      expect(message.result?.isError).toBe(true);
      expect(message.result?.content?.[0]?.text).toContain('Company policy denied this call: No policy permits');
    }
    expect(upstream.seen).toEqual([]);
    expect((await gateway.records()).slice(-2)).toEqual([
      'tool.call event crm get deny',
      'tool.call event crm get deny',
    ]);
  });

  test('a policy that forbids is named to whoever it stops', async () => {
    const { message } = await call('delete', 'carol');
    expect(message.result?.content?.[0]?.text).toContain(
      'Company policy denied this call (policy no-carol): Carol has left the project.',
    );
  });

  test('a policy that permits everything does not make servers exist', async () => {
    const { message } = await call('get', 'alice', 'nope');
    expect(message.error?.code).toBe(-31013);
  });

  test('a tool that fails and an upstream error keep their form, and are told apart in the audit', async () => {
    expect((await call('fails')).message.result).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'sorry' }],
      isError: true,
    });
    expect((await gateway.records()).at(-1)).toBe('tool.call outcome crm fails tool_error');
    const { status, message } = await call('refuses');
    expect(status).toBe(400);
    expect(message).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'bad', data: { x: 1 } } });
    expect((await gateway.records()).at(-1)).toBe('tool.call outcome crm refuses error -32602');
  });

  test('an unreachable server and a missing credential are said to be what they are, and recorded', async () => {
    const dead = await call('get', 'alice', 'dead');
    expect(dead.message.error).toMatchObject({ code: -31021, data: { code: 'upstream_unreachable' } });
    expect((await gateway.records()).at(-1)).toBe('tool.call outcome dead get error upstream_unreachable');
    const keyless = await call('get', 'alice', 'keyless');
    expect(keyless.message.error).toMatchObject({ code: -31020 });
    expect(keyless.text).not.toContain('NOT_SET');
    expect((await gateway.records()).at(-1)).toBe('tool.call outcome keyless get error credential_unavailable');
    expect(upstream.seen).toEqual([]);
  });

  test('methods that are not offered are refused as the protocol says', async () => {
    for (const method of ['tasks/list', 'ping', 'initialize', 'logging/setLevel', 'constructor']) {
      const { status, message } = await postModern(`${gateway.url}/mcp`, method);
      expect([method, status, message.error?.code]).toEqual([method, 404, -32601]);
    }
  });

  test('numbers that a double cannot hold reach the upstream as they were sent', async () => {
    const message = modernRequest('tools/call', { name: 'get', arguments: { n: 'BIG' } });
    const body = JSON.stringify(message).replace('"BIG"', '12345678901234567890');
    await postRaw(`${gateway.url}/mcp/crm`, body, { ...modernHeaders(message), authorization: 'Bearer alice' });
    expect(upstream.calls().at(-1)?.text).toContain('"n":12345678901234567890');
  });

  test('of two equal keys the upstream sees the one that was judged', async () => {
    const message = modernRequest('tools/call', { name: 'get' });
    const body = JSON.stringify(message).replace('"name":"get"', '"name":"delete","name":"get"');
    await postRaw(`${gateway.url}/mcp/crm`, body, { ...modernHeaders(message), authorization: 'Bearer bob' });
    expect(upstream.calls().at(-1)?.text).not.toContain('delete');
  });

  test('without the audit there is no call', async () => {
    const { storage } = gateway;
    await storage.db.schema.alterTable('audit_records').renameTo('audit_gone').execute();
    try {
      const { status, message } = await call('get');
      expect([status, message.error?.code]).toEqual([503, -31012]);
      expect(upstream.seen).toEqual([]);
    } finally {
      await storage.db.schema.alterTable('audit_gone').renameTo('audit_records').execute();
    }
  });

  test('an outcome that cannot be recorded ends the answer with an unknown outcome', async () => {
    const { storage } = gateway;
    upstream.seen.length = 0;
    const original = gateway.audit.write.bind(gateway.audit);
    try {
      gateway.audit.write = async (record) => {
        if (record.phase === 'outcome')
          await storage.db.schema.alterTable('audit_records').renameTo('audit_gone').execute();
        return await original(record);
      };
      const { message } = await call('get');
      expect(message.error).toMatchObject({ code: -31025, data: { code: 'outcome_unknown' } });
      expect(upstream.calls()).toHaveLength(1);
    } finally {
      gateway.audit.write = original;
      await storage.db.schema.alterTable('audit_gone').renameTo('audit_records').execute();
    }
  });
});
