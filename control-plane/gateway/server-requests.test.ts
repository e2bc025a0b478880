import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const PATIENT = { timeout: 10_000 };

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const ELICIT = {
  method: 'elicitation/create',
  params: { message: 'Sure?', requestedSchema: { type: 'object' }, x: 1 },
};
const TOOL = { name: 'ask', inputSchema: { type: 'object' } };
const SURE = { action: 'accept', content: { sure: true } };
const CAPABILITIES = { elicitation: { form: {} } };
const KEY = 'k3y-of-the-company-0123456789';

let old: UpstreamServer;
let modern: UpstreamServer;
let gateway: OpenGateway;
/** Called with the answers of clients to requests of the legacy server. */
let onAnswer = new Map<unknown, (answer: SeenRequest['message']) => void>();

/** A legacy server whose tool asks the client once, and says in its result what it heard. */
function legacyServer(): Promise<UpstreamServer> {
  let sessions = 0;
  let asked = 0;
  return UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (method === 'initialize') {
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'o', version: '1' },
      };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': `s${(sessions += 1)}` });
    } else if (method === 'server/discover' || request.httpMethod !== 'POST') response.writeHead(404).end();
    else if (method === undefined || id === undefined) {
      onAnswer.get(id)?.(request.message);
      response.writeHead(202).end();
    } else if (method !== 'tools/call') sendResult(response, request, { tools: [TOOL] });
    else {
      const question = `q${(asked += 1)}`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const say = (message: object): void =>
        void response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
      say({ method: 'notifications/progress', params: { progressToken: 7, progress: 1 } });
      say({ ...ELICIT, params: { ...ELICIT.params, key: KEY }, id: question });
      onAnswer.set(question, (answer) => {
        say({ method: 'notifications/progress', params: { progressToken: 7, progress: 2 } });
        say({ id, result: { content: [{ type: 'text', text: JSON.stringify(answer['result'] ?? answer['error']) }] } });
        response.end();
      });
    }
  });
}

/** A modern server that needs input before it says what it got. */
function modernServer(): Promise<UpstreamServer> {
  return UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools: [TOOL] });
    else if (params?.['inputResponses'] === undefined) {
      const result = {
        resultType: 'input_required',
        inputRequests: { sure: ELICIT },
        requestState: 'mine:"1"',
        extra: [1],
      };
      sendResult(response, request, result);
    } else {
      const text = JSON.stringify([params['inputResponses'], params['requestState']]);
      sendResult(response, request, { resultType: 'complete', content: [{ type: 'text', text }] });
    }
  });
}

beforeAll(async () => {
  [old, modern] = await Promise.all([legacyServer(), modernServer()]);
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { KEY },
    servers: {
      old: { url: old.url, credential: { kind: 'bearer', secret: 'env:KEY' } },
      new: { url: modern.url },
      other: { url: modern.url },
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await old[Symbol.asyncDispose]();
  await modern[Symbol.asyncDispose]();
});

beforeEach(() => {
  onAnswer = new Map();
  old.seen.length = 0;
});

interface CallOptions {
  readonly as?: string;
  readonly server?: string;
  readonly capabilities?: object;
}

async function call(
  params: object = {},
  { as = 'alice', server = 'old', capabilities = CAPABILITIES }: CallOptions = {},
) {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities, progressToken: 7 };
  const all = { name: 'ask', arguments: { a: 1 }, _meta: meta, ...params };
  const { messages, message, status } = await postModern(`${gateway.url}/mcp/${server}`, 'tools/call', all, { as });
  const result = message.result ?? {};
  const { requestState, resultType } = result as { requestState: string; resultType: string };
  return { status, messages, message, result, requestState, resultType, text: result.content?.[0]?.text };
}

test('a legacy server’s request becomes input that a modern client is asked for, and the parked call goes on', async () => {
  const first = await call();
  expect(first.messages[0]).toMatchObject({ method: 'notifications/progress' });
  expect(first.result).toEqual({
    resultType: 'input_required',
    inputRequests: { question: { ...ELICIT, params: { ...ELICIT.params, key: '[redacted]' } } },
    requestState: expect.stringMatching(/^[\w-]{100,}$/),
  });
  expect(old.seen.find(({ message }) => message.method === 'initialize')?.message.params?.['capabilities']).toEqual(
    CAPABILITIES,
  );
  const second = await call({ requestState: first.requestState, inputResponses: { question: SURE } });
  expect(second.messages).toMatchObject([{ params: { progress: 2 } }, { id: 1 }]);
  expect(second.result).toEqual({
    resultType: 'complete',
    content: [{ type: 'text', text: JSON.stringify(SURE) }],
  });
  expect(old.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  expect((await gateway.records()).slice(-4)).toEqual([
    'tool.call intent old ask allow',
    'tool.call outcome old ask ok input_required',
    'tool.call intent old ask allow',
    'tool.call outcome old ask ok',
  ]);
});

test('an answer that is missing is asked for again', async () => {
  const first = await call();
  const second = await call({ requestState: first.requestState, inputResponses: {} });
  expect(second.resultType).toBe('input_required');
  const third = await call({ requestState: second.requestState, inputResponses: { question: SURE } });
  expect(third.text).toBe(JSON.stringify(SURE));
});

test.each([[{}], [{ sampling: {} }], [{ elicitation: { url: {} } }]])(
  'a client that declares %j is not asked for a form; the server is told so',
  async (capabilities) => {
    const { resultType, text } = await call({}, { capabilities });
    expect([resultType, JSON.parse(text!)]).toEqual(['complete', { code: -32601, message: 'Method not found' }]);
  },
);

test('a legacy client is asked by a real request on the stream of its call', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/old`, {
    capabilities: { elicitation: {} },
    onRequest: () => ({ result: SURE }),
  });
  const messages = await client.ask('tools/call', { name: 'ask', _meta: { progressToken: 7 } });
  expect(messages.map(({ method }) => method)).toEqual([
    'notifications/progress',
    'elicitation/create',
    'notifications/progress',
    undefined,
  ]);
  expect(messages.at(-1)?.result).toEqual({ content: [{ type: 'text', text: JSON.stringify(SURE) }] });
  expect(client.requests[0]?.id).not.toMatch(/^q/);
  expect(client.requests[0]?.params).toEqual({ ...ELICIT.params, key: '[redacted]' });
});

test('a modern server’s input_required reaches a modern client as it is, but for the sealed state', async () => {
  const first = await call({}, { server: 'new' });
  expect(first.result).toEqual({
    resultType: 'input_required',
    inputRequests: { sure: ELICIT },
    requestState: expect.stringMatching(/^[\w-]{100,}$/),
    extra: [1],
  });
  const second = await call({ requestState: first.requestState, inputResponses: { sure: SURE } }, { server: 'new' });
  expect(JSON.parse(second.text!)).toEqual([{ sure: SURE }, 'mine:"1"']);
});

test('a modern server’s input_required reaches a legacy client as real requests', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/new`, {
    capabilities: { elicitation: {} },
    onRequest: () => ({ result: SURE }),
  });
  const messages = await client.ask('tools/call', { name: 'ask' });
  expect(messages).toMatchObject([{ ...ELICIT }, { id: 1 }]);
  expect(JSON.parse((messages[1]!.result as { content: { text: string }[] }).content[0]!.text)).toEqual([
    { sure: SURE },
    'mine:"1"',
  ]);
  const plain = await LegacyClient.open(`${gateway.url}/mcp/new`);
  const refused = await plain.ask('tools/call', { name: 'ask' });
  expect(refused).toMatchObject([{ error: { message: expect.stringContaining('this app does not offer') } }]);
});

test('nobody else answers for a legacy client: not another session, not another sign-in', async () => {
  const thief = { result: { action: 'accept', content: { sure: 'stolen' } } };
  const others: LegacyClient[] = [];
  const client = await LegacyClient.open(`${gateway.url}/mcp/old`, {
    capabilities: { elicitation: {} },
    onRequest: async ({ id }) => {
      for (const other of others) expect((await other.post({ id, ...thief })).status).toBe(202);
      return { result: SURE };
    },
  });
  others.push(await LegacyClient.open(client.url), await LegacyClient.open(client.url, { as: 'bob' }));
  const messages = await client.ask('tools/call', { name: 'ask' });
  expect(messages.at(-1)?.result).toEqual({ content: [{ type: 'text', text: JSON.stringify(SURE) }] });
});

test.each(['old', 'new'])('state of the server %s that was changed, used or is foreign is refused', async (server) => {
  const inputResponses = server === 'old' ? { question: SURE } : { sure: SURE };
  const { requestState } = await call({}, { server });
  const retry = (params: object = {}, options: CallOptions = {}) =>
    call({ requestState, inputResponses, ...params }, { server, ...options });
  const middle = requestState[60] === 'A' ? 'B' : 'A';
  const attempts = [
    await retry({ requestState: `${requestState.slice(0, 60)}${middle}${requestState.slice(61)}` }),
    await retry({ requestState: 'mine:"1"' }),
    await retry({ requestState: 'x'.repeat(2_000_000) }),
    await retry({ requestState: 7 }),
    await retry({ name: 'other' }),
    await retry({ arguments: { a: 2 } }),
    await retry({}, { as: 'bob' }),
    await retry({}, { server: 'other' }),
  ];
  const before = modern.calls().length + old.seen.length;
  expect(attempts.map(({ message }) => message.error?.code)).toEqual(attempts.map(() => -32602));
  expect(modern.calls().length + old.seen.length).toBe(before);
  expect((await retry()).resultType).toBe('complete');
  // A server that was called once and waited has done something; one that asked for a retry has not.
  const code = server === 'old' ? 'outcome_unknown' : 'request_state_invalid';
  expect((await retry()).message.error).toMatchObject({ data: { code } });
});

test('a parked call ends with its sign-in, and its state says afterwards that the outcome is unknown', async () => {
  const { requestState } = await call({}, { as: 'carol' });
  gateway.identity.end('ses_carol');
  await expect.poll(() => old.seen.map(({ message }) => message.method), PATIENT).toContain('notifications/cancelled');
  const { message } = await call({ requestState, inputResponses: { question: SURE } }, { as: 'carol' });
  expect(message.error).toMatchObject({ data: { code: 'outcome_unknown' } });
  expect(message.error?.message).toContain('not known whether it took effect');
});

test('more calls than may wait for a person are refused, and end at the server', async () => {
  const parked = await Promise.all(Array.from({ length: 16 }, () => call({}, { as: 'bob' })));
  expect(parked.every(({ resultType }) => resultType === 'input_required')).toBe(true);
  const { status, message } = await call({}, { as: 'bob' });
  expect([status, message.error]).toMatchObject([200, { data: { code: 'rate_limited' } }]);
  expect(message.error?.message).toContain('(limits.parkedPerPerson)');
  gateway.identity.end('ses_bob');
});
