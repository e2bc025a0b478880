import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { TemporaryAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { readBatch } from './read-batch.js';
import { sinksOf } from './sinks.js';
import { SubjectKeys } from '../subject-keys.js';

const CAPTURED = {
  arguments: '{"iban":"DE89"}',
  result: '{"balance":1}',
  argumentsHash: 'ab',
  resultHash: 'cd',
  policyInput: '{"v":1,"target":{"kind":"tool","effect":"destroy"},"args":{"iban":"DE89"}}',
};

test('what was captured leaves by the sink whose settings say so, and by no other; both tell what the tool does', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  await audit.service.write(intent({}, CAPTURED));
  const { directory } = temporary.database;
  const { settings: base } = temporary.config;
  const settings = settingsSchema.parse({
    publicUrl: base.publicUrl,
    identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: {},
    audit: {
      export: {
        all: { kind: 'file', path: 'all', captured: true },
        usual: { kind: 'file', path: 'usual' },
        events: { kind: 'file', path: 'events', format: 'ocsf' },
      },
    },
  });
  const { storage } = audit;
  const records = await readBatch({ db: storage.db, keys: new SubjectKeys(storage) }, 0, 10);
  for (const sink of sinksOf({ settings, directory, environment: {} })) {
    await sink.send(records, AbortSignal.timeout(60_000));
  }
  const lineOf = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(directory, name), 'utf8'));
  expect(await lineOf('all')).toMatchObject({ personal: CAPTURED });
  expect(await lineOf('usual')).toHaveProperty('personal', {
    ...intent().personal,
    policyInput: '{"v":1,"target":{"kind":"tool","effect":"destroy"}}',
  });
  expect(await lineOf('events')).toMatchObject({ activity_id: 4, activity_name: 'Delete' });
  expect(await readFile(join(directory, 'usual'), 'utf8')).not.toContain('DE89');
  expect(await readFile(join(directory, 'events'), 'utf8')).not.toContain('DE89');
});
