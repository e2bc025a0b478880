import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { errorText } from '#shared/errors.js';
import { AuditService } from '../../../audit/audit.service.js';
import type { AuditWriter, NewRecord } from '../../../audit/record.js';
import { CONFIG } from '../../../config/config.module.js';
import type { LoadedConfig } from '../../../config/settings.js';
import { guardedFetch } from '../../../egress/guarded-fetch.js';
import { MESSAGE_LIFETIME, retryDelay } from '../../../messaging/retry-delay.js';
import { Logger, shown } from '../../../observability/logger.js';
import type { ConnectionRevocationsTable } from '../../../storage/credential-tables.js';
import { Leadership } from '../../../storage/leadership/leadership.js';
import { StorageService } from '../../../storage/storage.service.js';
import { secretReaders } from '../../secret-source.js';
import { documentAddress } from '../client-document.js';
import { ClientIdentity } from '../client-identity.js';
import { Discovery } from '../discovery/discovery.js';
import { reasonOf } from '../refusal-by.js';
import { RegisteredClients } from '../registered-clients.js';
import { openRevocation, type PendingRevocation } from './pending-revocation.js';
import { claimRevocation, postponeRevocation, removeRevocation } from './revocation-outbox.js';
import { revokeTokens, type Revoking } from './revoke-tokens.js';

const EVERY = 5_000;
/** Milliseconds, more than an attempt: then whoever claimed is taken for dead, and it is tried again. */
export const LEASE = 5 * 60_000;

const NO_ENDPOINT =
  'The authorization server revokes no tokens of this kind (RFC 7009): there they stay good until they expire or the person ends them.';

/** Revokes the tokens of ended connections where they were given: until it works, for a day. One replica does it for all. */
@Injectable()
export class ConnectionRevocations implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #revoking: Revoking;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    const { publicUrl, privateNetworks } = config.settings;
    const fetch = guardedFetch({ privateNetworks });
    const registered = new RegisteredClients(storage, fetch, new URL(PATHS.connectCallback, publicUrl).href);
    const read = secretReaders(config, storage);
    const clients = new ClientIdentity({ fetch, read, document: documentAddress(publicUrl), registered });
    this.#revoking = { discovery: new Discovery(fetch), clients };
  }

  onApplicationBootstrap(): void {
    const inTurn = (): void => void (this.leadership.holds('expiry') && this.go());
    this.#timer = setInterval(inTurn, EVERY).unref();
    this.leadership.onGained('expiry', inTurn);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    await this.#running;
  }

  /** Tries all that are due. Never rejects. */
  async go(): Promise<void> {
    this.#running ??= this.#round().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #round(): Promise<void> {
    try {
      while (!this.#isStopping) {
        const row = await claimRevocation(this.storage.db, Date.now(), LEASE);
        if (row === undefined) return;
        await this.#attempt(row);
      }
    } catch (error) {
      this.logger.error('connection.revocations-unread', { error: shown(errorText(error)) });
    }
  }

  async #attempt(row: ConnectionRevocationsTable): Promise<void> {
    const pending = this.#opened(row);
    if (pending === undefined) return removeRevocation(this.storage.db, row.id);
    try {
      const revoked = await revokeTokens(this.#revoking, pending);
      const outcome = revoked === 'revoked' ? { outcome: 'ok' as const } : { outcome: 'unknown' as const };
      await this.#conclude(row, pending, outcome, revoked === 'revoked' ? {} : { reason: NO_ENDPOINT });
    } catch (error) {
      await this.#failed(row, pending, reasonOf(error));
    }
  }

  /** On record first: what was not recorded is tried again, which is harmless. */
  async #conclude(
    row: ConnectionRevocationsTable,
    { connection, person: affected, issuer }: PendingRevocation,
    facts: NewRecord['facts'],
    personal: NewRecord['personal'],
  ): Promise<void> {
    await this.audit.write({
      type: 'connection.revoke',
      phase: 'event',
      subject: affected,
      facts: { affected, server: row.server, connection, ...facts },
      personal: { ...personal, detail: issuer },
    });
    await removeRevocation(this.storage.db, row.id);
  }

  async #failed(row: ConnectionRevocationsTable, pending: PendingRevocation, reason: string): Promise<void> {
    const next = Date.now() + retryDelay(row.attempts + 1, Math.random());
    const isOver = next > row.created_at + MESSAGE_LIFETIME;
    this.logger[isOver ? 'error' : 'warn'](isOver ? 'connection.revocation-given-up' : 'connection.revocation-failed', {
      connection: shown(pending.connection),
      server: shown(row.server),
      attempts: shown(row.attempts + 1),
      reason: shown(reason),
    });
    if (!isOver) return postponeRevocation(this.storage.db, row, next);
    const why = `Given up after a day, so the tokens may still be good there: ${reason}`;
    await this.#conclude(row, pending, { outcome: 'error', code: 'credential_unavailable' }, { reason: why });
  }

  #opened(row: ConnectionRevocationsTable): PendingRevocation | undefined {
    try {
      return openRevocation(this.storage, row);
    } catch (error) {
      this.logger.error('connection.revocation-unreadable', {
        server: shown(row.server),
        error: shown(errorText(error)),
      });
      return undefined;
    }
  }
}
