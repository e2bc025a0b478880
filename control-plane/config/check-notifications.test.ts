import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { judgeSettings } from './judge-settings.js';
import { keyText } from './key-path.js';

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;

async function faults(notifications: object, environment: Record<string, string> = {}): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-notifications-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'master.key'), Buffer.alloc(32).toString('base64'), { mode: 0o600 });
  const around = {
    value: { notifications },
    directory,
    environment: { HOOK: SECRET, PASSWORD: 'pass', ...environment },
  };
  const { findings } = await judgeSettings(around);
  return findings
    .filter(({ path }) => path[0] === 'notifications')
    .map(({ path, message, fix }) => `${keyText(path)}: ${message} → ${fix}`);
}

test('a webhook on https, one on this machine and a mail server are all right', async () => {
  const secret = 'env:HOOK';
  const webhooks = {
    ops: { url: 'https://hooks.acme.example/x?y=1', secret },
    here: { url: 'http://127.0.0.1:9/', secret },
  };
  const smtp = { url: 'smtp://mail.acme.example:587', from: 'mcp@acme.example', to: ['ops@acme.example'] };
  expect(await faults({ webhooks, smtp: { ...smtp, username: 'mcp', password: 'env:PASSWORD' } })).toEqual([]);
  expect(await faults({ webhooks: { ops: { ...webhooks.ops, events: ['audit.alarm'] } }, smtp })).toEqual([]);
});

test.each([
  [
    { url: 'http://hooks.acme.example/' },
    /^url: plain http is accepted for this machine only → write the https address that takes the webhook$/,
  ],
  [
    { url: 'https://me:pass@hooks.acme.example/' },
    /^url: carries a user name → leave it out; the signature proves who speaks$/,
  ],
  [{ url: 'ftp://hooks.acme.example/' }, /^url: not a valid value → write the https address that takes the webhook$/],
  [{ secret: SECRET }, /^secret: .* → write env:NAME or file:PATH of whsec_ and 32 random bytes/],
  [{ secret: 'env:WEAK' }, /^secret: not whsec_ with 24 to 64 bytes in base64 → /],
  [
    { secret: 'env:NONE' },
    /^secret: the environment variable NONE is not set → set NONE for the process that runs mcp-sso-control-plane$/,
  ],
  [{ events: ['everything'] }, /^events\[0\]: .* → write a list such as \[approval.requested/],
])('of a webhook, %o is a fault', async (wrong, expected) => {
  const ops = { url: 'https://hooks.acme.example/', secret: 'env:HOOK', ...wrong };
  const found = await faults({ webhooks: { ops } }, { WEAK: `whsec_${Buffer.alloc(16).toString('base64')}` });
  const texts = found.map((text) => text.replace('notifications.webhooks.ops.', ''));
  expect(texts).toEqual([expect.stringMatching(expected)]);
});

test.each([
  [
    { url: 'smtp://mcp:pass@mail.acme.example' },
    /^url: a secret in an address ends up in logs → use username and password$/,
  ],
  [{ url: 'smtp://mail.acme.example/inbox' }, /^url: more or less than a host and a port → /],
  [{ username: 'mcp' }, /^password: missing → write env:NAME or file:PATH/],
  [{ password: 'env:PASSWORD' }, /^username: missing → /],
  [{ to: ['nobody'] }, /^to\[0\]: .* → write an e-mail address$/],
])('of a mail server, %o is a fault', async (wrong, expected) => {
  const smtp = { url: 'smtp://mail.acme.example', from: 'mcp@acme.example', to: ['ops@acme.example'], ...wrong };
  const found = (await faults({ smtp })).map((text) => text.replace('notifications.smtp.', ''));
  expect(found).toEqual([expect.stringMatching(expected)]);
});
