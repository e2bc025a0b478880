import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from './check-settings.js';
import { settingsSchema } from './settings.js';

const ISSUER = 'https://acme.okta.com/oauth2/default';
const ORG = 'https://acme.okta.com';
const KEYS = 'https://acme.okta.com/oauth2/v1/keys';
const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-signers-'));

function settingsWith(more: object) {
  const provider = { issuer: ISSUER, clientId: 'abc', clientSecret: 'env:SECRET', ...more };
  return { publicUrl: 'https://mcp.acme.example', servers: {}, identity: { providers: { okta: provider } } };
}

async function objections(more: object): Promise<string[]> {
  const around = { value: settingsWith(more), directory, environment: { SECRET: 'x' } };
  const found = (await checkSettings(around)).filter(({ path }) => path[0] === 'identity');
  return found.map(({ path, message }) => `${path.slice(3).join('.')}: ${message}`);
}

test('a signer is the provider itself, or its keys are named', async () => {
  expect(await objections({ universalLogout: { issuer: ISSUER } })).toEqual([]);
  expect(await objections({ universalLogout: { issuer: ORG, jwksUri: KEYS } })).toEqual([]);
  expect(await objections({ sharedSignals: { issuer: ORG, audience: 'a', jwksUri: KEYS } })).toEqual([]);
  const unknown = 'issuer: not the issuer of this provider, so its keys are not known';
  expect(await objections({ universalLogout: { issuer: ORG } })).toEqual([`universalLogout.${unknown}`]);
  expect(await objections({ sharedSignals: { issuer: ORG, audience: 'a' } })).toEqual([`sharedSignals.${unknown}`]);
});

test('keys come over https, and the secret must be there', async () => {
  const open = { issuer: ORG, jwksUri: 'http://keys.acme.example/', audience: 'a' };
  expect(await objections({ sharedSignals: { ...open, secret: 'file:absent' } })).toEqual([
    'sharedSignals.jwksUri: plain http is accepted for this machine only',
    'sharedSignals.secret: there is no file absent',
  ]);
});

test('a logout at the provider counts unless the setting says otherwise; nothing else is on by itself', () => {
  const { okta } = settingsSchema.parse(settingsWith({})).identity.providers;
  expect(okta).toMatchObject({ backchannelLogout: true });
  expect(okta).not.toHaveProperty('universalLogout');
  expect(okta).not.toHaveProperty('sharedSignals');
  expect(settingsSchema.safeParse(settingsWith({ sharedSignals: { issuer: ORG } })).success).toBe(false);
});
