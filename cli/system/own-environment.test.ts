import { expect, test } from 'vitest';
import { cleanEnvironment } from './own-environment.js';

test('an environment that steers nothing is left as it is', () => {
  const env = { HOME: '/home/a', NODE_ENV: 'production', NODE_OPTIONS: '--require x', SSL_CERT_FILE: '/etc/ca.pem' };
  expect(cleanEnvironment(env)).toBeUndefined();
});

test.each([
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_EXTRA_CA_CERTS',
  'NODE_V8_COVERAGE',
  'NODE_DEBUG',
  'NODE_SOMETHING_OF_LATER',
  'node_debug',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'SSLKEYLOGFILE',
  'WATCH_REPORT_DEPENDENCIES',
])('%s is taken out, and nothing else', (name) => {
  expect(cleanEnvironment({ HOME: '/home/a', [name]: '1', NVM_DIR: '/nvm' })).toEqual({
    HOME: '/home/a',
    NVM_DIR: '/nvm',
  });
});
