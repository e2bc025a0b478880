import { Body, Controller, Delete, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { replayParametersSchema, replayRequestSchema, replaySchema, type Replay } from '#shared/api/replay.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { RevisionStore } from '../catalog/revision-store.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig, Role } from '../config/settings.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { candidateOfFiles, candidateOfRevision } from '../simulation/candidate-of.js';
import { ReplaysService } from '../simulation/replays.service.js';
import { StorageService } from '../storage/storage.service.js';
import { actorOf } from './actor.js';
import { listedReplay } from './listed-replay.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** What a replay shows is who called what: whoever reads the audit sees it too, arguments apart. */
const ROLES = ['author', 'owner', 'auditor'] as const satisfies readonly Role[];
const REPLAY = `${PATHS.policies}/replay`;

/** The recorded calls of the last days, decided again by other policies. */
@Controller()
export class PolicyReplayController {
  constructor(
    @Inject(CONFIG) readonly config: LoadedConfig,
    @Inject(ActiveCatalog) readonly catalog: ActiveCatalog,
    @Inject(RevisionStore) readonly store: RevisionStore,
    @Inject(DefinitionsService) readonly definitions: DefinitionsService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ReplaysService) private readonly replays: ReplaysService,
  ) {}

  @Post(REPLAY)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: ROLES, reads: true })
  @Describe({
    id: 'startReplay',
    summary: 'Decide the recorded calls of a time again: by these policies, or by those of a revision. One at a time.',
    body: replayRequestSchema,
    answer: replaySchema,
  })
  async start(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Replay> {
    refuseQuery(query);
    const { policies, revision, since, until } = readParameters(replayRequestSchema, body);
    const range = { since: Date.parse(since), until: until === undefined ? Date.now() : Date.parse(until) };
    if ((policies === undefined) === (revision === undefined)) {
      throw new CodedError('params_invalid', { message: 'Give either `policies` or `revision`.' });
    }
    if (range.since >= range.until)
      throw new CodedError('params_invalid', { message: '`since` is not before `until`.' });
    const { subject, facts, personal } = actorOf({ caller, address });
    const detail = JSON.stringify({
      revision: revision ?? null,
      files: policies?.length ?? null,
      since,
      until: until ?? null,
    });
    await this.audit.write({
      type: 'policy.replay',
      phase: 'event',
      subject,
      facts,
      personal: { ...personal, detail },
    });
    const candidate =
      policies === undefined ? await candidateOfRevision(this, revision ?? 0) : candidateOfFiles(this, policies);
    return listedReplay(this.storage.db, await this.replays.start(candidate, range));
  }

  @Get(`${REPLAY}/:id`)
  @Requires({ scope: SCOPES.policiesRead, roles: ROLES })
  @Describe({
    id: 'readReplay',
    summary: 'How far a replay is, and what it found.',
    path: replayParametersSchema,
    answer: replaySchema,
  })
  async read(@Param() parameters: unknown, @Query() query: unknown): Promise<Replay> {
    refuseQuery(query);
    return listedReplay(this.storage.db, this.replays.find(readParameters(replayParametersSchema, parameters).id));
  }

  @Delete(`${REPLAY}/:id`)
  @Requires({ scope: SCOPES.policiesRead, roles: ROLES, reads: true })
  @Describe({
    id: 'cancelReplay',
    summary: 'End a replay; what it found so far is kept.',
    path: replayParametersSchema,
    answer: replaySchema,
  })
  async cancel(@Param() parameters: unknown, @Query() query: unknown): Promise<Replay> {
    refuseQuery(query);
    const { id } = readParameters(replayParametersSchema, parameters);
    return listedReplay(this.storage.db, await this.replays.cancel(id));
  }
}
