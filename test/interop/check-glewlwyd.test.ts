import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { providerSettings } from '../../control-plane/config/provider-settings.js';
import { inspectProvider } from '../../control-plane/identity/idp/inspection/inspect-provider.js';
import { clientAuthenticationOf, waysOf } from '../../control-plane/identity/idp/presets.js';
import { Glewlwyd } from '../support/glewlwyd/glewlwyd.js';

const CLIENT = { id: 'mcp-sso', secret: 'glewlwyd-secret_0123', publicUrl: 'http://127.0.0.1:8700' };

describe.runIf(Glewlwyd.installed())('what check says of Glewlwyd (apt-get install -y glewlwyd)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-check-glewlwyd-'));
  let idp: Glewlwyd;

  beforeAll(async () => {
    idp = await Glewlwyd.start(folder, CLIENT);
  });
  afterAll(async () => {
    await idp?.stop();
    rmSync(folder, { recursive: true });
  });

  function inspect(secret: string, issuer = idp.issuer) {
    const settings = providerSettings.parse({ issuer, clientId: CLIENT.id, clientSecret: 'env:IDP_SECRET' });
    const credential = { authentication: clientAuthenticationOf(settings), read: () => Promise.resolve(secret) };
    const redirectUri = `${CLIENT.publicUrl}/auth/callback`;
    return inspectProvider({ id: 'company', settings, ways: waysOf(settings), credential, redirectUri });
  }

  const unlisted = { severity: 'warning', message: expect.stringContaining('the grant type refresh_token') as string };

  test('as it is set up, there is only a warning: it does not say that it refreshes', async () => {
    expect(await inspect(CLIENT.secret)).toMatchObject([unlisted]);
  });

  test('a wrong secret is told from a made-up code', async () => {
    expect(await inspect('wrong')).toMatchObject([
      unlisted,
      {
        severity: 'fault',
        key: 'clientSecret',
        message: 'it does not accept our credentials (403 unauthorized_client)',
      },
    ]);
  });

  test('an issuer without its path is not found', async () => {
    expect(await inspect(CLIENT.secret, new URL(idp.issuer).origin)).toMatchObject([
      { severity: 'fault', key: 'issuer', message: 'the metadata of the provider cannot be read: answered with 404' },
    ]);
  });
});
