import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Faults of `identity.clients`, which begins in line 2. */
async function faultsOf(clients: string): Promise<string[]> {
  writeFileSync(join(directory, 'mcp-sso.yaml'), `identity:\n  clients:\n${clients}`);
  const { faults } = await loadConfig(directory, {});
  return faults.filter(({ key }) => key.startsWith('identity.clients')).map(faultText);
}

test('what admits apps of other companies is accepted', async () => {
  const clients = `    metadataDocuments:
      hosts: [claude.ai, apps.acme.example:8443]
      seeded:
        https://vscode.dev/oauth/client-metadata.json:
          client_name: VS Code
          redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1:33418/"]
    registration: { redirectHosts: [claude.ai, localhost, 127.0.0.1, "cursor://anysphere.cursor-mcp"] }
`;
  expect(await faultsOf(clients)).toEqual([]);
  expect(await faultsOf('    registration: off\n')).toEqual([]);
});

test('what cannot be meant is named with what to write', async () => {
  const clients = `    metadataDocuments:
      hosts: ["https://claude.ai", 127.0.0.1]
      seeded:
        https://apps.test/client:
          client_id: https://evil.test/client
          redirect_uris: ["http://apps.test/callback", "javascript:alert(1)"]
`;
  expect(await faultsOf(clients)).toEqual([
    'mcp-sso.yaml:4:15 identity.clients.metadataDocuments.hosts[0]: not a valid value → write a host name without https://, for example claude.ai',
    'mcp-sso.yaml:4:36 identity.clients.metadataDocuments.hosts[1]: not a valid value → write a host name without https://, for example claude.ai',
    'mcp-sso.yaml:7:22 identity.clients.metadataDocuments.seeded.https://apps.test/client.client_id: not the address that the document stands under → write the address that the document stands under, or leave it out',
    'mcp-sso.yaml:8:27 identity.clients.metadataDocuments.seeded.https://apps.test/client.redirect_uris[0]: plain http is for this computer only → write an https address, one with http that leads to localhost or 127.0.0.1, or SCHEME://HOST/PATH of an app',
    'mcp-sso.yaml:8:56 identity.clients.metadataDocuments.seeded.https://apps.test/client.redirect_uris[1]: its scheme belongs to no app → write an https address, one with http that leads to localhost or 127.0.0.1, or SCHEME://HOST/PATH of an app',
  ]);
});
