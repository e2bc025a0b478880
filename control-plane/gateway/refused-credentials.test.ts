import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CredentialHealth } from '../credentials/credential-health.service.js';
import { KeyedUpstream } from './testing/keyed-upstream.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const FORMS = ['modern', 'legacy', 'sse'] as const;

let folder: string;
let upstreams: Map<string, KeyedUpstream>;
let gateway: OpenGateway;
let keys = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-refused-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  const key = newKey();
  const opened = await Promise.all(FORMS.map(async (form) => [form, await KeyedUpstream.open(form, key)] as const));
  upstreams = new Map(opened);
  const credential = { kind: 'bearer', secret: `file:${join(folder, 'key')}` };
  const servers = opened.map(([form, { settings }]) => [form, { ...settings, title: 'CRM', credential }] as const);
  const open = { open: { url: upstreams.get('modern')!.server.url } };
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { ...Object.fromEntries(servers), ...open } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.all([...upstreams.values()].map((upstream) => upstream[Symbol.asyncDispose]()));
});

/** What the control plane reads from now on. */
function newKey(): string {
  const key = `key-${(keys += 1)}-0123456789abcdef`;
  writeFileSync(join(folder, 'key'), key);
  return key;
}

const ask = (form: string, method: string, params = {}) => postModern(`${gateway.url}/mcp/${form}`, method, params);
const call = (form: string, args = {}) => ask(form, 'tools/call', { name: 'get', arguments: args });
const health = () => gateway.app.get(CredentialHealth, { strict: false });

describe.each(FORMS)('a %s server', (form) => {
  const server = () => upstreams.get(form)!;

  test('takes a new key at once, and the call is made once', async () => {
    expect((await call(form)).message.result?.isError).toBeUndefined();
    const old = server().key;
    server().key = newKey();
    server().asked();
    const { message } = await call(form, { echo: [old, server().key] });
    // What either of them says of a key is masked.
    expect(message.result?.content).toEqual([{ type: 'text', text: '{"echo":["[redacted]","[redacted]"]}' }]);
    const calls = server()
      .asked()
      .filter((one) => one.startsWith('tools/call'));
    expect(calls).toEqual([`tools/call Bearer ${old}`, `tools/call Bearer ${server().key}`]);
    expect(health().of(form)).toMatchObject([{ kind: 'bearer', state: 'ok', detail: null }]);
  });

  test.each(['tools/list', 'server/discover'])('%s goes on with the new key', async (method) => {
    await ask(form, method);
    server().key = newKey();
    expect((await ask(form, method)).message).toHaveProperty('result');
  });

  test('that takes none says since when, is asked twice at most, and opens again by itself', async () => {
    await call(form);
    server().key = 'another-key-0123456789';
    newKey();
    server().asked();
    const { error } = (await call(form)).message;
    const words =
      /^The company’s credential for CRM was refused by the server since (\S+ \S+) UTC\. Tell your administrator\.$/;
    expect([error?.code, error?.message]).toEqual([-31022, expect.stringMatching(words)]);
    expect(
      server()
        .asked()
        .filter((one) => one.startsWith('tools/call')).length,
    ).toBeLessThanOrEqual(2);
    // There is nothing else to try.
    await call(form);
    const seen = server()
      .asked()
      .filter((one) => /^(tools\/call|GET|initialize)/.test(one));
    expect(seen).toHaveLength(1);
    const [state] = health().of(form);
    expect(state).toMatchObject({ state: 'refused', detail: 'HTTP 401 invalid_token' });
    const since = new Date(state!.since!).toISOString();
    expect(health().notes).toEqual([
      `The credential of ${form} (bearer) is refused by the server since ${since}: HTTP 401 invalid_token`,
    ]);
    server().key = newKey();
    expect((await call(form)).message).toHaveProperty('result');
    expect(health().notes).toEqual([]);
  });

  test.each([
    [
      'Bearer error="insufficient_scope", scope="crm:write"',
      /^The company’s credential at CRM does not reach far enough/,
    ],
    [
      'Basic realm="x"',
      /^Company policy permits this, but CRM itself denies it to the account that the company uses there\./,
    ],
  ])('a 403 with %s is no bad credential', async (challenge, words) => {
    await call(form);
    const good = server().key;
    server().refusal = { status: 403, headers: { 'www-authenticate': challenge } };
    server().key = 'nobody-has-this-one';
    server().asked();
    const { error } = (await call(form)).message;
    expect([error?.code, error?.message]).toEqual([-31022, expect.stringMatching(words)]);
    expect(server().asked()).toEqual([`tools/call Bearer ${good}`]);
    expect(health().of(form)).toMatchObject([{ state: 'ok' }]);
  });

  test.each(['http://127.0.0.1:1/steal?to=elsewhere', '/mcp/'])(
    'a redirect to %s is not followed',
    async (location) => {
      await call(form);
      server().refusal = { status: 307, headers: { location } };
      server().key = 'moved';
      server().asked();
      const { error } = (await call(form)).message;
      expect(error?.message).toMatch(/^The MCP server answered with a redirect, which is not followed\./);
      expect(server().asked()).toHaveLength(1);
    },
  );
});

test('a server that wants a credential and has none says so', async () => {
  const { error } = (await call('open')).message;
  expect(error?.message).toBe('open wants a credential, and none is set up. Tell your administrator.');
});

test('a credential that is away is no refused one', async () => {
  rmSync(join(folder, 'key'));
  expect((await call('modern')).message.error?.code).toBe(-31020);
  expect(health().of('modern')).toMatchObject([
    { state: 'unavailable', detail: expect.stringContaining('there is no file') },
  ]);
  upstreams.get('modern')!.key = newKey();
  expect((await call('modern')).message).toHaveProperty('result');
  expect(health().of('modern')).toMatchObject([{ state: 'ok' }]);
});
