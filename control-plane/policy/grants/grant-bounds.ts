import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { StorageService } from '../../storage/storage.service.js';
import { listGrantRows } from './grant-rows.js';
import { LiveGrants, MAX_LIVE_GRANTS } from './live-grants.js';

/** More than anybody works with at a time. */
const MAX_OF_ONE = 50;

/** How much may be given. */
@Injectable()
export class GrantBounds {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(LiveGrants) private readonly live: LiveGrants,
  ) {}

  /** Throws `params_invalid`. */
  requireMinutes(minutes: number, most = this.config.settings.grants.maxMinutes): void {
    if (Number.isInteger(minutes) && minutes >= 1 && minutes <= most) return;
    throw new CodedError('params_invalid', { message: `Access can be given for 1 to ${most} minutes here.` });
  }

  /** What is asked for where nobody said how long. */
  get usualMinutes(): number {
    return Math.min(60, this.config.settings.grants.maxMinutes);
  }

  hasServer(server: string): boolean {
    return Object.hasOwn(this.catalog.current().servers, server);
  }

  /** Throws `params_invalid`: names are compared as they are, whatever the case. */
  requireServer(server: string): void {
    if (this.hasServer(server)) return;
    throw new CodedError('params_invalid', {
      message: 'There is no such server. Write its id, as `mcp-sso admin servers` lists it.',
    });
  }

  /** Throws `not_found` for who never signed in, `account_disabled`, and `rate_limited` where there are grants enough. */
  async requireRoom(person: string): Promise<void> {
    const { db } = this.storage;
    const known = await db.selectFrom('persons').select('disabled_at').where('id', '=', person).executeTakeFirst();
    if (!known) throw new CodedError('not_found', { message: 'There is no such person.' });
    if (known.disabled_at !== null) {
      throw new CodedError('account_disabled', { message: 'This account is disabled, so access would be no use.' });
    }
    const own = await listGrantRows(db, { people: [person], liveAt: Date.now(), limit: MAX_OF_ONE });
    if (own.length >= MAX_OF_ONE || this.live.count >= MAX_LIVE_GRANTS) {
      throw new CodedError('rate_limited', {
        message: 'Too many grants are live already. End some first: mcp-sso grants end.',
      });
    }
  }
}
