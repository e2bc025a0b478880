import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  patchOf,
  resourcesIn,
  SCIM_TOKEN,
  scimRequest,
} from '../../control-plane/identity/scim/testing/scim-request.js';
import { credentials } from '../support/http.js';
import { modernRequest, sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const PROMISED_MS = 1_000;
const stack = useStack();

beforeAll(async () => {
  writeFileSync(join(stack().config, 'scim.token'), SCIM_TOKEN, { mode: 0o600 });
  const file = join(stack().config, 'mcp-sso.yaml');
  const settings = readFileSync(file, 'utf8');
  const scim = '      groupsClaim: groups\n      scim: { token: file:./scim.token }\n';
  writeFileSync(file, settings.replace('      groupsClaim: groups\n', scim));
  await stack().startControlPlane();
});

const send = (method: string, path: string, body?: unknown) =>
  scimRequest(stack().addresses.publicUrl, method, path, body);
const url = () => `${stack().addresses.publicUrl}/mcp`;

/** alice, active and in engineering, whatever was before. */
async function provisionAlice(): Promise<string> {
  for (const kind of ['Groups', 'Users']) {
    for (const { id } of resourcesIn(await send('GET', `/${kind}`))) await send('DELETE', `/${kind}/${id}`);
  }
  const user = { userName: 'alice@demo.example', externalId: 'alice', active: true };
  const id = String((await send('POST', '/Users', user)).body?.['id']);
  await send('POST', '/Groups', { displayName: 'engineering', members: [{ value: id }] });
  return id;
}

async function call(by: SignedIn) {
  return sendMcp(url(), await credentials(by, 'POST', url()), 'tools/call', {
    name: 'crm__list_customers',
    arguments: {},
  });
}

/** A long call, once its first progress has arrived; resolves to the time at which it ended. */
async function stream(by: SignedIn): Promise<{ readonly ended: Promise<number> }> {
  const { body, headers } = modernRequest('tools/call', {
    name: 'everything__trigger-long-running-operation',
    arguments: { duration: 600, steps: 6_000 },
    _meta: { progressToken: 'p1' },
  });
  const all = { ...headers, ...(await credentials(by, 'POST', url())) };
  const answer = await request(url(), { method: 'POST', headers: all, body });
  const chunks = answer.body[Symbol.asyncIterator]();
  let text = '';
  while (!text.includes('notifications/progress')) text += String((await chunks.next()).value);
  const ended = async (): Promise<number> => {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) text += String(next.value);
    expect(text).toContain('session_ended');
    return performance.now();
  };
  return { ended: ended() };
}

describe('a leaver, as the provider says by SCIM', () => {
  it.each([
    ['Okta, by PATCH', 'PATCH', patchOf({ op: 'replace', value: { active: false } })],
    ['Okta, by PUT', 'PUT', { userName: 'alice@demo.example', externalId: 'alice', active: false }],
    ['Entra ID', 'PATCH', patchOf({ op: 'Replace', path: 'active', value: 'False' })],
    ['a DELETE', 'DELETE', undefined],
  ])('is refused and has no stream a second later: %s', async (name, method, body) => {
    const id = await provisionAlice();
    const alice = await signIn(stack(), 'alice');
    expect((await call(alice)).text).toContain('Nordwind');
    const { ended } = await stream(alice);
    const begun = performance.now();
    const { status } = await send(method, `/Users/${id}`, body);
    const refusal = await call(alice);
    const refused = performance.now() - begun;
    const cut = (await ended) - begun;
    process.stdout.write(
      `SCIM, ${name}: refused after ${refused.toFixed(0)} ms, stream ended after ${cut.toFixed(0)} ms\n`,
    );
    expect([status < 300, refusal.status]).toEqual([true, 401]);
    expect(refused).toBeLessThan(PROMISED_MS);
    expect(cut).toBeLessThan(PROMISED_MS);
  });
});

describe('whoever loses a group', () => {
  it('has lost what it gave by the next call', async () => {
    await provisionAlice();
    const alice = await signIn(stack(), 'alice');
    expect((await call(alice)).text).toContain('Nordwind');
    const [group] = resourcesIn(await send('GET', '/Groups?excludedAttributes=members'));
    await send('PATCH', `/Groups/${group?.id}`, patchOf({ op: 'Remove', path: 'members' }));
    expect((await call(alice)).text).not.toContain('Nordwind');
  });
});

describe('pitfall 16, log injection, and pitfall 18, secrets: the log', () => {
  it('holds no password, no token, and no line that a name made up', async () => {
    const password = 'made-up-by-okta-hunter2';
    await send('POST', '/Users', { userName: 'a"\n{"level":60,"event":"forged"}', password });
    await send('POST', '/Users', { userName: 'b\u001b[2Kforged', password });
    await send('POST', '/Users', { userName: 'forged-but-good', password });
    await send('GET', '/Users?filter=userName eq "forged"&filter=password eq "hunter2"');
    const log = readFileSync(stack().logFile('control-plane'), 'utf8');
    expect(log).toContain('scim refused');
    for (const secret of ['hunter2', SCIM_TOKEN, 'forged', '\u001b']) expect(log).not.toContain(secret);
    for (const line of log.trim().split('\n')) expect(() => void JSON.parse(line)).not.toThrow();
  });
});
