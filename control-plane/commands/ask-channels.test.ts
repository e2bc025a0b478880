import { expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { Receiver } from '../messaging/testing/receiver.js';
import { askChannels } from './ask-channels.js';

test('check asks webhook and mail server without telling them anything, and warns of those that do not answer', async () => {
  await using receiver = await Receiver.start();
  const gone = await Receiver.start();
  const closed = new URL(gone.url).port;
  await gone[Symbol.asyncDispose]();
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.test',
    identity: { providers: {} },
    servers: {},
    notifications: {
      webhooks: {
        ops: { url: receiver.url, secret: 'env:NONE' },
        down: { url: `http://127.0.0.1:${closed}/secret-path`, secret: 'env:NONE' },
      },
      smtp: { url: `smtp://127.0.0.1:${closed}`, from: 'mcp@acme.test', to: ['ops@acme.test'] },
    },
  });
  const config = { directory: '/nowhere', settings, policyFiles: [], masterKey: Buffer.alloc(32), environment: {} };
  expect(await askChannels(config)).toEqual({
    warnings: [
      'notifications.webhooks.down: not reached (ECONNREFUSED) → see that this machine reaches it; notifications wait until it can',
      'notifications.smtp: not taken (ESOCKET) → see that this machine reaches it; notifications wait until it can',
    ],
    agreeing: ['webhook:ops'],
  });
  expect(receiver.received.map(({ method, body }) => [method, body])).toEqual([['HEAD', '']]);
});
