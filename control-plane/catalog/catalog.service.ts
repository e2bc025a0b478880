import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditWriter } from '../audit/record.js';
import { Logger, shown } from '../observability/logger.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { ActivationLog, FILES, type Author } from './activation-log.js';
import { ActiveCatalog } from './active-catalog.js';
import { coalesced } from './coalesced.js';
import { formatContent, hashContent, type CatalogContent } from './content.js';
import { RevisionStore, type NewRevision, type Pointer } from './revision-store.js';

/** How often the database is asked, in milliseconds: while notices arrive, and while they may not. */
const POLL = { heard: 5_000, silent: 1_000 };

/** Keeps this process on the revision that is active in the database, and makes others active. */
@Injectable()
export class CatalogService implements BeforeApplicationShutdown {
  /** Brings what is active into force here. Never rejects: what cannot be served is withheld, and logged. */
  readonly refresh = coalesced(() => this.#follow());
  readonly #activations: ActivationLog;
  #timer: NodeJS.Timeout | undefined;
  #askedAt = -Infinity;
  #complaint: string | undefined;
  /** Grows with whatever says that the pointer may have moved. */
  #hints = 0;
  /** The hints that were known when the database was last asked; undefined where it did not answer. */
  #answered: number | undefined;

  constructor(
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(RevisionStore) private readonly store: RevisionStore,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    this.#activations = new ActivationLog(audit, logger);
  }

  /** Stores the directory's content as the first revision where there is none, and follows the database from then on. */
  async start(directory: CatalogContent): Promise<void> {
    if ((await this.store.pointer()) === undefined) await this.#first(directory);
    this.notifications.subscribe('catalog', () => this.#hear());
    this.notifications.onGap(() => this.#hear());
    await this.refresh();
    this.catalog.confirmBy(() => this.#confirm());
    this.#timer = setInterval(() => this.#poll(), POLL.silent).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    // Whatever is under way ends before the database closes.
    await this.refresh();
  }

  /** A new revision, active from its commit on. Throws `catalog_stale` and `audit_unavailable`. */
  async add(author: Author, revision: Omit<NewRevision, 'number' | 'author'>): Promise<number> {
    const number = await this.store.nextNumber();
    const { parent, text } = revision;
    await this.#activations.record(author, { number, parent, sha256: hashContent(text) }, async () => {
      await this.store.add({ ...revision, number, author: author.subject });
      await this.refresh();
    });
    return number;
  }

  /** An older revision, active again. Throws `catalog_stale` and `audit_unavailable`. */
  async point(author: Author, to: { number: number; parent: number; sha256: string }): Promise<void> {
    await this.#activations.record(author, to, async () => {
      await this.store.point(to.number, to.parent);
      await this.refresh();
    });
  }

  async #first(directory: CatalogContent): Promise<void> {
    try {
      await this.add(FILES, { parent: null, text: formatContent(directory), source: 'files' });
    } catch (error) {
      // Another control plane that started at the same moment was first.
      if (asCoded(error).code !== 'catalog_stale') throw error;
    }
  }

  #hear(): void {
    this.#hints += 1;
    void this.refresh();
  }

  /** As with sessions: memory answers while all that was committed has been heard, else the database, or nobody. */
  async #confirm(): Promise<void> {
    if (this.notifications.current && this.#answered === this.#hints) return;
    await this.refresh();
    if (this.#answered === undefined) throw new CodedError('database_unavailable', { detail: 'catalog' });
  }

  #poll(): void {
    const every = this.notifications.current ? POLL.heard : POLL.silent;
    if (Date.now() - this.#askedAt >= every) void this.refresh();
  }

  async #follow(): Promise<void> {
    const hints = this.#hints;
    try {
      this.#askedAt = Date.now();
      const pointer = await this.store.pointer();
      if (pointer === undefined) this.#withhold(0, 'there is no revision in the database');
      else if (!this.#serves(pointer)) await this.#bringIntoForce(pointer);
      else this.#complaint = undefined;
      this.#answered = hints;
    } catch (error) {
      // Nothing needs to be withheld: whoever asks for what is confirmed is refused.
      this.#answered = undefined;
      this.#complain('catalog.unreachable', { error: errorText(error) });
    }
  }

  #serves({ number, sha256 }: Pointer): boolean {
    const { latest, withheld } = this.catalog;
    return withheld === undefined && latest.number === number && latest.sha256 === sha256;
  }

  async #bringIntoForce({ number }: Pointer): Promise<void> {
    const open = await this.store.find(number);
    if (open === undefined) return this.#withhold(number, 'its row is missing from the database');
    try {
      const revision = open();
      await this.catalog.foresee(revision);
      this.catalog.activate(revision);
      this.#complaint = undefined;
      this.logger.info('catalog.in-force', { revision: shown(number), sha256: shown(revision.sha256) });
    } catch (error) {
      const { code, message } = asCoded(error);
      this.#withhold(number, code === 'internal' ? errorText(error) : message);
    }
  }

  #withhold(number: number, why: string): void {
    this.catalog.withhold(`revision ${number} cannot be served: ${why}`);
    this.#complain('catalog.withheld', { revision: number, why });
  }

  /** Once for each reason, not at every poll. */
  #complain(event: string, fields: Readonly<Record<string, string | number>>): void {
    const complaint = JSON.stringify([event, fields]);
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.logger.error(event, Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, shown(value)])));
  }
}
