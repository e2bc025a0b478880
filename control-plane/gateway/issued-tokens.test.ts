import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { json, ScriptedEndpoint } from '../credentials/testing/scripted-endpoint.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendResult, UpstreamServer } from './testing/upstream-server.js';

const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;

let issued = 0;
let authorization: ScriptedEndpoint;
let upstream: UpstreamServer;
let gateway: OpenGateway;

/** The token endpoint of the path says how many seconds its tokens live. */
const credential = (seconds: number, more: object = {}): object => ({
  kind: 'client-credentials',
  tokenEndpoint: `${authorization.origin}/${seconds}`,
  clientId: 'svc',
  clientSecret: 'env:SECRET',
  ...more,
});
const hosted = (seconds: number, more: object = {}): object => ({
  command: [process.execPath, SERVER, 'legacy'],
  isolation: 'none',
  network: 'host',
  credential: credential(seconds, { variable: 'CRM_TOKEN' }),
  ...more,
});

beforeAll(async () => {
  authorization = await ScriptedEndpoint.start(({ path, body }, response) => {
    issued += 1;
    const scope = new URLSearchParams(body).get('scope') ?? 'all';
    const token = `token-${issued}-for-${scope}`;
    json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: Number(path.slice(1)) });
  });
  upstream = await UpstreamServer.modern((request, response) => {
    const text = `heard ${request.headers.authorization}`;
    sendResult(response, request, { resultType: 'complete', content: [{ type: 'text', text }] });
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { PATH: processEnvironment()['PATH'] ?? '', SECRET: 'secret-of-the-company' },
    servers: {
      crm: { url: upstream.url, credential: credential(3600), tools: { find: { scopes: ['read'] } } },
      renewing: hosted(0),
      lasting: hosted(3600),
      together: hosted(3600, { shared: true }),
      broken: { url: upstream.url, credential: credential(3600, { tokenEndpoint: 'https://127.0.0.1:1/token' }) },
    },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await authorization[Symbol.asyncDispose]();
});

async function call(server: string, name: string, as = 'alice') {
  const { message } = await postModern(`${gateway.url}/mcp/${server}`, 'tools/call', { name, arguments: {} }, { as });
  return { text: message.result?.content?.[0]?.text ?? '', error: message.error };
}
const processOf = async (server: string, as?: string): Promise<number> =>
  (JSON.parse((await call(server, 'count', as)).text) as { pid: number }).pid;

test('a server gets the token, a tool its narrower one, and neither comes back', async () => {
  expect((await call('crm', 'save')).text).toBe('heard Bearer [redacted]');
  expect((await call('crm', 'find')).text).toBe('heard Bearer [redacted]');
  const heard = upstream.calls().map(({ headers }) => headers.authorization);
  expect(heard).toEqual([
    expect.stringMatching(/^Bearer token-\d+-for-all$/),
    expect.stringMatching(/^Bearer token-\d+-for-read$/),
  ]);
});

test('a new token makes a new process, a kept one does not', async () => {
  expect(await processOf('renewing')).not.toBe(await processOf('renewing'));
  expect(await processOf('lasting')).toBe(await processOf('lasting'));
  expect(JSON.parse((await call('lasting', 'env')).text)).toMatchObject({ CRM_TOKEN: '[redacted]' });
});

test('a shared server has one process and one token of the company', async () => {
  expect(await processOf('together', 'alice')).toBe(await processOf('together', 'bob'));
});

test('the audit names what was used; a token that cannot be had is plain to the person, without a reason', async () => {
  const { error } = await call('broken', 'find');
  expect(error?.message).toBe(
    'The credential for this server is not available, so the call was refused. Tell your administrator.',
  );
  const rows = await gateway.storage.db.selectFrom('audit_records').select('header').execute();
  const facts = rows.map(({ header }) => (JSON.parse(header) as { facts: Record<string, unknown> }).facts);
  const used = new Set(facts.map((fact) => fact['credential']).filter((reference) => reference !== undefined));
  expect(used).toEqual(
    new Set([
      'crm/client-credentials',
      'lasting/client-credentials',
      'renewing/client-credentials',
      'together/client-credentials',
    ]),
  );
});
