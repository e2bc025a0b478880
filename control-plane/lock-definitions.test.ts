import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsSchema } from './config/settings.js';
import { sendResult, UpstreamServer } from './gateway/testing/upstream-server.js';
import { lockDefinitions } from './lock-definitions.js';
import { readLock } from './policy/definitions/lock-file.js';

test('every server is asked with its credential and pinned; one that gives no list keeps what was locked', async () => {
  const tools = [{ name: 'list', description: 'Lists.', inputSchema: { type: 'object' } }];
  await using crm = await UpstreamServer.modern((request, response) => {
    sendResult(response, request, { resultType: 'complete', tools });
  });
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-lock-'));
  const config = (more: object, policyFiles: { file: string; text: string }[]) => ({
    directory,
    settings: settingsSchema.parse({
      publicUrl: 'http://127.0.0.1:1',
      database: 'sqlite:./lock.db',
      privateNetworks: ['127.0.0.0/8'],
      identity: { providers: { idp: { issuer: 'https://idp.example', clientId: 'c', clientSecret: 'env:S' } } },
      servers: { crm: { url: crm.url, credential: { kind: 'bearer', secret: 'env:CRM' } }, ...more },
    }),
    policyFiles,
    masterKey: Buffer.alloc(32, 9),
    environment: { CRM: 'crm-secret-0123456789' },
  });
  try {
    const first = await lockDefinitions(config({}, []));
    expect(first).toMatchObject({ tools: 1, failed: [] });
    expect(crm.calls()[0]?.headers.authorization).toBe('Bearer crm-secret-0123456789');
    expect(first.text).not.toContain('crm-secret');
    const locked = first.text.replace('"crm"', 'crm').replace('  crm:', '  gone:');
    const files = [{ file: 'mcp-sso.lock.yaml', text: locked }];
    const second = await lockDefinitions(config({ gone: { url: 'http://127.0.0.1:1/mcp' } }, files));
    expect(second.failed).toEqual([{ server: 'gone', code: 'upstream_unreachable' }]);
    const { lock, faults } = readLock([{ file: 'mcp-sso.lock.yaml', text: second.text }]);
    expect([faults, [...lock.keys()]]).toEqual([[], ['crm', 'gone']]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
