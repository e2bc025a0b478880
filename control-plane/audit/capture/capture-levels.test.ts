import { expect, test } from 'vitest';
import { auditSettings } from '../../config/audit-settings.js';
import { captureLevels } from './capture-levels.js';

const { capture } = auditSettings.parse({
  capture: {
    arguments: 'hash',
    servers: { crm: { arguments: 'full', tools: { delete_customer: { results: 'redacted' } } } },
  },
});

test('the closest word counts: of the tool, of its server, of everyone', () => {
  expect(captureLevels(capture, 'erp', 'pay')).toEqual({ arguments: 'hash', results: 'none' });
  expect(captureLevels(capture, 'crm', 'find')).toEqual({ arguments: 'full', results: 'none' });
  expect(captureLevels(capture, 'crm', undefined)).toEqual({ arguments: 'full', results: 'none' });
  expect(captureLevels(capture, 'crm', 'delete_customer')).toEqual({ arguments: 'full', results: 'redacted' });
});

test('a name that every object has stands for nothing', () => {
  expect(captureLevels(capture, 'constructor', 'toString')).toEqual({ arguments: 'hash', results: 'none' });
  expect(captureLevels(capture, 'crm', 'constructor')).toEqual({ arguments: 'full', results: 'none' });
});
