import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { UpstreamClientsTable } from '../../storage/credential-tables.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { AuthorizationServer } from './discovery/authorization-server.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';
import { registerClient } from './register-client.js';
import { upstreamClient, type RegisteredClient } from './upstream-client.js';

const PURPOSE = 'upstream-clients';
/** Of a registration that is under way: nothing is known yet. */
const UNKNOWN = Buffer.alloc(0);
/** Milliseconds for which one control plane has the sole right to register us. */
const LEASE = 20_000;
const LOOK_EVERY = 150;
/** Milliseconds before a secret's end at which another is fetched. */
const BEFORE_END = 3_600_000;

/** Ourselves at authorization servers that register clients: once for each, whoever of us comes first. */
export class RegisteredClients {
  constructor(
    private readonly storage: Pick<StorageService, 'db' | 'seal' | 'open'>,
    private readonly fetch: GuardedFetch,
    private readonly redirectUri: string,
  ) {}

  /** Throws DiscoveryFault. */
  async clientAt(server: AuthorizationServer): Promise<RegisteredClient> {
    const end = performance.now() + LEASE;
    while (performance.now() < end) {
      const now = Date.now();
      const row = await this.#row(server.issuer);
      if (row !== undefined && row.sealed.length > 0 && !isOver(row, now)) return this.#opened(row);
      const taken = await this.#take(server.issuer, row, now);
      if (taken !== undefined) return await this.#register(server, taken);
      await delay(LOOK_EVERY);
    }
    throw new DiscoveryFault(
      `${server.issuer} is being asked to register us by another control plane`,
      'try again',
      true,
    );
  }

  /** The authorization server does not know it any more: the next one who connects registers us again. */
  async forget(id: string): Promise<void> {
    await this.storage.db.deleteFrom('upstream_clients').where('id', '=', id).execute();
  }

  async #register(server: AuthorizationServer, id: string): Promise<RegisteredClient> {
    try {
      const { expiresAt, ...registered } = await registerClient(this.fetch, server, this.redirectUri);
      const client: RegisteredClient = { kind: 'registered', id, ...registered };
      const plain = Buffer.from(JSON.stringify(client));
      const sealed = this.storage.seal(PURPOSE, this.#boundTo(id, server.issuer), plain);
      const change = { sealed, expires_at: expiresAt };
      await this.storage.db.updateTable('upstream_clients').set(change).where('id', '=', id).execute();
      return client;
    } catch (error) {
      await this.forget(id);
      throw error;
    }
  }

  /** Of several at once one gets the right to register us, under an id of its own. */
  async #take(issuer: string, row: UpstreamClientsTable | undefined, now: number): Promise<string | undefined> {
    const taken = {
      id: `ucl_${randomUUID().replaceAll('-', '')}`,
      sealed: UNKNOWN,
      created_at: now,
      expires_at: now + LEASE,
    };
    const { db } = this.storage;
    if (row === undefined) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('upstream_clients')
        .values({ ...taken, issuer, redirect_uri: this.redirectUri })
        .onConflict((conflict) => conflict.columns(['issuer', 'redirect_uri']).doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n ? taken.id : undefined;
    }
    if (!isOver(row, now)) return undefined;
    const { numUpdatedRows } = await db
      .updateTable('upstream_clients')
      .set(taken)
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n ? taken.id : undefined;
  }

  async #row(issuer: string): Promise<UpstreamClientsTable | undefined> {
    return this.storage.db
      .selectFrom('upstream_clients')
      .selectAll()
      .where('issuer', '=', issuer)
      .where('redirect_uri', '=', this.redirectUri)
      .executeTakeFirst();
  }

  #opened({ id, issuer, sealed }: UpstreamClientsTable): RegisteredClient {
    const plain = this.storage.open(PURPOSE, this.#boundTo(id, issuer), sealed).toString();
    return upstreamClient.options[2].parse(JSON.parse(plain));
  }

  #boundTo(id: string, issuer: string): string {
    return JSON.stringify(['upstream_clients', id, issuer, this.redirectUri]);
  }
}

/** A lease that has run out, or a secret that soon will. */
function isOver({ expires_at: end, sealed }: UpstreamClientsTable, now: number): boolean {
  return end !== null && end - (sealed.length === 0 ? 0 : BEFORE_END) <= now;
}
