import { Inject, Injectable } from '@nestjs/common';
import { REFUSALS } from '#shared/api/refusals.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { Session } from '../caller.js';
import { personOnRecord } from '../person-on-record.js';

/** How long the IdP's answer about a person is taken as it is. */
export const FRESH_FOR_MS = 60_000;
const TOKEN_MS = 300_000;
/** Sessions whose grace is on record; of more than that, some are recorded twice. */
const MOST_NOTED = 10_000;

/**
 * What still holds while the IdP cannot be asked (docs/decisions/023): a session goes on until `graceSeconds` after its
 * last good answer has grown old. Nobody gets in by it, and an IdP that answers leaves nothing to it.
 */
@Injectable()
export class IdpGrace {
  readonly #graceMs: number;
  readonly #noted = new Map<string, number>();

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(AuditService) private readonly audit: AuditWriter,
  ) {
    this.#graceMs = settings.identity.graceSeconds * 1000;
  }

  /** Lets the session go on, on record once for each outage. Throws `idp_unreachable` with the reason when that is over. */
  async goOn(session: Session, outage: CodedError): Promise<void> {
    if (this.#graceMs === 0) throw outage;
    if (Date.now() > session.idpCheckedAt + FRESH_FOR_MS + this.#graceMs) throw over(outage);
    await this.#record(session);
  }

  /**
   * For each call: a token that was given late in the grace must not outlive it. Without grace this is what a token that
   * was given just before the answer grew old can reach. Throws `idp_unreachable`.
   */
  requireWithin({ kind, idpCheckedAt }: Session): void {
    if (kind !== 'person') return;
    if (Date.now() > idpCheckedAt + FRESH_FOR_MS + Math.max(TOKEN_MS, this.#graceMs)) throw over();
  }

  async #record({ id, person, clientId, idpCheckedAt }: Session): Promise<void> {
    if (this.#noted.get(id) === idpCheckedAt) return;
    await this.audit.write({
      type: 'auth.grace',
      phase: 'event',
      facts: { person: person.id, session: id, client: clientId, decision: 'allow' },
      subject: person.id,
      personal: {
        ...personOnRecord(person),
        reason: `the identity provider ${person.provider} cannot be reached; its last answer was at ${new Date(idpCheckedAt).toISOString()}`,
      },
    });
    const [oldest] = this.#noted.keys();
    if (this.#noted.size >= MOST_NOTED && oldest !== undefined) this.#noted.delete(oldest);
    this.#noted.set(id, idpCheckedAt);
  }
}

function over(outage?: CodedError): CodedError {
  return new CodedError('idp_unreachable', { message: REFUSALS.graceOver, cause: outage });
}
