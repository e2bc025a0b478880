import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig, Role, Settings } from '../config/settings.js';
import type { Author } from './activation-log.js';
import { ActiveCatalog } from './active-catalog.js';
import { CatalogService } from './catalog.service.js';
import { changedParts, forbiddenParts } from './changed-parts.js';
import { formatContent, writtenServers, type CatalogContent } from './content.js';
import { proposalLimits } from './proposal-limits.js';
import type { Revision } from './revision.js';
import { RevisionStore } from './revision-store.js';
import { CatalogValidation, type ProposedContent } from './validation.js';

/** Who asks for a change, and what they may. */
export interface Changer {
  readonly author: Author;
  /** The roles that they hold where roles are given like this. */
  readonly rolesIn: (roles: Settings['roles']) => readonly Role[];
}

export interface Change {
  /** The number of the active revision, as its author knows it. */
  readonly parent: number;
  /** Why. */
  readonly message: string | undefined;
}

/** Changes that come by the admin API, with `catalog.source: api`. */
@Injectable()
export class CatalogChanges {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly active: ActiveCatalog,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(RevisionStore) private readonly store: RevisionStore,
    @Inject(CatalogValidation) private readonly validation: CatalogValidation,
  ) {}

  /**
   * A new revision after `parent`, active at once. Resolves to its number.
   * Throws `catalog_from_files`, `catalog_stale`, `catalog_refused` that names every fault, `role_missing` and
   * `audit_unavailable`; then nothing has changed.
   */
  async propose({ author, rolesIn }: Changer, { parent, message }: Change, proposed: ProposedContent): Promise<number> {
    const before = await this.#parent(parent);
    const content = await this.#validated(proposed, proposalLimits(proposed.servers, before.servers));
    requireRoles(before, content, rolesIn(before.roles));
    const why = message === undefined ? {} : { message };
    return this.catalog.add(explained(author, message), {
      parent,
      text: formatContent(content),
      source: 'api',
      ...why,
    });
  }

  /** Makes an older revision active again. Throws what `propose` throws, and `not_found`. */
  async rollBack({ author, rolesIn }: Changer, { parent, message }: Change, number: number): Promise<void> {
    const before = await this.#parent(parent);
    const { servers, sha256, ...rest } = await this.revision(number);
    const content = await this.#validated({ ...rest, servers: writtenServers(servers) }, []);
    requireRoles(before, content, rolesIn(before.roles));
    await this.catalog.point(explained(author, message), { number, parent, sha256 });
  }

  /** Throws `not_found`, and `catalog_refused` for a row that is not what was stored. */
  async revision(number: number): Promise<Revision> {
    const open = await this.store.find(number);
    if (!open) throw new CodedError('not_found', { message: `There is no revision ${number}.` });
    try {
      return open();
    } catch (cause) {
      const message = `Revision ${number} is damaged, or was made by another version of mcp-sso.`;
      throw new CodedError('catalog_refused', { message, cause });
    }
  }

  async #parent(parent: number): Promise<Revision> {
    if (this.config.settings.catalog.source !== 'api') throw new CodedError('catalog_from_files');
    await this.catalog.refresh();
    const before = this.active.current();
    if (before.number !== parent) throw new CodedError('catalog_stale');
    return before;
  }

  async #validated(proposed: ProposedContent, limits: readonly string[]): Promise<CatalogContent> {
    if (limits.length > 0) throw refused(limits);
    const { content, faults } = await this.validation.content(proposed);
    if (!content) throw refused(faults);
    return content;
  }
}

/** The audit says why, too. */
function explained(author: Author, message: string | undefined): Author {
  return message === undefined ? author : { ...author, personal: { ...author.personal, reason: message } };
}

function requireRoles(before: CatalogContent, after: CatalogContent, roles: readonly Role[]): void {
  const [part] = forbiddenParts(changedParts(before, after), roles);
  if (part === undefined) return;
  throw new CodedError('role_missing', { message: `Your account does not have a role that may change ${part}.` });
}

function refused(faults: readonly string[]): CodedError {
  return new CodedError('catalog_refused', { message: faults.join('\n') });
}
