import { describe, expect, it } from 'vitest';
import { REFUSALS } from '#shared/api/refusals.js';
import { ERRORS } from '#shared/errors.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { codeIn, loginByBreakGlass, makeBreakGlassCode } from '../support/break-glass.js';
import { ageChecks } from '../support/database.js';
import { reconfigure } from '../support/device.js';
import { beginSignIn, browserUpToCallback } from '../support/person.js';
import { RemoteApp } from '../support/remote-app.js';
import { connectV1 } from '../support/remote-conversation.js';
import { useStack } from '../support/stack.js';

const DOCUMENT = 'https://apps.example/oauth/client.json';
/** How long an answer of the identity provider is taken as it is. */
const CHECK_SECONDS = 60;
const GRACE_SECONDS = 600;
const TOKEN_SECONDS = 300;
const CRM = 'crm__list_customers';
const TIMEOUT_MS = 180_000;

const stack = useStack(async () => ({
  durableIdp: true,
  more: {
    servers: '',
    policies: '',
    identity: `  graceSeconds: ${GRACE_SECONDS}
  clients:
    metadataDocuments:
      seeded:
        ${DOCUMENT}: { client_name: Seeded, redirect_uris: ["http://localhost/callback"] }
`,
  },
}));

/** As if the identity provider had given its last answer that much earlier. */
async function elapse(seconds: number): Promise<void> {
  await stack().stopControlPlane();
  ageChecks(stack(), seconds);
  await stack().startControlPlane();
}

async function signedIn(person: string): Promise<{ laptop: Laptop; bridge: BridgeSession; app: RemoteApp }> {
  const laptop = new Laptop(person, stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  const app = new RemoteApp(person, DOCUMENT);
  expect(await customers(app)).toContain('Nordwind');
  return { laptop, bridge: await BridgeSession.connect(laptop), app };
}

/** What a remote app is answered, with the token that it has. */
async function customers(app: RemoteApp): Promise<string> {
  const connected = await connectV1(new URL(`${stack().addresses.publicUrl}/mcp/crm`), app);
  try {
    return await connected.call('list_customers', {});
  } finally {
    await connected.close();
  }
}

/** The same after a refresh. */
function customersRefreshed(app: RemoteApp): Promise<string> {
  app.saved = { ...app.saved, access_token: 'outdated', token_type: 'Bearer' };
  return customers(app);
}

const alive = { code: 0, stdout: expect.stringContaining('alive') as string };
const unknown = (why: string) => ({ code: 5, stdout: expect.stringContaining(why) as string });
const refused = (why: string) => ({ isError: true, text: expect.stringContaining(why) as string });

/** The control plane leaves a provider alone for a moment that it could not reach. */
async function untilAlive(laptop: Laptop): Promise<void> {
  const status = async () => (await laptop.run('status')).code;
  await expect.poll(status, { interval: 500, timeout: 60_000 }).toBe(0);
}

describe('while the identity provider is down', () => {
  it(
    'who is in works on for the grace and is then told why not, nobody gets in but by break-glass, and all go on after it',
    async () => {
      const { laptop, bridge, app } = await signedIn('alice');
      await stack().stopIdp();

      await elapse(CHECK_SECONDS + GRACE_SECONDS / 2);
      expect(await laptop.run('status')).toMatchObject(alive);
      expect(await bridge.call(CRM)).toMatchObject({ isError: false });
      expect(await customersRefreshed(app)).toContain('Nordwind');

      await elapse(GRACE_SECONDS / 2);
      expect(await bridge.call(CRM)).toMatchObject(refused(REFUSALS.graceOver));
      await expect(customers(app)).rejects.toThrow(REFUSALS.graceOver);
      expect(await laptop.run('status')).toMatchObject(unknown(REFUSALS.graceOver));
      await expect(customersRefreshed(app)).rejects.toThrow(REFUSALS.graceOver);

      const page = await browserUpToCallback().open((await beginSignIn(stack())).url);
      expect([page.status, page.text]).toEqual([503, expect.stringContaining(ERRORS.idp_unreachable.text)]);

      const operator = new Laptop('operator', stack().folder);
      const code = codeIn(await makeBreakGlassCode(stack()));
      expect(await loginByBreakGlass(stack(), operator, code)).toMatchObject({ code: 0 });
      const { stdout } = await operator.run('audit', 'search', '--since', 'today');
      expect(stdout.match(/auth\.grace/g)).toHaveLength(2);

      await stack().startIdp();
      await untilAlive(laptop);
      expect(await bridge.call(CRM)).toMatchObject({ isError: false });
      expect(await customersRefreshed(app)).toContain('Nordwind');
      await bridge.close();
    },
    TIMEOUT_MS,
  );

  it(
    'with graceSeconds: 0 nobody goes on once its last answer is old',
    async () => {
      await reconfigure(stack(), (settings) =>
        settings.replace(`graceSeconds: ${GRACE_SECONDS}\n`, 'graceSeconds: 0\n'),
      );
      const { laptop, bridge, app } = await signedIn('bob');
      await stack().stopIdp();

      await elapse(CHECK_SECONDS);
      expect(await laptop.run('status')).toMatchObject(unknown(ERRORS.idp_unreachable.text));
      await expect(customersRefreshed(app)).rejects.toThrow(ERRORS.idp_unreachable.text);

      await elapse(TOKEN_SECONDS);
      expect(await bridge.call(CRM)).toMatchObject(refused(REFUSALS.graceOver));

      await stack().startIdp();
      await untilAlive(laptop);
      expect(await bridge.call(CRM)).toMatchObject({ isError: false });
      expect(await customersRefreshed(app)).toContain('Nordwind');
      await bridge.close();
    },
    TIMEOUT_MS,
  );
});
