import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, errorText } from '#shared/errors.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { ConnectionRow } from './connection-rows.js';
import { keepTokens } from './keep-connection.js';
import { sealTokens, type ConnectionTokens } from './sealed-connection.js';

/** Milliseconds between tries; together less than the right to refresh lasts. */
const PAUSES = [50, 200, 800, 2_000];
const MAX_UNKEPT = 1_000;

interface Unkept {
  readonly row: ConnectionRow;
  readonly tokens: ConnectionTokens;
}

/**
 * What was refreshed is kept before it is used: the refresh token before it is worth nothing any more. Where the database
 * does not take it, it is tried again with the next call, before anybody asks with the old one.
 */
export class UnkeptTokens {
  readonly #unkept = new Map<string, Unkept>();

  constructor(private readonly storage: StorageService) {}

  /** False where the connection has ended or become another meanwhile. Throws `database_unavailable`. */
  async keep(row: ConnectionRow, tokens: ConnectionTokens): Promise<boolean> {
    let last: unknown;
    for (const pause of PAUSES) {
      try {
        return await keepTokens(this.storage, row, tokens, Date.now());
      } catch (error) {
        last = error;
        await delay(pause);
      }
    }
    if (this.#unkept.size < MAX_UNKEPT) this.#unkept.set(row.id, { row, tokens });
    throw new CodedError('database_unavailable', { detail: errorText(last), cause: last });
  }

  /** The row as it is once what was left over is kept. */
  async kept(found: ConnectionRow): Promise<ConnectionRow> {
    const unkept = this.#unkept.get(found.id);
    if (unkept === undefined) return found;
    const { row, tokens } = unkept;
    if (row.generation === found.generation) await this.keep(row, tokens);
    this.#unkept.delete(found.id);
    if (row.generation !== found.generation) return found;
    const generation = row.generation + 1;
    const sealed = sealTokens(this.storage, { ...row, generation }, tokens);
    return { ...row, generation, sealed, expires_at: tokens.expiresAt };
  }
}
