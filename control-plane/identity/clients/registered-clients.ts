import type { AdapterPayload } from 'oidc-provider';
import type { Settings } from '../../config/settings.js';
import type { StorageService } from '../../storage/storage.service.js';
import { PayloadAdapter } from '../authorization-server/payload-adapter.js';
import { hashedId } from '../authorization-server/payload-rows.js';
import { redirectHost } from '../../config/redirect-uri.js';

export type RegistrationSettings = Settings['identity']['clients']['registration'];

export const CLIENT_MODEL = 'Client';

const MAX_CLIENTS = 10_000;
/** Seconds in which somebody must have signed in by a new client, and then again by one that is known. */
const UNUSED_LIFETIME = 3_600;
const USED_LIFETIME = 30 * 24 * 3_600;

/**
 * Clients that registered themselves (RFC 7591). One that nobody signs in by is forgotten, and where there are too
 * many, the one that would be forgotten first: strangers cannot fill the disk, nor shut the door for others.
 */
export class RegisteredClients extends PayloadAdapter {
  readonly #hosts: ReadonlySet<string>;

  constructor(
    settings: RegistrationSettings,
    private readonly rows: StorageService,
    private readonly most = MAX_CLIENTS,
  ) {
    super(CLIENT_MODEL, rows);
    this.#hosts = new Set(settings === 'off' ? [] : settings.redirectHosts);
  }

  /** Whether codes may be sent there. */
  mayReturnTo(redirects: readonly string[]): boolean {
    return redirects.length > 0 && redirects.every((uri) => this.#hosts.has(redirectHost(uri)));
  }

  override async upsert(id: string, payload: AdapterPayload): Promise<void> {
    await super.upsert(id, payload, UNUSED_LIFETIME);
    await this.#forgetTooMany();
  }

  /** One whose hosts the settings no longer name is unknown from then on. */
  override async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#hosts.size === 0) return undefined;
    const payload = await super.find(id);
    const redirects = payload?.redirect_uris;
    return redirects !== undefined && this.mayReturnTo(redirects) ? payload : undefined;
  }

  /** A person has let it in. */
  async keep(id: string): Promise<void> {
    await this.rows.db
      .updateTable('oidc_payloads')
      .set({ expires_at: Date.now() + USED_LIFETIME * 1000 })
      .where('model', '=', CLIENT_MODEL)
      .where('id_hash', '=', hashedId(id))
      .execute();
  }

  async #forgetTooMany(): Promise<void> {
    const { db } = this.rows;
    const surplus = db
      .selectFrom('oidc_payloads')
      .select('id_hash')
      .where('model', '=', CLIENT_MODEL)
      .orderBy('expires_at', 'desc')
      .limit(1_000)
      .offset(this.most);
    await db.deleteFrom('oidc_payloads').where('model', '=', CLIENT_MODEL).where('id_hash', 'in', surplus).execute();
  }
}
