import { expect, test } from 'vitest';
import { keyText } from '../config/key-path.js';
import { settingsSchema } from '../config/settings.js';
import { credentialFindings } from './check-directory.js';

test('credentials of groups are judged as the one for everyone is', () => {
  const reserved = { kind: 'header', name: 'Host', secret: 'env:TOKEN' };
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    servers: {
      crm: {
        url: 'https://crm.acme.example/mcp',
        credential: reserved,
        credentialFor: [
          { groups: ['okta/a'], credential: { kind: 'bearer', secret: 'env:TOKEN' } },
          { groups: ['okta/b'], credential: reserved },
        ],
      },
    },
  });
  expect(credentialFindings(settings).map(({ path }) => keyText(path))).toEqual([
    'servers.crm.credential.name',
    'servers.crm.credentialFor[1].credential.name',
  ]);
});
