import { expect, test } from 'vitest';
import { isManagedDevice } from './managed-device.js';

const setting = { claim: 'device', values: ['managed', true] };

test.each([
  [{ device: 'managed' }, true],
  [{ device: true }, true],
  [{ device: ['byod', 'managed'] }, true],
  [{ device: 'Managed' }, false],
  [{ device: 'true' }, false],
  [{ device: 1 }, false],
  [{ device: { managed: true } }, false],
  [{ device: null }, false],
  [{ managed: true }, false],
  [{}, false],
  [undefined, false],
])('an ID token of %o says %s', (idToken, expected) => {
  expect(isManagedDevice(idToken, setting)).toBe(expected);
});

test('a claim that every object has, and a provider without the setting, say no', () => {
  expect(isManagedDevice({}, { claim: 'constructor', values: ['Object'] })).toBe(false);
  expect(isManagedDevice({ device: 'managed' }, undefined)).toBe(false);
});
