import { Browser } from '../../demo/walk/browser.js';
import { freePorts } from '../../demo/stack/ports.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { expect, it } from 'vitest';
import { useStack } from '../support/stack.js';
import { checkAuthorization } from './suite.js';

const DOCUMENT = 'https://apps.example/oauth/client.json';

const stack = useStack(async () => ({
  more: {
    servers: '',
    policies: '',
    identity: `  clients:
    metadataDocuments:
      seeded:
        ${DOCUMENT}: { redirect_uris: ["http://127.0.0.1/callback"] }
`,
  },
}));

it('the authorization server meets every requirement of the suite', async () => {
  const { publicUrl } = stack().addresses;
  const [port = 0] = await freePorts([0]);
  const settings = { url: publicUrl, clientId: DOCUMENT, resource: `${publicUrl}/mcp`, port };
  const checks = await checkAuthorization(settings, async (address) => {
    await signInAs(new Browser(), address, 'alice');
  });
  expect([...checks].filter(([, { status }]) => status !== 'SUCCESS')).toEqual([]);
  const names = [...checks.keys()].map((check) => check.split(' ').at(-1));
  expect(new Set(names)).toEqual(
    new Set(['AuthorizationServerMetadata', 'AuthorizationServerMetadataCIMD', 'AuthorizationCodeGrant']),
  );
});
