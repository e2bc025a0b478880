import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { StorageService } from '../../storage/storage.service.js';
import { hashedId, revokeGrant } from './payload-rows.js';

const SEALED_FOR = 'oidc-payloads';
/** A row of its own: the first save that takes a device code also makes this. */
const CLAIM = 'DeviceCodeClaim';

/** Of two who use a code or a refresh token at once, the second. */
export class UsedAtOnce extends errors.InvalidGrant {}

/** The page says what it says of every code that was used before. */
class CodeTaken extends errors.InvalidRequest {
  override readonly name = 'AlreadyUsedError';
}

/**
 * One model of oidc-provider in `oidc_payloads`: found by hashed id, sealed under the master key. What may happen
 * once (using a code, showing a DPoP proof) is decided by the database, so that of two at once one is refused.
 */
export class PayloadAdapter implements Adapter {
  constructor(
    private readonly model: string,
    private readonly storage: StorageService,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const hash = hashedId(id);
    const row = {
      model: this.model,
      id_hash: hash,
      grant_id: this.model === 'Grant' ? id : (payload.grantId ?? null),
      uid_hash: payload.uid === undefined ? null : hashedId(payload.uid),
      user_code_hash: payload.userCode === undefined ? null : hashedId(payload.userCode),
      sealed: this.storage.seal(SEALED_FOR, `${this.model}/${hash}`, Buffer.from(JSON.stringify(payload))),
      consumed_at: null,
      expires_at: expiresIn === undefined ? null : Date.now() + expiresIn * 1000,
    };
    if (isClaimed(payload)) await this.#claim(hash, row.expires_at);
    const insert = this.storage.db.insertInto('oidc_payloads').values(row);
    if (this.model !== 'ReplayDetection') {
      // What was used stays used: a device code is saved again while the device may already be redeeming it.
      const { consumed_at: _, ...changes } = row;
      await insert.onConflict((conflict) => conflict.columns(['model', 'id_hash']).doUpdateSet(changes)).execute();
      return;
    }
    const { numInsertedOrUpdatedRows } = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new errors.InvalidGrant('DPoP proof JWT Replay detected');
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('id_hash', id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('uid_hash', uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('user_code_hash', userCode);
  }

  async consume(id: string): Promise<void> {
    const { numUpdatedRows } = await this.storage.db
      .updateTable('oidc_payloads')
      .set({ consumed_at: Date.now() })
      .where('model', '=', this.model)
      .where('id_hash', '=', hashedId(id))
      .where('consumed_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new UsedAtOnce('already consumed');
  }

  async destroy(id: string): Promise<void> {
    await this.storage.db
      .deleteFrom('oidc_payloads')
      .where('model', '=', this.model)
      .where('id_hash', '=', hashedId(id))
      .execute();
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await revokeGrant(this.storage.db, grantId);
  }

  /** oidc-provider looks whether a user code is free and then takes it: of two people at once, one gets it. */
  async #claim(hash: string, expiresAt: number | null): Promise<void> {
    const claim = { model: CLAIM, id_hash: hash, sealed: Buffer.alloc(0), expires_at: expiresAt };
    const { numInsertedOrUpdatedRows } = await this.storage.db
      .insertInto('oidc_payloads')
      .values({ ...claim, grant_id: null, uid_hash: null, user_code_hash: null, consumed_at: null })
      .onConflict((conflict) => conflict.columns(['model', 'id_hash']).doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new CodeTaken('code has already been used');
  }

  async #findBy(column: 'id_hash' | 'uid_hash' | 'user_code_hash', value: string): Promise<AdapterPayload | undefined> {
    const row = await this.storage.db
      .selectFrom('oidc_payloads')
      .selectAll()
      .where('model', '=', this.model)
      .where(column, '=', hashedId(value))
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', Date.now())]))
      .executeTakeFirst();
    if (!row) return undefined;
    const plain = this.storage.open(SEALED_FOR, `${this.model}/${row.id_hash}`, row.sealed).toString();
    const payload = JSON.parse(plain) as AdapterPayload;
    return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) };
  }
}

/** A device code as it is saved when somebody has typed its user code, and nobody has decided yet. */
function isClaimed({ inFlight, accountId, error }: AdapterPayload): boolean {
  return inFlight === true && accountId === undefined && error === undefined;
}
