import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { guideTo } from '../config/guide.js';
import { limitsSchema } from '../config/limits.js';
import { providerSettings } from '../config/provider-settings.js';
import { settingsSchema } from '../config/settings.js';
import { STARTER_SETTINGS } from './starter-files.js';

const block = STARTER_SETTINGS.slice(STARTER_SETTINGS.indexOf('# limits:')).replaceAll(/^# ?/gm, '');
const { properties = {} } = z.toJSONSchema(limitsSchema, { io: 'input' });

test('the starter file shows every limit with its default', () => {
  expect(parse(block)).toEqual({ limits: limitsSchema.parse({}) });
});

test.each(Object.keys(properties))('the guide to limits.%s names its least and its most', (key) => {
  const { minimum, maximum } = properties[key] as { minimum: number; maximum: number };
  expect(guideTo(['limits', key])).toMatch(new RegExp(` from ${minimum} to ${maximum}$`));
});

test('the keys of a provider that the starter file shows as comments are keys of the settings', () => {
  const [, provider = ''] = /^ {4}company:\n([^]*?)^ {2}\S/m.exec(STARTER_SETTINGS) ?? [];
  const lines = provider.split('\n').map((line) => line.replace(/^ {6}#? ?/, ''));
  const keys = lines.filter((line) => /^[a-zA-Z]+: /.test(line)).join('\n');
  const settings = providerSettings.parse({ ...parse(keys), issuer: 'https://acme.okta.com' });
  expect(settings).toMatchObject({
    preset: 'oidc',
    privateKey: 'file:./idp-key.pem',
    backchannelLogout: true,
    universalLogout: { issuer: 'https://acme.okta.com' },
    sharedSignals: { issuer: 'https://acme.okta.com', audience: 'https://mcp.acme.example' },
    emailDomains: ['acme.example'],
  });
  expect(STARTER_SETTINGS).toContain('\n  # graceSeconds: 900\n');
});

test.each(['grants', 'approvals', 'networks', 'notifications', 'audit', 'telemetry'] as const)(
  'the comment on %s in the starter file is what the settings take',
  (key) => {
    const [comment = ''] = new RegExp(`^# ${key}:.*\n(?:#  .*\n)*`, 'm').exec(STARTER_SETTINGS) ?? [];
    const settings: unknown = parse(comment.replaceAll(/^# ?/gm, ''));
    expect(settingsSchema.shape[key].safeParse((settings as Record<string, unknown>)[key])).toMatchObject({
      success: true,
    });
  },
);

test.each([
  [['servers', 'crm', 'review'], 'write first-use (tools that change or appear later wait'],
  [['servers', 'crm', 'labels', '0'], 'write lower-case letters, digits and dashes, for example prod'],
  [['grants', 'maxMinutes'], 'write a number of minutes from 1 to 1440'],
  [['grants', 'breakGlass', 'maxMinutes'], 'write a number of minutes from 1 to 60'],
  [['approvals', 'minutes'], 'write a number of minutes from 1 to 60'],
])('the guide says what belongs at %j', (path, text) => {
  expect(guideTo(path)).toContain(text);
});
