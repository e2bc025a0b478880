import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { CLIENTS, PATHS } from '#shared/api/paths.js';
import { CredentialStore } from '../../cli/credential-store/credential-store.js';
import { FileBacking } from '../../cli/credential-store/file-backing.js';
import { KeyFile } from '../../cli/credential-store/key-file.js';
import type { SavedSignIn } from '../../cli/credential-store/saved-sign-in.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { ageChecks } from '../support/database.js';
import { lockHolders } from '../support/lock-holder.js';
import { createPostgresDatabase, dropPostgresDatabase, runSql } from '../support/postgres-database.js';
import { RefreshGate, type Moment } from '../support/refresh-gate.js';
import { realSigner } from '../support/signing-key.js';
import { useStack } from '../support/stack.js';

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
/** Where the killed one's refresh was, and on what. */
const CASES: readonly (readonly ['SQLite' | 'PostgreSQL with two replicas', readonly Moment[]])[] = [
  ['SQLite', ['not sent', 'under way']],
  ['PostgreSQL with two replicas', ['under way', 'answered']],
];
const server = inject('postgresUrl');
const now = (): number => Math.floor(Date.now() / 1000);

/** One person's computer, and what its bridges share. */
class Desk {
  readonly state: string;
  readonly #store: CredentialStore;
  readonly #slot: { readonly origin: string; readonly client: string };

  constructor(
    readonly laptop: Laptop,
    origin: string,
  ) {
    this.state = join(laptop.home, '.local', 'state', 'mcp-sso');
    this.#store = new CredentialStore(new FileBacking(this.state, new KeyFile(join(this.state, 'key'))));
    this.#slot = { origin, client: CLIENTS.bridge };
  }

  async signIn(): Promise<SavedSignIn> {
    const saved = await this.#store.read(this.#slot);
    if (!saved) throw new Error('Nobody is signed in.');
    return saved;
  }

  /** As after a night: the control plane refuses the access token as expired, and no bridge knows it yet. */
  async expire(resign: Awaited<ReturnType<typeof realSigner>>): Promise<void> {
    const saved = await this.signIn();
    const accessToken = await resign(saved.accessToken, { iat: now() - 600, exp: now() - 300 });
    await this.#store.put(this.#slot, { ...saved, accessToken });
  }
}

describe.each(CASES)('pitfall 19, race: eight bridges of one person that refresh at once, on %s', (engine, moments) => {
  const reachable = engine === 'SQLite' || server !== null;
  let database: string | undefined;
  let gate: RefreshGate;
  let another: AnotherControlPlane | undefined;
  let desk: Desk;
  let bridges: BridgeSession[] = [];
  const stack = useStack(async () => {
    gate = await RefreshGate.listen();
    if (engine !== 'SQLite') database = await createPostgresDatabase(server ?? '');
    return { publicPort: gate.port, ...(database === undefined ? {} : { database }) };
  });

  beforeAll(async () => {
    const { listen, publicUrl } = stack().addresses;
    if (database !== undefined) another = await AnotherControlPlane.start(stack(), 'replica-b', database);
    gate.forwardTo(listen, ...(another ? [new URL(another.address).host] : []));
    const alice = new Laptop('alice', stack().folder);
    await alice.login(publicUrl);
    desk = new Desk(alice, publicUrl);
  });
  afterEach(async () => {
    await Promise.all(bridges.map((bridge) => bridge.close()));
    bridges = [];
  });
  afterAll(async () => {
    await another?.[Symbol.asyncDispose]();
    await stack().stopControlPlane();
    await gate[Symbol.asyncDispose]();
    if (database !== undefined) await dropPostgresDatabase(database);
  });

  /** As if more than a minute had passed since the identity provider was last asked about her. */
  async function letChecksAge(session: string): Promise<void> {
    if (database === undefined) {
      await stack().stopControlPlane();
      ageChecks(stack(), 120);
      return stack().startControlPlane();
    }
    await runSql(database, `update sessions set idp_checked_at = idp_checked_at - 120000 where id = '${session}'`);
    await runSql(database, `notify mcp_sso, 'session-changed ${session}'`);
  }

  it.skipIf(!reachable).each(moments)(
    'go on when the one that holds the lock is killed while its refresh is %s',
    async (moment) => {
      const before = await desk.signIn();
      const session = String(decodeJwt(before.accessToken)['sid']);
      await letChecksAge(session);
      await desk.expire(await realSigner(stack(), database));
      bridges = await Promise.all(EIGHT.map(() => BridgeSession.connect(desk.laptop)));
      const signIns = gate.count(PATHS.authorize);
      const refreshes = gate.count(PATHS.token);

      const caught = gate.catchRefresh(moment, EIGHT.length);
      const calls = bridges.map(async (bridge) => bridge.call('crm__get_customer', { id: 'c-1' }));
      const settled = Promise.allSettled(calls);
      await caught;
      const [holder, ...more] = lockHolders(desk.state, /^refresh-/);
      expect(more).toEqual([]);
      const victim = bridges.findIndex(({ processId }) => processId === holder);
      expect(victim).toBeGreaterThanOrEqual(0);
      process.kill(holder ?? 0, 'SIGKILL');

      const answers = await settled;
      expect(answers.splice(victim, 1)).toMatchObject([{ status: 'rejected' }]);
      for (const answer of answers) expect(answer).toMatchObject({ status: 'fulfilled', value: { isError: false } });
      expect([gate.count(PATHS.token) - refreshes, gate.count(PATHS.authorize) - signIns]).toEqual([2, 0]);
      const after = await desk.signIn();
      expect([after.refreshToken, decodeJwt(after.accessToken)['sid']]).toEqual([before.refreshToken, session]);

      const successor = await BridgeSession.connect(desk.laptop);
      bridges.push(successor);
      expect((await successor.call('crm__get_customer', { id: 'c-1' })).isError).toBe(false);
      expect(bridges.map(({ stderr }) => stderr).join('')).not.toContain(PATHS.authorize);
    },
  );
});
