import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { MachineCompany } from '../testing/machine-company.js';
import { SessionsService } from './sessions.service.js';

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: MachineCompany;
  beforeEach(async () => {
    database = await TestDatabase.create(engine);
    company = await MachineCompany.start(database.location);
  });
  afterEach(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('ending the person’s session ends what was derived from it, and so does losing a group', async () => {
    const alice = (await company.bring(await company.assertion({ groups: ['engineering', 'sales'] }))).access_token;
    const planned = (await company.exchange('planner', alice ?? '')).access_token;
    const acted = (await company.exchange('assistant', planned ?? '')).access_token;
    const sessions = company.system.app.get(SessionsService);
    const { session } = await company.caller(alice);
    await sessions.applyFreshProfile(session, { ...session, ...session.person, groups: ['corp/sales'] }, Date.now());
    expect((await company.caller(acted)).session.groups).toEqual(['corp/sales']);

    const ended: string[] = [];
    sessions.onEnded((id) => ended.push(id));
    await sessions.end(session.id, 'kill-switch');
    for (const token of [alice, planned, acted]) {
      await expect(company.caller(token)).rejects.toMatchObject({ code: 'session_ended' });
      expect(ended).toContain(company.sessionOf(token));
    }
    const { db } = company.system.app.get(StorageService);
    const live = await db.selectFrom('sessions').select('kind').where('ended_at', 'is', null).execute();
    expect(live.map(({ kind }) => kind)).toEqual(['service', 'service']);
  });

  test('what a first try left of a session’s end, the next one ends', async () => {
    const alice = (await company.bring(await company.assertion())).access_token;
    const acted = (await company.exchange('assistant', alice ?? '')).access_token;
    const { db } = company.system.app.get(StorageService);
    const parent = company.sessionOf(alice);
    await db.updateTable('sessions').set({ ended_at: 1 }).where('id', '=', parent).execute();
    const sessions = company.system.app.get(SessionsService);
    const ended: string[] = [];
    sessions.onEnded((id) => ended.push(id));
    await sessions.end(parent, 'kill-switch');
    expect(ended).toEqual([parent, company.sessionOf(acted)]);
  });

  test('with a machine that is put out ends what it does for people, and only that', async () => {
    const alice = (await company.bring(await company.assertion())).access_token ?? '';
    const [acted, other] = [await company.exchange('assistant', alice), await company.exchange('planner', alice)];
    const { db } = company.system.app.get(StorageService);
    const machine = db.selectFrom('persons').select('id').where('subject', '=', 'service/assistant');
    const { id } = await machine.executeTakeFirstOrThrow();
    const revocations = company.system.app.get(RevocationService);
    await revocations.disable(id, 'admin', { path: 'kill-switch', heardAt: Date.now() });
    await expect(company.caller(acted.access_token)).rejects.toMatchObject({ code: 'session_ended' });
    for (const token of [other.access_token, alice]) expect((await company.caller(token)).session.kind).toBe('person');
    expect((await company.exchange('assistant', alice)).status).toBe(400);
  });

  test('an assertion from before its person was signed out everywhere gives nothing', async () => {
    const [first, second] = [await company.assertion(), await company.assertion()];
    const { session } = await company.caller((await company.bring(first)).access_token);
    const revocations = company.system.app.get(RevocationService);
    await revocations.endPeople([session.person.id], { path: 'universal-logout', heardAt: Date.now() });
    const answer = await company.bring(second);
    expect([answer.status, answer.error, answer.access_token]).toEqual([400, 'invalid_grant', undefined]);
  });
});
