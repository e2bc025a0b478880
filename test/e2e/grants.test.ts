import { beforeAll, expect, it } from 'vitest';
import type { ListedGrant, ListedGrantRequest } from '#shared/api/grants.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { appointRoles } from '../support/admin.js';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm } from '../support/crm-log.js';
import { signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const TOOL = 'crm__add_customer';
const ADD = { name: 'Grant Ltd', city: 'Bern' };
let carol: Laptop;
let dave: Laptop;

beforeAll(async () => {
  await appointRoles(stack());
  // A contractor of sales: reads customers, and no policy lets her write.
  await stack().changePerson('carol', { groups: ['sales'] });
  await stack().changePerson('dave', { groups: ['approver', 'auditor'] });
  [carol, dave] = [new Laptop('carol', stack().folder), new Laptop('dave', stack().folder)];
  for (const laptop of [carol, dave]) await laptop.login(stack().addresses.publicUrl);
});

/** Runs `mcp-sso grants …` and reads its JSON. */
async function grants<T>(by: Laptop, ...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await by.run('grants', ...words, '--json');
  expect({ words, code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
}

it('a contractor’s denied write is asked for, given for ten minutes, works and is listed; ended, it is denied', async () => {
  const app = await BridgeSession.connect(carol);
  const before = callsAtCrm(stack()).length;
  const denied = await app.call(TOOL, ADD);
  expect(denied.isError).toBe(true);
  const [, reference = ''] = /mcp-sso grants request ([0-9a-f-]{36}) --reason/.exec(denied.text) ?? [];
  expect(denied.text).toContain(`${stack().addresses.publicUrl}/approvals?request=${reference}`);
  expect(await app.tools()).not.toContain(TOOL);

  const request = await grants<ListedGrantRequest>(carol, 'request', reference, '--reason', 'Ticket 4711');
  expect(request).toMatchObject({ state: 'open', server: 'crm', tool: 'add_customer', reason: 'Ticket 4711' });
  const own = await carol.run('grants', 'approve', request.id);
  expect({ code: own.code, stderr: own.stderr }).toMatchObject({ code: 6 });

  const { requests } = await grants<{ requests: ListedGrantRequest[] }>(dave, 'requests');
  expect(requests.map(({ id, person }) => [id, person.email])).toEqual([[request.id, 'carol@demo.example']]);
  const grant = await grants<ListedGrant>(dave, 'approve', request.id, '--for', '10m');
  expect(Date.parse(grant.expiresAt) - Date.parse(grant.createdAt)).toBe(600_000);

  expect(await app.call(TOOL, ADD)).toMatchObject({ isError: false });
  expect(await app.tools()).toContain(TOOL);
  expect(callsAtCrm(stack()).slice(before)).toEqual(['add_customer']);

  await grants(dave, 'end', grant.id);
  expect((await app.call(TOOL, ADD)).text).toContain('No policy permits');
  expect(await app.tools()).not.toContain(TOOL);
  await app.close();

  const records = await searchAudit(stack(), await signInAsAuditor(stack()), { limit: '50' });
  const types = records.filter(({ type }) => type.startsWith('grant.')).map(({ type, outcome }) => [type, outcome]);
  expect(types).toEqual([
    ['grant.end', 'ok'],
    ['grant.give', 'ok'],
    ['grant.request', 'ok'],
  ]);
});
