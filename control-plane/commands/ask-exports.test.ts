import { expect, test } from 'vitest';
import { HEC_TOKEN, ScriptedHec } from '../audit/export/testing/scripted-hec.js';
import { settingsSchema } from '../config/settings.js';
import { askExports } from './ask-exports.js';

test('check asks each sink without sending a record, and warns of those that would not take one', async () => {
  await using hec = await ScriptedHec.start();
  const gone = await ScriptedHec.start();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.test',
    identity: { providers: {} },
    servers: {},
    audit: {
      export: {
        splunk: { kind: 'splunk-hec', url: hec.url, token: 'env:TOKEN' },
        stranger: { kind: 'splunk-hec', url: hec.url, token: 'env:OTHER' },
        away: { kind: 'otlp', url },
        unread: { kind: 'elastic', url, apiKey: 'env:NONE' },
        archive: { kind: 'file', path: './nowhere/audit.ndjson' },
        mails: { kind: 'webhook', url, secret: 'env:NONE' },
      },
    },
  });
  const environment = { TOKEN: HEC_TOKEN, OTHER: 'another' };
  const config = { directory: '/nowhere', settings, policyFiles: [], masterKey: Buffer.alloc(32), environment };
  const next = 'see docs/guides/audit-export.md; records wait until it takes them';
  expect(await askExports(config)).toEqual({
    warnings: [
      `audit.export.stranger: it answered with status 403: its key may not write there → ${next}`,
      `audit.export.away: it was not reached (ECONNREFUSED) → ${next}`,
      `audit.export.unread: its secret cannot be read → ${next}`,
      `audit.export.archive: its file cannot be written (ENOENT) → ${next}`,
    ],
    agreeing: ['splunk'],
  });
  expect(hec.taken).toEqual([]);
});
