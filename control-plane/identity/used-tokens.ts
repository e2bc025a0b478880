import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { StorageService } from '../storage/storage.service.js';

/** Replicas, and what clears away, may differ by two minutes. */
const KEPT_LONGER_MS = 120_000;

/** Signed tokens of others that are good for one use: assertions (RFC 7523), logout tokens, security events (RFC 8417). */
@Injectable()
export class UsedTokens {
  constructor(@Inject(StorageService) private readonly storage: StorageService) {}

  /**
   * True for the first use on any replica. `expiresAt`: epoch milliseconds from when the caller refuses it anyway.
   * Throws `database_unavailable`: the token counts as used.
   */
  async use(issuer: string, jti: string, expiresAt: number): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await asked(
      this.storage.db
        .insertInto('used_tokens')
        .values({ id: idOf(issuer, jti), expires_at: Math.ceil(expiresAt) + KEPT_LONGER_MS })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst(),
    );
    return numInsertedOrUpdatedRows === 1n;
  }

  /** For what may be done twice but must not be lost: asked before it is done, and `use` after. Throws `database_unavailable`. */
  async isUsed(issuer: string, jti: string): Promise<boolean> {
    const row = this.storage.db.selectFrom('used_tokens').select('id').where('id', '=', idOf(issuer, jti));
    return (await asked(row.executeTakeFirst())) !== undefined;
  }
}

function idOf(issuer: string, jti: string): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, jti]))
    .digest('base64url');
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new CodedError('database_unavailable', { detail: 'used tokens', cause });
  }
}
