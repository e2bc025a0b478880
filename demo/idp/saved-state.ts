import SQLite from 'better-sqlite3';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * Milliseconds for which a refresh token still works after its first use, as providers that rotate them have it: the
 * answer to that use may have been lost on its way.
 */
const GRACE = 30_000;

interface Row {
  readonly payload: string;
  readonly consumed_at: number | null;
}

/** What outlives the provider's process, however it ends: tokens, grants, half-done sign-ins, and keys. */
export class SavedState {
  readonly #database: SQLite.Database;

  constructor(file: string) {
    this.#database = new SQLite(file);
    this.#database.pragma('journal_mode = WAL');
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS payloads (
        model TEXT NOT NULL, id TEXT NOT NULL, grant_id TEXT, uid TEXT, payload TEXT NOT NULL,
        consumed_at INTEGER, expires_at INTEGER, PRIMARY KEY (model, id)
      )`);
  }

  /** The JSON value of that name; made by `make` where there is none yet. */
  async keep<T>(name: string, make: () => T | Promise<T>): Promise<T> {
    const kept = this.#database.prepare<[string], { value: string }>('SELECT value FROM kept WHERE name = ?').get(name);
    if (kept) return JSON.parse(kept.value) as T;
    const value = await make();
    this.#database.prepare('INSERT INTO kept VALUES (?, ?)').run(name, JSON.stringify(value));
    return value;
  }

  /** oidc-provider's storage. */
  readonly adapter: AdapterFactory = (model): Adapter => {
    const found = (column: 'id' | 'uid', value: string): AdapterPayload | undefined => {
      const row = this.#database
        .prepare<[string, string, number], Row>(
          `SELECT payload, consumed_at FROM payloads
           WHERE model = ? AND ${column} = ? AND (expires_at IS NULL OR expires_at > ?)`,
        )
        .get(model, value, Date.now());
      return row && payloadOf(model, row);
    };
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#database
          .prepare('INSERT OR REPLACE INTO payloads VALUES (?, ?, ?, ?, ?, NULL, ?)')
          .run(
            model,
            id,
            payload.grantId ?? null,
            payload.uid ?? null,
            JSON.stringify(payload),
            expiresIn === undefined ? null : Date.now() + expiresIn * 1000,
          );
      },
      find: async (id) => found('id', id),
      findByUid: async (uid) => found('uid', uid),
      findByUserCode: async () => undefined,
      consume: async (id) => {
        this.#database
          .prepare('UPDATE payloads SET consumed_at = coalesce(consumed_at, ?) WHERE model = ? AND id = ?')
          .run(Date.now(), model, id);
      },
      destroy: async (id) => {
        this.#database.prepare('DELETE FROM payloads WHERE model = ? AND id = ?').run(model, id);
      },
      revokeByGrantId: async (grantId) => {
        this.#database.prepare('DELETE FROM payloads WHERE grant_id = ?').run(grantId);
      },
    };
  };
}

function payloadOf(model: string, { payload, consumed_at: consumedAt }: Row): AdapterPayload {
  const value = JSON.parse(payload) as AdapterPayload;
  const usable = consumedAt === null || (model === 'RefreshToken' && Date.now() < consumedAt + GRACE);
  return usable ? value : { ...value, consumed: Math.floor(consumedAt / 1000) };
}
