import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditSessionSchema, type AuditSession } from '#shared/api/audit-session.js';
import { TestMachine, requestToken } from '../../control-plane/identity/testing/machine.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { ClaudeCode } from '../support/claude-code.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { newKey, proof } from '../support/proof.js';
import { useStack } from '../support/stack.js';

const SESSION = '5f0c1c0e-4a55-4d6c-9f6b-0d9b7a3f2a11';
const PLANNER = { id: 'a5dc65', type: 'planner' };
const EXPLORER = { id: 'ac26f1', type: 'Explore' };

const machine = new TestMachine();
const keys = mkdtempSync(join(tmpdir(), 'mcp-sso-keys-'));
afterAll(() => rmSync(keys, { recursive: true, force: true }));
const stack = useStack(async () => {
  writeFileSync(join(keys, 'planner.pem'), machine.publicPem);
  const planner = `{ actsForPeople: true, privateKeyJwt: { publicKey: 'file:${keys}/planner.pem' } }`;
  return { more: { servers: '', policies: '', identity: `  serviceAccounts:\n    planner: ${planner}\n` } };
});

let alice: Laptop;
let auditor: SignedIn;
beforeAll(async () => {
  const { publicUrl } = stack().addresses;
  alice = new Laptop('alice', stack().folder);
  await alice.login(publicUrl);
  const host = new ClaudeCode(alice, 'of-the-shell-before', SESSION);
  await host.start();
  await host.call({}, 'crm__list_customers');
  await host.delegate({}, PLANNER, async () => {
    await host.call(PLANNER, 'crm__get_customer', { id: 'c-1' });
    await host.delegate(PLANNER, EXPLORER, async () => {
      await host.call(EXPLORER, 'everything__echo', { message: 'hello' });
      await host.call(EXPLORER, 'everything__get-env');
    });
  });
  await host.end();
  auditor = await signInAsAuditor(stack());
});

async function sessionOf(id: string, by: SignedIn = auditor): Promise<AuditSession> {
  const url = `${stack().addresses.publicUrl}/api/v1/audit/sessions/${id}`;
  const answer = await send(url, { headers: await credentials(by, 'GET', url) });
  return auditSessionSchema.parse(JSON.parse(answer.text));
}

/** Every way from a person down to a call, with the marks of its edges. */
function waysOf({ nodes, edges }: AuditSession): string[] {
  const edgeTo = new Map(edges.map((edge) => [edge.to, edge]));
  const wayTo = (id: string): string[] => {
    const { kind, ref, label, call } = nodes.find((one) => one.id === id)!;
    const name = call === null ? `${kind} ${kind === 'person' ? label : kind === 'agent' ? ref : label}` : call.target!;
    const edge = edgeTo.get(id);
    return edge === undefined ? [name] : [...wayTo(edge.from), edge.mark, name];
  };
  return nodes.filter(({ kind }) => kind === 'call').map(({ id }) => wayTo(id).join(' > '));
}

/** Calls `echo` and finds the ways to that call alone. */
async function echoed(by: SignedIn, meta: object, changes: object = {}): Promise<{ status: number; ways: string[] }> {
  const url = `${stack().addresses.publicUrl}/mcp`;
  const trace = crypto.randomUUID().replaceAll('-', '');
  const { accessToken } = by;
  const dpop = await proof(by.keys, { method: 'POST', url, accessToken }, changes);
  const params = { name: 'everything__echo', arguments: { message: 'hi' } };
  const _meta = { traceparent: `00-${trace}-b7ad6b7169203331-01`, ...meta };
  const headers = { authorization: `DPoP ${accessToken}`, dpop };
  const { status } = await sendMcp(url, headers, 'tools/call', { ...params, _meta });
  return { status, ways: status === 200 ? waysOf(await sessionOf(trace)) : [] };
}

test('two sub-agents at depth 2 come back as one tree with the person at its root', async () => {
  const printed = await alice.ask('audit', 'session', SESSION, '--tz', 'UTC', '--no-browser');
  const normal = printed
    .replaceAll(/\d\d:\d\d:\d\d/g, '10:00:00')
    .replaceAll(/\d{4}-\d\d-\d\d/g, '2026-11-23')
    .replaceAll(/\b\d+ (ms|s|min)\b/g, '1 s')
    .replaceAll(/\bses_\w+/g, 'ses_1')
    .replaceAll(/bridge [0-9a-f-]{36}/g, 'bridge b1');
  expect(normal).toBe(`\
${SESSION}: 4 calls, 2026-11-23 10:00:00 to 2026-11-23 10:00:00, 1 s. Times are UTC.

alice@demo.example
\`- v sign-in ses_1 (mcp-bridge)
   \`- a bridge b1, 1 s
      \`- a claude-code session ${SESSION}, 1 s
         |- a 10:00:00  crm/list_customers  allow (ok)  1 s
         \`- a agent planner a5dc65, 1 s
            |- a 10:00:00  crm/get_customer  allow (ok)  1 s
            \`- a agent Explore ac26f1, 1 s
               |- a 10:00:00  everything/echo  allow (ok)  1 s
               \`- a 10:00:00  everything/get-env  deny

v verified: proved by a token   a attested: said by the bridge of the person   ? claimed: said by the app alone
`);
});

test('it is found by the sign-in and by a trace too, for an auditor and for alice, and for nobody else', async () => {
  const { nodes } = await sessionOf(SESSION);
  const signInId = nodes.find(({ kind }) => kind === 'session')!.ref!;
  expect((await sessionOf(signInId)).nodes).toHaveLength(nodes.length);
  const { trace } = nodes.find(({ kind }) => kind === 'call')!.call!;
  expect(waysOf(await sessionOf(trace!))).toEqual([
    'person alice@demo.example > verified > session mcp-bridge > attested > bridge null > attested > conversation claude-code > attested > list_customers',
  ]);
  const bob = new Laptop('bob', stack().folder);
  await bob.login(stack().addresses.publicUrl);
  expect(await bob.run('audit', 'session', SESSION, '--no-browser')).toMatchObject({ code: 1, stdout: '' });
});

test('a forged chain is claimed only, and the root is whoever the token names', async () => {
  const carol = await signIn(stack(), 'carol');
  const claim = { session: SESSION, host: 'claude-code', id: EXPLORER.id, parent: PLANNER.id, depth: 2 };
  const told = { 'dev.mcp-sso/chain': { ...claim, bridge: crypto.randomUUID(), hook: claim } };
  expect(await echoed(carol, told)).toEqual({
    status: 200,
    ways: [
      `person carol@demo.example > verified > session mcp-bridge > claimed > conversation claude-code > claimed > agent ${PLANNER.id} > claimed > agent ${EXPLORER.id} > claimed > echo`,
    ],
  });
  const both = waysOf(await sessionOf(SESSION));
  expect(both.filter((way) => way.startsWith('person alice') && way.includes('claimed'))).toEqual([]);
  expect(both.filter((way) => way.startsWith('person carol'))).toHaveLength(1);
});

test('a chain that another key has signed, or that is shown again, gets nobody in', async () => {
  const carol = await signIn(stack(), 'carol');
  const chain = { bridge: crypto.randomUUID(), hook: { session: SESSION, id: EXPLORER.id, toolUse: 't' } };
  const other = await newKey();
  expect(await echoed(carol, {}, { claims: { chain }, signWith: other.privateKey })).toMatchObject({ status: 401 });
  const jti = crypto.randomUUID();
  expect(await echoed(carol, {}, { claims: { chain, jti } })).toMatchObject({ status: 200 });
  expect(await echoed(carol, {}, { claims: { chain, jti } })).toMatchObject({ status: 401 });
  const malformed = { ...chain, bridge: 'not an id' };
  expect((await echoed(carol, {}, { claims: { chain: malformed } })).ways).toEqual([
    'person carol@demo.example > verified > session mcp-bridge > verified > echo',
  ]);
});

test('without the plugin, what the environment says is a claim', async () => {
  const host = new ClaudeCode(alice, 'of-the-shell', 'never told', false);
  await host.start();
  await host.call({}, 'everything__echo', { message: 'hi' });
  await host.end();
  expect(waysOf(await sessionOf('of-the-shell'))).toEqual([
    'person alice@demo.example > verified > session mcp-bridge > attested > bridge null > claimed > conversation claude-code > claimed > echo',
  ]);
});

test('an agent that acts by a token of its own is verified (RFC 8693)', async () => {
  const { publicUrl } = stack().addresses;
  const carol = await signIn(stack(), 'carol');
  const authentication = await machine.authentication('service/planner', publicUrl);
  const own = await requestToken(publicUrl, { grant_type: 'client_credentials', ...authentication });
  const token = 'urn:ietf:params:oauth:token-type:access_token';
  const form = {
    ...(await machine.authentication('service/planner', publicUrl)),
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: carol.accessToken,
    subject_token_type: token,
    actor_token: own.access_token ?? '',
    actor_token_type: token,
    resource: `${publicUrl}/mcp`,
  };
  const dpop = await proof(carol.keys, { method: 'POST', url: `${publicUrl}/oauth/token` });
  const acting = await requestToken(publicUrl, form, { dpop });
  const planner = { ...carol, accessToken: acting.access_token ?? '' };
  expect((await echoed(planner, {})).ways).toEqual([
    'person carol@demo.example > verified > actor null > verified > session service/planner > verified > echo',
  ]);
});
