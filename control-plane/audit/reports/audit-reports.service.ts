import { Inject, Injectable } from '@nestjs/common';
import type {
  AccessReport,
  AccessReview,
  AccessReviewQuery,
  CallReportQuery,
  ComparisonQuery,
  ComparisonReport,
  DenialsQuery,
  DenialsReport,
  ExposureReport,
  UnusedReport,
} from '#shared/api/audit-reports.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { StorageService } from '../../storage/storage.service.js';
import { conditionsOf, type Condition, type Filters, type Scope } from '../search/conditions.js';
import { findServers, type ServerTitle } from '../search/find-servers.js';
import { findGroups } from '../search/find-sets.js';
import { TARGETS, targetHash } from '../target-hash.js';
import { accessRows } from './access-rows.js';
import { comparisonRows } from './comparison-rows.js';
import { countDenials } from './denial-rows.js';
import { exposureRows, type EffectOf } from './exposure-rows.js';
import { ListedNames } from './listed-names.js';
import { pageByServer } from './page-rows.js';
import { readReach, type Reach } from './read-reach.js';
import { readStanding, reviewRows } from './review-rows.js';
import { findUnused } from './unused-rows.js';

/** Whether the reader sees what apps claim to be, and may ask for it. */
interface ReportView {
  readonly claims: boolean;
}

/**
 * What the audit says of many calls at once. All of it comes from the index: what has to be proved is looked up by
 * its references.
 */
@Injectable()
export class AuditReports {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** Who reaches which server through which app. */
  async access({ limit, cursor, ...filters }: CallReportQuery, { claims }: ReportView): Promise<AccessReport> {
    const { db } = this.storage;
    const conditions = await this.#conditions(filters, claims);
    const names = new ListedNames(db);
    return pageByServer(db, this.#servers(filters.server), { limit, cursor }, async (server) =>
      accessRows(await this.#reach(server, conditions, names, true), names, claims),
    );
  }

  /** Which groups reach which tools; `effectOf` says what a tool does. */
  async exposure(
    { limit, cursor, ...filters }: CallReportQuery,
    { claims }: ReportView,
    effectOf: EffectOf,
  ): Promise<ExposureReport> {
    const { db } = this.storage;
    const conditions = await this.#conditions(filters, claims);
    const wanted = filters.group === undefined ? undefined : await findGroups(db, filters.group);
    const names = new ListedNames(db);
    return pageByServer(db, this.#servers(filters.server), { limit, cursor }, async (server) =>
      exposureRows(await this.#reach(server, conditions, names), names, effectOf, wanted),
    );
  }

  /** What two groups reached, and what one alone. */
  async comparison(
    { left, right, limit, cursor, ...filters }: ComparisonQuery,
    effectOf: EffectOf,
  ): Promise<ComparisonReport> {
    const { db } = this.storage;
    const conditions = await this.#conditions(filters, false);
    const sides = { left: await findGroups(db, left), right: await findGroups(db, right) };
    return pageByServer(db, this.#servers(filters.server), { limit, cursor }, (server) =>
      comparisonRows(db, server, conditions, sides, effectOf),
    );
  }

  async denials({ limit, ...filters }: DenialsQuery, { claims }: ReportView): Promise<DenialsReport> {
    const { db } = this.storage;
    const conditions = await conditionsOf(db, filters, this.#scope(this.#titles(), claims));
    return countDenials(db, conditions, limit);
  }

  /** `permits`: ids of the policies in force that permit something. Times are epoch milliseconds. */
  async unused(since: number, now: number, permits: readonly string[]): Promise<UnusedReport> {
    return findUnused(this.storage.db, since, now, permits);
  }

  /** Who has access to one server, by its exact id. `now`: epoch milliseconds. */
  async review({ server, since, limit, cursor }: AccessReviewQuery, now: number): Promise<AccessReview> {
    const { db } = this.storage;
    const conditions = await this.#conditions({ since }, false);
    const standing = await readStanding(db, server, now);
    const names = new ListedNames(db);
    const page = await pageByServer(db, new Set([server]), { limit, cursor }, async () => {
      const reach = await this.#reach(server, conditions, names);
      await names.load([...standing.grants.keys(), ...standing.connected]);
      return reviewRows(reach, standing, names);
    });
    return { server, ...page };
  }

  async #reach(server: string, conditions: readonly Condition[], names: ListedNames, byApp = false): Promise<Reach[]> {
    const reach = await readReach(this.storage.db, server, conditions, byApp);
    await names.load(
      reach.map(({ subject }) => subject),
      reach.map(({ groupSet }) => groupSet),
    );
    return reach;
  }

  async #conditions({ server: _one, ...filters }: Filters, claims: boolean): Promise<Condition[]> {
    return conditionsOf(this.storage.db, filters, this.#scope([], claims));
  }

  #scope(servers: readonly ServerTitle[], claims: boolean): Scope {
    const hashOf = (target: string): string => targetHash(this.storage.key(TARGETS), target);
    return { servers, claims, person: undefined, hashOf };
  }

  #servers(wanted: string | undefined): ReadonlySet<string> | undefined {
    return wanted === undefined ? undefined : new Set(findServers(this.#titles(), wanted));
  }

  #titles(): ServerTitle[] {
    return Object.entries(this.catalog.latest.servers).map(([id, { title }]) => ({ id, title }));
  }
}
