import { Body, Controller, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import {
  activatedSchema,
  activationSchema,
  catalogQuerySchema,
  catalogSchema,
  proposalSchema,
  revisionParametersSchema,
  revisionSchema,
  type Activated,
  type Catalog,
  type ListedRevision,
  type ShownRevision,
} from '#shared/api/catalog.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CatalogChanges, type Changer } from '../catalog/catalog-changes.js';
import { writtenServers } from '../catalog/content.js';
import { RevisionStore, type RevisionFacts } from '../catalog/revision-store.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig, Role } from '../config/settings.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { actorOf } from './actor.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** Whoever may change a part; which part of a change takes which role is asked of the change itself. */
const ROLES = ['owner', 'admin', 'author'] as const satisfies readonly Role[];

/** Servers, roles and policies: their revisions, and with `catalog.source: api` new ones. */
@Controller()
export class CatalogController {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(RevisionStore) private readonly store: RevisionStore,
    @Inject(CatalogChanges) private readonly changes: CatalogChanges,
  ) {}

  @Get(PATHS.catalog)
  @Requires({ scope: SCOPES.catalogRead, roles: ROLES })
  @Describe({
    id: 'readCatalog',
    summary: 'The active revision of servers, roles and policies, and the history, newest first.',
    query: catalogQuerySchema,
    answer: catalogSchema,
  })
  async read(@Query() raw: unknown): Promise<Catalog> {
    const { before, limit } = readParameters(catalogQuerySchema, raw);
    const pointer = await this.store.pointer();
    if (!pointer) throw new CodedError('not_found');
    const from = before === undefined ? {} : { before };
    const found = await this.store.list({ ...from, limit: limit + 1 });
    const history = found.slice(0, limit);
    return {
      source: this.config.settings.catalog.source,
      active: { number: pointer.number, sha256: pointer.sha256 ?? '', activatedAt: rfc3339(pointer.activatedAt) },
      history: history.map(listed),
      nextBefore: found.length > limit ? history.at(-1)!.number : null,
    };
  }

  @Get(`${PATHS.catalog}/revisions/:number`)
  @Requires({ scope: SCOPES.catalogRead, roles: ROLES })
  @Describe({
    id: 'readRevision',
    summary: 'One revision, as it can be changed and sent back.',
    path: revisionParametersSchema,
    answer: revisionSchema,
  })
  async revision(@Param() parameters: unknown, @Query() query: unknown): Promise<ShownRevision> {
    refuseQuery(query);
    const { number } = readParameters(revisionParametersSchema, parameters);
    const { servers, roles, policyFiles } = await this.changes.revision(number);
    const facts = await this.store.facts(number);
    if (!facts) throw new CodedError('not_found');
    const policies = policyFiles.map(({ file, text }) => ({ file, text }));
    return { ...listed(facts), servers: writtenServers(servers), roles: { ...roles }, policies };
  }

  @Post(`${PATHS.catalog}/revisions`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.catalogWrite, roles: ROLES, fresh: true })
  @Describe({
    id: 'proposeRevision',
    summary: 'Make a new revision and activate it. Admins change servers, authors policies, owners everything.',
    body: proposalSchema,
    answer: activatedSchema,
  })
  async propose(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Activated> {
    refuseQuery(query);
    const { parent, message, servers, roles, policies } = readParameters(proposalSchema, body);
    const proposed = { servers, roles, policyFiles: policies };
    return { active: await this.changes.propose(changerOf(caller, address), { parent, message }, proposed) };
  }

  @Post(`${PATHS.catalog}/activate`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.catalogWrite, roles: ROLES, fresh: true })
  @Describe({
    id: 'activateRevision',
    summary: 'Make an older revision active again. Needs the roles for what differs from the active one.',
    body: activationSchema,
    answer: activatedSchema,
  })
  async activate(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Activated> {
    refuseQuery(query);
    const { number, parent, message } = readParameters(activationSchema, body);
    await this.changes.rollBack(changerOf(caller, address), { parent, message }, number);
    return { active: number };
  }
}

function changerOf(caller: Caller, address: string): Changer {
  return { author: actorOf({ caller, address }), rolesIn: (roles) => rolesOf(caller.session, roles) };
}

function listed({ createdAt, ...facts }: RevisionFacts): ListedRevision {
  return { ...facts, createdAt: rfc3339(createdAt) };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
