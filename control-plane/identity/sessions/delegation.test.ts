import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
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
    await sessions.applyFreshProfile(session, { ...session.person, groups: ['corp/sales'] }, Date.now());
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
});
