import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { patchOf, scimRequest } from '../../control-plane/identity/scim/testing/scim-request.js';
import { ask, idsOf, signInToAdminister } from '../support/admin.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { measureCut, type Cut } from '../support/cut.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { createPostgresDatabase, dropPostgresDatabase } from '../support/postgres-database.js';
import { useStack } from '../support/stack.js';
import { Transmitter } from '../support/transmitter.js';

const server = inject('postgresUrl');
const PROMISED_MS = 1_000;
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
const ACCOUNT_DISABLED = 'https://schemas.openid.net/secevent/risc/event-type/account-disabled';
const WAYS = [
  'kill switch',
  'SCIM',
  'back-channel logout',
  'universal logout',
  'session-revoked',
  'account-disabled',
] as const;
type Way = (typeof WAYS)[number];

function measuresCuts(where: string, database: () => Promise<string | undefined>): void {
  let transmitter: Transmitter;
  let auditor: SignedIn;
  let helpdesk: SignedIn;
  let used: string | undefined;
  const others: AnotherControlPlane[] = [];
  const cuts = new Map<Way, Cut>();
  const stack = useStack(async () => {
    used = await database();
    return used === undefined ? {} : { database: used };
  });

  beforeAll(async () => {
    transmitter = await Transmitter.start();
    transmitter.allowAt(stack());
    await stack().startControlPlane();
    if (used !== undefined) others.push(await AnotherControlPlane.start(stack(), 'replica-b', used));
    auditor = await signInAsAuditor(stack());
    helpdesk = await signInToAdminister(stack(), 'dave');
  });
  afterAll(async () => {
    process.stdout.write(table(where, cuts));
    for (const other of others) await other[Symbol.asyncDispose]();
    await stack().stopControlPlane();
    await transmitter[Symbol.asyncDispose]();
    if (used !== undefined) await dropPostgresDatabase(used);
  });

  const subject = () => ({ format: 'iss_sub', iss: stack().addresses.issuer, sub: 'alice' });

  /** The provider's SCIM client says that alice is not active, and then that she is. */
  async function deactivateAndBack(): Promise<void> {
    const origin = stack().addresses.publicUrl;
    const user = { userName: 'alice@demo.example', externalId: 'alice', active: true };
    const { body } = await scimRequest(origin, 'POST', '/Users', user);
    for (const active of [false, true]) {
      const patch = patchOf({ op: 'replace', value: { active } });
      expect((await scimRequest(origin, 'PATCH', `/Users/${String(body?.['id'])}`, patch)).status).toBe(200);
    }
  }

  /** How each way is given, and the label of its metric. */
  const signals: Readonly<Record<Way, readonly [path: string, give: (alice: SignedIn) => Promise<void>]>> = {
    'kill switch': [
      'kill-switch',
      async (alice) => {
        const path = `${PATHS.users}/${idsOf(alice).person}/sessions`;
        expect((await ask(stack(), helpdesk, 'DELETE', path)).status).toBe(200);
      },
    ],
    SCIM: ['scim', deactivateAndBack],
    'back-channel logout': ['back-channel-logout', async () => stack().signOut('alice')],
    'universal logout': [
      'universal-logout',
      async () => expect((await transmitter.logOut(stack(), subject())).status).toBe(204),
    ],
    'session-revoked': [
      'shared-signals',
      async () => expect((await transmitter.push(stack(), SESSION_REVOKED, subject())).status).toBe(202),
    ],
    'account-disabled': [
      'shared-signals',
      async () => expect((await transmitter.push(stack(), ACCOUNT_DISABLED, subject())).status).toBe(202),
    ],
  };

  it.each(WAYS)('after the signal (%s) calls and streams are over within a second', async (way) => {
    const alice = await signIn(stack(), 'alice');
    const [path, give] = signals[way];
    const replicas = [stack().addresses.publicUrl, ...others.map(({ address }) => address)];
    const cut = await measureCut(stack(), auditor, replicas, alice, { path, give: () => give(alice) });
    cuts.set(way, cut);
    for (const milliseconds of Object.values(cut)) expect(milliseconds).toBeLessThan(PROMISED_MS);
  });
}

function table(where: string, cuts: ReadonlyMap<Way, Cut>): string {
  const rows = [...cuts].map(([way, { ended, lastCall, stream }]) => [way, ended, lastCall, stream]);
  const lines = [['milliseconds after the signal', 'ended', 'last call', 'stream'], ...rows].map(([first, ...rest]) =>
    [String(first).padEnd(30), ...rest.map((cell) => String(cell).padStart(10))].join(''),
  );
  return `\n${where}\n${lines.join('\n')}\n`;
}

describe('one control plane on SQLite', () => {
  measuresCuts('one control plane on SQLite', async () => undefined);
});

describe.skipIf(server === null)('two control planes on PostgreSQL (needs apt-get install -y postgresql)', () => {
  measuresCuts('two control planes on PostgreSQL', () => createPostgresDatabase(server ?? ''));
});
