import { expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { restartOnly } from './restart-only.js';

const BASE = { publicUrl: 'http://127.0.0.1', identity: { providers: {} }, servers: {} };

test('limits are read at the start; servers and roles are followed', () => {
  const running = settingsSchema.parse(BASE);
  const changed = settingsSchema.parse({
    ...BASE,
    limits: { callSeconds: 60 },
    servers: { crm: { url: 'https://crm.example/mcp' } },
    roles: { auditor: ['idp/security'] },
  });
  expect(restartOnly(running, changed)).toEqual(['limits']);
  expect(restartOnly(running, settingsSchema.parse({ ...BASE, limits: { callSeconds: 600 } }))).toEqual([]);
});
