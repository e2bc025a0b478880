import { afterAll, beforeAll, expect, it } from 'vitest';
import { Company, type SignedIn } from '../../control-plane/admin/testing/company.js';

const NOTHING = {
  status: 404,
  body: { status: 404, code: 'not_found', detail: 'There is no such live session. List them to see their ids.' },
  challenge: '',
};

let company: Company;
let alice: SignedIn;
let bob: SignedIn;
beforeAll(async () => {
  company = await Company.start();
  alice = await company.bridge('alice');
  bob = await company.administer('bob');
});
afterAll(() => company[Symbol.asyncDispose]());

it('a session of another is not found by its id, by that of what was derived from it, or by a part of it', async () => {
  const guesses = [alice.session, `${alice.session}.${'0'.repeat(32)}`, alice.session.slice(0, -1), `${bob.session}.x`];
  for (const guess of [...guesses, 'never-was', '_'.repeat(64)]) {
    for (const method of ['GET', 'DELETE']) {
      expect(await bob.ask(method, `/api/v1/sessions/${guess}`)).toEqual(NOTHING);
    }
  }
  const auditor = await company.administer('auditor');
  expect(await auditor.ask('GET', `/api/v1/sessions/${alice.session}`)).toEqual(NOTHING);
});

it('what is no id is refused before anything is looked up, and so is a query that would widen it', async () => {
  for (const id of ['%25', '*', 'a'.repeat(65), '..%2f..%2fusers', '%00', `${alice.session}.`, `.${alice.session}`]) {
    expect([id, (await bob.ask('GET', `/api/v1/sessions/${id}`)).status]).toEqual([id, 400]);
  }
  for (const query of ['user=me', `user=${alice.person}`, `id=${alice.session}`]) {
    expect([query, (await bob.ask('GET', `/api/v1/sessions/${bob.session}?${query}`)).status]).toEqual([query, 400]);
  }
});

it('who was helpdesk and is no more reaches no session of another', async () => {
  company.hire('helpdesk');
  const helpdesk = await company.administer('helpdesk');
  expect((await helpdesk.ask('GET', `/api/v1/sessions/${alice.session}`)).status).toBe(200);
  company.system.idp.users.set('helpdesk', { email: 'helpdesk@corp.test', name: 'h', groups: [], active: true });
  const former = await company.administer('helpdesk');
  expect(await former.ask('GET', `/api/v1/sessions/${alice.session}`)).toEqual(NOTHING);
  expect(await former.ask('DELETE', `/api/v1/sessions/${alice.session}`)).toEqual(NOTHING);
  expect((await former.ask('GET', `/api/v1/sessions/${former.session}`)).status).toBe(200);
});

it('an access token that is another client’s, or a stranger’s, signs nobody out', async () => {
  const url = `${company.system.publicUrl}/oauth/revoke`;
  for (const [token, client_id] of [
    [alice.tokens.access_token, 'mcp-sso-admin'],
    [alice.tokens.access_token, 'nobody'],
    [alice.tokens.access_token.replace(/\.[^.]+$/, '.AAAA'), 'mcp-bridge'],
  ] as const) {
    await fetch(url, { method: 'POST', body: new URLSearchParams({ token, client_id }) });
  }
  const helpdesk = await company.administer('admin');
  expect((await helpdesk.ask('GET', `/api/v1/sessions/${alice.session}`)).status).toBe(200);
});
